/** `sidelight serve`: one that knows a beacon node, and one that knows nobody but the first. */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { type Devnet, startDevnet } from "../../devnet/src/client.ts";
import {
  chainFile,
  ensureBuilt,
  expectFailure,
  killAll,
  lastLine,
  parseLines,
  type Running,
  removeFolders,
  sidelight,
  start,
  temporaryFolder,
} from "./support.ts";

const isHead = (line: string) => line.startsWith('{"event":"head"');

describe("sidelight serve", function () {
  this.timeout(120_000);
  let devnet: Devnet;
  let chain: string;
  let checkpoint: string;
  let store: string;

  before(async () => {
    ensureBuilt();
    // two periods, and blocks of two forks in them
    devnet = await startDevnet({ mode: "live", preSlots: 150, forks: { fulu: 0, gloas: 12 } });
    checkpoint = (await devnet.checkpoint({ epoch: 3 })).root;
    chain = await chainFile(devnet);
    store = temporaryFolder();
  });
  after(async () => {
    killAll();
    removeFolders();
    await devnet?.stop();
  });

  function serve(listen: string, beacons = [devnet.url], kept = store): Running {
    const fed = [
      ...beacons.flatMap((url) => ["--beacon", url]),
      "--store",
      kept,
      "--listen",
      listen,
      "--max-connections",
      "4",
    ];
    return start(["serve", "--network", chain, "--checkpoint", checkpoint, ...fed, "--json"]);
  }

  async function listeningOf(run: Running): Promise<{ address: string; enr: string }> {
    const line = await run.line((text) => text.startsWith('{"event":"listening"'));
    const { addresses, enr } = JSON.parse(line) as { addresses: string[]; enr: string };
    expect(addresses).to.have.length(1);
    return { address: addresses[0]!, enr };
  }

  async function endOf(run: Running) {
    run.child.kill("SIGTERM");
    const outcome = await run.ended;
    expect(outcome.code, outcome.stderr).to.equal(0);
    return outcome;
  }

  it("leaves no half of an identity on a full disk, which would be in the way of a whole one for ever", async () => {
    const folder = temporaryFolder();
    const args = ["serve", "--network", chain, "--checkpoint", checkpoint, "--beacon", devnet.url, "--store", folder];
    // a limit of no bytes stands for a full disk
    const outcome = await sidelight([...args, "--json"], { shell: 'ulimit -f 0; exec "$@"' });
    const { message } = expectFailure(outcome, 2, "OPTION_INVALID");
    expect(message).to.include("--store: expected a folder that can be written, got EFBIG");
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it("says in a line why it cannot listen, without libp2p's stack", async () => {
    const { port } = new URL(devnet.url);
    const listen = ["--listen", `/ip4/127.0.0.1/tcp/${port}/ws`];
    const args = ["serve", "--network", chain, "--checkpoint", checkpoint, "--beacon", devnet.url, ...listen];
    const { code, stderr } = await sidelight(args);
    expect(code).to.equal(2);
    expect(stderr).to.match(
      /--listen: .* got \/ip4\/127\.0\.0\.1\/tcp\/\d+\/ws: listen EADDRINUSE: [^\n]*OPTION_INVALID\n/,
    );
    expect(stderr).not.to.match(/^ +at |faultTolerance/m);
  });

  it("gives all that another one needs, who knows nobody else, again after it was away under the same name", async () => {
    let hub = serve("/ip4/127.0.0.1/tcp/0/ws");
    const { address, enr } = await listeningOf(hub);
    expect(address).to.match(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/ws\/p2p\/16Uiu2HA\w+$/);
    await hub.line(isHead);
    const base = ["--network", chain, "--checkpoint", checkpoint, "--peer", address, "--json"];
    const follower = start(["follow", ...base]);
    let count = 0;
    const headsBeyond = (n: number) => {
      count = 0;
      return follower.line((line) => isHead(line) && ++count > n);
    };
    await headsBeyond(2);

    // it has told that it leaves, and is found again
    expect(lastLine(await endOf(hub))).to.include({ event: "status", state: "stopped" });
    await follower.line((line) => line.includes('"event":"error"'));
    hub = serve(address.replace(/\/p2p\/.*/, ""));
    expect(await listeningOf(hub)).to.deep.equal({ address, enr });
    await headsBeyond(count + 1);

    // what was verified before it was away, and is not asked for again, is given all the same
    // asked by the record, which says the same as the address
    const byRecord = base.map((arg) => (arg === address ? enr : arg));
    const late = await sidelight(["sync", ...byRecord]);
    expect(late.code, late.stdout + late.stderr).to.equal(0);
    expect(lastLine(late)["periods"]).to.be.above(0);

    const told = parseLines(await endOf(follower));
    const heads = told.filter(({ event }) => event === "head") as { slot: number; root: string }[];
    for (const { slot, root } of heads) expect((await devnet.truth(slot))?.root).to.equal(root);
    const [leaving] = told.filter(({ event }) => event === "error") as { message: string }[];
    expect(leaving!.message).to.match(/it said goodbye: it shuts down/);
    await endOf(hub);
  });

  it("begins with bootstraps of the blocks that became final while it ran", async () => {
    const folder = join(store, readdirSync(store).find((name) => name.startsWith("sidelight-archive-"))!);
    const files = readdirSync(folder);
    expect(files.filter((name) => name.startsWith("bootstrap-")).length).to.be.above(1);
    expect(files.filter((name) => name.startsWith("update-")).length).to.be.above(0);
    expect(files.filter((name) => name.endsWith(".tmp"))).to.deep.equal([]);
  });

  it("names whoever sends a false bootstrap for others to begin with, and keeps the true one", async () => {
    // the first is for itself
    const lie = { kind: "wrong-branch", branch: "current-sync-committee", routes: ["bootstrap"], after: 1 } as const;
    const liar = await devnet.newServer([lie]);
    const kept = temporaryFolder();
    const run = serve("/ip4/127.0.0.1/tcp/0/ws", [liar.url, devnet.url], kept);
    const isTold = (line: string) => line.startsWith('{"event":"error"') && line.includes(new URL(liar.url).host);
    const told = JSON.parse(await run.line(isTold)) as { code: string };
    expect(told.code).to.equal("CURRENT_COMMITTEE_BRANCH_INVALID");
    await endOf(run);
    const folder = join(kept, readdirSync(kept).find((name) => name.startsWith("sidelight-archive-"))!);
    expect(readdirSync(folder).filter((name) => name.startsWith("bootstrap-")).length).to.be.above(0);
    await liar.close();
  });

  it("keeps its key to itself, and refuses to take another's place when it is broken", async () => {
    const key = join(store, "sidelight-identity.key");
    expect(statSync(key).mode & 0o777).to.equal(0o600);
    const text = readFileSync(key, "utf8");
    expect(text).to.match(/^[0-9a-f]+\n$/);
    const other = temporaryFolder();
    writeFileSync(join(other, "sidelight-identity.key"), "what");
    const args = ["--checkpoint", checkpoint, "--beacon", devnet.url, "--store", other, "--json"];
    const failed = expectFailure(await sidelight(["serve", "--network", chain, ...args]), 2, "OPTION_INVALID");
    expect(failed["message"]).to.match(/^--store: expected an identity in sidelight-identity\.key/);
  });

  it("refuses addresses that cannot be meant", async () => {
    const base = ["--network", chain, "--checkpoint", checkpoint, "--json"];
    const cases: [args: string[], message: RegExp][] = [
      [["serve", "--beacon", devnet.url, "--listen", "127.0.0.1:1"], /^--listen: expected a multiaddr of a websocket/],
      [["serve", "--beacon", devnet.url, "--listen", "/ip4/192.0.2.1/tcp/9/ws"], /^--listen: expected an address to/],
      [["sync", "--peer", "/ip4/127.0.0.1/tcp/9/ws"], /^--peer: expected an address that ends with \/p2p\//],
      [["sync", "--peer", "enr:what"], /^--peer: expected /],
    ];
    for (const [args, message] of cases) {
      const failed = expectFailure(await sidelight([...args, ...base]), 2, "OPTION_INVALID");
      expect(failed["message"]).to.match(message);
    }
  });
});
