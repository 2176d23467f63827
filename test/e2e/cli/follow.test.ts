/** `sidelight follow` of a chain that makes a block a second. */
import { existsSync } from "node:fs";
import { expect } from "chai";
import { type Devnet, startDevnet } from "../../devnet/src/client.ts";
import {
  chainFile,
  DEAD_URL,
  ensureBuilt,
  expectFailure,
  killAll,
  lastLine,
  parseLines,
  removeFolders,
  sidelight,
  start,
  temporaryFolder,
} from "./support.ts";

describe("sidelight follow", function () {
  this.timeout(120_000);
  let devnet: Devnet;
  let base: string[];
  let withoutBeacon: string[];

  before(async () => {
    ensureBuilt();
    devnet = await startDevnet({ mode: "live", preSlots: 150, forks: { fulu: 0, gloas: 12 } });
    const { root } = await devnet.checkpoint({ epoch: 3 });
    withoutBeacon = ["follow", "--network", await chainFile(devnet), "--checkpoint", root];
    base = [...withoutBeacon, "--beacon", devnet.url];
  });
  after(async () => {
    removeFolders();
    await devnet?.stop();
  });
  afterEach(killAll);

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`follows head after head and ends with 0 on ${signal}`, async () => {
      const run = start([...base, "--json"]);
      await run.line((line) => line.includes('"event":"status","state":"following"'));
      let heads = 0;
      await run.line((line) => line.startsWith('{"event":"head"') && ++heads >= 2);
      run.child.kill(signal);
      const outcome = await run.ended;
      expect(outcome.code, outcome.stderr).to.equal(0);
      expect(lastLine(outcome)).to.deep.equal({ event: "status", state: "stopped", reason: "stopped" });
      expect(outcome.stderr).to.equal("");
    });
  }

  it("serves metrics that agree with what it tells, and stops doing so when it ends", async () => {
    const run = start([...base, "--json", "--metrics", ":0"]);
    await run.line((line) => line.startsWith('{"event":"head"'));
    const url = /http:\/\/127\.0\.0\.1:\d+\/metrics/.exec(run.stderr())![0];
    const response = await fetch(url);
    expect(response.headers.get("content-type")).to.match(/^text\/plain; version=0\.0\.4/);
    const text = await response.text();
    const head = Number(/^sidelight_head_slot (\d+)$/m.exec(text)?.[1]);
    expect(await devnet.truth(head)).not.to.equal(null);
    expect(text).to.match(/^sidelight_verifications_total\{result="valid"\} [1-9]/m);
    expect(text).to.match(/^sidelight_source_bytes_total\{source="[^"]+"\} [1-9]/m);
    expect((await fetch(url.replace("/metrics", "/other"))).status).to.equal(404);
    run.child.kill("SIGTERM");
    const outcome = await run.ended;
    expect(outcome.code, outcome.stderr).to.equal(0);
    expect(await fetch(url).catch(() => "closed")).to.equal("closed");
  });

  it("refuses to measure where it cannot listen", async () => {
    for (const where of ["nowhere", "70000", "1.2.3.4:", "192.0.2.1:9100"]) {
      const failed = expectFailure(await sidelight([...base, "--json", "--metrics", where]), 2, "OPTION_INVALID");
      expect(failed["message"]).to.match(/^--metrics: expected (a port|to listen on)/);
    }
  });

  it("tells heads that the chain really has, in order, with who signed them", async () => {
    const outcome = await sidelight([...base, "--slots", "4", "--json"]);
    expect(outcome.code, outcome.stderr).to.equal(0);
    const lines = parseLines(outcome);
    const heads = lines.filter(({ event }) => event === "head") as { slot: number; root: string }[];
    expect(heads.length).to.be.at.least(2);
    expect(heads.at(-1)!.slot - heads[0]!.slot).to.be.at.least(4);
    for (const { slot, root } of heads) expect((await devnet.truth(slot))!.root).to.equal(root);
    const signed = lines.filter(({ event }) => event === "participation").at(-1) as { slot: number; count: number };
    expect(signed.count).to.equal((await devnet.truth(signed.slot))!.participants);
  });

  it("ends after --for seconds", async () => {
    const startedMs = Date.now();
    const outcome = await sidelight([...base, "--for", "2.5", "--json"]);
    expect(outcome.code, outcome.stderr).to.equal(0);
    expect(Date.now() - startedMs).to.be.at.least(2_500);
    expect(lastLine(outcome)).to.include({ event: "status", state: "stopped" });
  });

  it("writes a line a slot on a pipe, for people", async () => {
    const { code, stdout, stderr } = await sidelight([...base, "--slots", "3"]);
    expect(code, stderr).to.equal(0);
    const [title] = stdout.split("\n");
    expect(title).to.match(/^sidelight follow \d+\.\d+\.\d+ {2}sidelight-devnet$/);
    expect(stdout).to.match(/catching up +100 %/);
    expect(stdout).to.match(/Z {2}finality +\d+ +0x[0-9a-f]{6}…[0-9a-f]{6} +epoch \d+ · .* · 32\/32 signed/);
    expect(stdout).to.match(/Z {2}head +\d+ +0x\w{6}…\w{6} +participation 32\/32 █{10} +100 % +finality \d+/);
  });

  it("keeps what it verified in the store, for the next run", async () => {
    const store = temporaryFolder();
    await sidelight([...base, "--store", store, "--slots", "1"]);
    const outcome = await sidelight([...base, "--store", store, "--slots", "1", "--json"]);
    expect(outcome.code).to.equal(0);
    expect(parseLines(outcome).find(({ event }) => event === "store")).to.include({ outcome: "resumed" });
  });

  it("ends quietly when nobody reads any more", async () => {
    const run = start([...base, "--json"]);
    await run.line(() => true);
    run.child.stdout!.destroy();
    const outcome = await run.ended;
    expect({ code: outcome.code, stderr: outcome.stderr }).to.deep.equal({ code: 0, stderr: "" });
  });

  it("fails when the disk that keeps its output takes no more, and stops as it should", async function () {
    if (!existsSync("/dev/full")) this.skip();
    const { code, stderr } = await sidelight([...base, "--json"], { shell: 'exec "$@" > /dev/full' });
    expect(code, stderr).to.equal(1);
    expect(stderr).to.match(/^sidelight: stdout: expected to write, got ENOSPC: .*\n$/);
  });

  it("goes on while no server can be reached, and says so with --for running out", async () => {
    const outcome = await sidelight([...withoutBeacon, "--beacon", DEAD_URL, "--for", "1.5", "--json"]);
    const failed = expectFailure(outcome, 4, "TIME_OVER");
    expect(failed["message"]).to.include("no verified head within 1.5 s");
    expect(parseLines(outcome).some(({ event, code }) => event === "error" && code === "NETWORK_FAILED")).to.equal(
      true,
    );
  });

  it("tells trouble to people once, not every time", async () => {
    const outcome = await sidelight([...withoutBeacon, "--beacon", DEAD_URL, "--for", "4"]);
    expect(outcome.code).to.equal(4);
    expect(outcome.stderr.match(/NETWORK_FAILED/g)).to.have.length(1);
    const verbose = await sidelight([...withoutBeacon, "--beacon", DEAD_URL, "--for", "4", "--verbose"]);
    expect(verbose.stderr.match(/Z {2}error /g)!.length).to.be.above(2);
    expect(verbose.stderr).to.include("    at ");
  });

  it("ends with 0 on SIGINT also before there was a head: whoever ends it has seen what it did", async () => {
    const run = start([...withoutBeacon, "--beacon", DEAD_URL, "--json"]);
    await run.line((line) => line.includes('"event":"error"'));
    run.child.kill("SIGINT");
    expect((await run.ended).code).to.equal(0);
  });

  it("gives up at once on what trying again cannot mend", async () => {
    const outcome = await sidelight([...base, "--max-checkpoint-age", "1", "--json"]);
    expectFailure(outcome, 3, "CHECKPOINT_TOO_OLD");
  });
});
