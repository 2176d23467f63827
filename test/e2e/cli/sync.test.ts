/** `sidelight sync` against a real chain whose head is now. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { stringify } from "yaml";
import { type Devnet, type RequestRecord, startDevnet } from "../../devnet/src/client.ts";
import { staticNode } from "./static-node.ts";
import {
  chainFile,
  ensureBuilt,
  expectFailure,
  genesisTimeFor,
  killAll,
  lastLine,
  parseLines,
  removeFolders,
  sidelight,
  temporaryFolder,
  writeTemporary,
} from "./support.ts";

const HEAD_SLOT = 5 * 64 + 29;
/** Slow slots: the head stays the newest for as long as the tests take. */
const SECONDS_PER_SLOT = 60;

describe("sidelight sync", function () {
  this.timeout(120_000);
  let devnet: Devnet;
  let network: string;
  let checkpoint: string;
  let base: string[];

  before(async () => {
    ensureBuilt();
    devnet = await startDevnet({
      forks: { capella: 4, deneb: 9, electra: 20, fulu: 30 },
      secondsPerSlot: SECONDS_PER_SLOT,
      genesisTime: genesisTimeFor(HEAD_SLOT, SECONDS_PER_SLOT),
      patterns: [{ offline: 0.1 }],
    });
    await devnet.produceTo(HEAD_SLOT);
    network = await chainFile(devnet);
    checkpoint = (await devnet.checkpoint({ epoch: 9 })).root;
    base = ["sync", "--network", network, "--checkpoint", checkpoint];
  });
  after(async () => {
    removeFolders();
    await devnet?.stop();
  });
  afterEach(killAll);

  it("gets to the head and says so in a last line of exactly these keys", async () => {
    const outcome = await sidelight([...base, "--beacon", devnet.url, "--json"]);
    expect(outcome.code, outcome.stderr).to.equal(0);
    const synced = lastLine(outcome);
    expect(Object.keys(synced)).to.deep.equal(["event", "finalized", "optimistic", "periods", "elapsedMs"]);
    expect(synced["event"]).to.equal("synced");
    // the head's own signature comes with the block after it
    const head = (await devnet.truth(HEAD_SLOT - 1))!;
    const finalized = await devnet.finalized();
    expect(synced["optimistic"]).to.include({ slot: head.slot, root: head.root, stateRoot: head.stateRoot });
    expect(synced["optimistic"]).to.have.nested.property("execution.blockHash", head.executionBlockHash);
    expect(synced["finalized"]).to.include({ slot: finalized.slot, root: finalized.root });
    expect(synced["periods"]).to.equal(5);
    expect(synced["elapsedMs"]).to.be.a("number").above(0);
  });

  it("writes an event a line, each with its payload, and nothing else on stdout", async () => {
    const outcome = await sidelight([...base, "--beacon", devnet.url, "--json"]);
    const lines = parseLines(outcome);
    const names = new Set(lines.map(({ event }) => event));
    expect([...names].sort()).to.deep.equal([
      "checkpoint",
      "committee",
      "finality",
      "head",
      "participation",
      "status",
      "synced",
    ]);
    const of = (name: string) => lines.filter(({ event }) => event === name);
    expect(of("checkpoint")).to.have.length(1);
    expect(of("checkpoint")[0]).to.include({ root: checkpoint, origin: "given", stale: false });
    expect(of("committee").map(({ period }) => period)).to.deep.equal([1, 2, 3, 4, 5, 6]);
    expect(of("committee")[0]).not.to.have.property("pubkeys");
    expect(of("status").map(({ state }) => state)).to.include.members(["bootstrapping", "catching-up"]);
    expect(of("participation")[0]).to.include.keys("slot", "bits", "count", "size", "rate", "absent", "trust");
    expect(of("finality").at(-1)!["root"]).to.equal((lines.at(-1)!["finalized"] as { root: string }).root);
    expect(outcome.stderr).to.equal("");
  });

  it("tells whole committees and stacks with --verbose", async () => {
    const outcome = await sidelight([...base, "--beacon", devnet.url, "--json", "--verbose"]);
    const committee = parseLines(outcome).find(({ event }) => event === "committee")!;
    expect(committee["pubkeys"]).to.have.length(32);
  });

  it("goes on from the store: a second run asks for far less", async () => {
    const server = await devnet.newServer();
    const store = join(temporaryFolder(), "not", "there", "yet");
    const args = [...base, "--beacon", server.url, "--store", store, "--json"];
    const first = await sidelight(args);
    const firstRequests = await server.requests();
    await server.clearRequests();
    const second = await sidelight(args);
    const secondRequests = await server.requests();
    await server.close();

    expect([first.code, second.code]).to.deep.equal([0, 0]);
    expect(routesOf(firstRequests)).to.include.members(["bootstrap", "updates", "finality_update"]);
    expect(routesOf(secondRequests)).to.deep.equal(["optimistic_update"]);
    expect(readdirSync(store)).to.have.length(1);
    expect(parseLines(second).find(({ event }) => event === "store")).to.include({ outcome: "resumed" });
    expect(lastLine(second)["periods"]).to.equal(0);
    expect((lastLine(second)["finalized"] as { root: string }).root).to.equal(
      (lastLine(first)["finalized"] as { root: string }).root,
    );
  });

  it("keeps nothing without --store", async () => {
    const server = await devnet.newServer();
    const args = [...base, "--beacon", server.url, "--json"];
    await sidelight(args);
    await server.clearRequests();
    await sidelight(args);
    expect(routesOf(await server.requests())).to.include("bootstrap");
    await server.close();
  });

  it("does not use what is stored for another checkpoint", async () => {
    const store = temporaryFolder();
    await sidelight([...base, "--beacon", devnet.url, "--store", store]);
    const other = (await devnet.checkpoint({ epoch: 12 })).root;
    const args = [
      "sync",
      "--network",
      network,
      "--checkpoint",
      other,
      "--beacon",
      devnet.url,
      "--store",
      store,
      "--json",
    ];
    const outcome = await sidelight(args);
    expect(outcome.code).to.equal(0);
    expect(parseLines(outcome).find(({ event }) => event === "store")).to.include({ outcome: "discarded" });
  });

  it("tells people the result in words", async () => {
    const { code, stdout, stderr } = await sidelight([...base, "--beacon", devnet.url]);
    expect(code, stderr).to.equal(0);
    const head = (await devnet.truth(HEAD_SLOT - 1))!;
    expect(stdout).to.include("sidelight-devnet is in sync");
    expect(stdout).to.include(head.root).and.include(head.executionBlockHash!);
    expect(stdout).to.include((await devnet.finalized()).root);
    const { participants } = (await devnet.truth(HEAD_SLOT))!;
    expect(stdout).to.match(new RegExp(`signed +by ${participants} of 32`));
    expect(stdout).to.include(`checkpoint ${checkpoint}`);
    expect(stdout, "no escape sequences on a pipe").not.to.include("\u001b");
    expect(stderr).to.equal("");
  });

  it("colours a pipe only where it is asked to", async () => {
    const forced = await sidelight([...base, "--beacon", devnet.url], { env: { FORCE_COLOR: "1" } });
    expect(forced.stdout).to.include("\u001b[");
    const both = await sidelight([...base, "--beacon", devnet.url, "--no-color"], { env: { FORCE_COLOR: "1" } });
    expect(both.stdout).not.to.include("\u001b[");
  });

  it("asks the next --beacon when one is down, and says so", async () => {
    const server = await devnet.newServer([{ kind: "status", status: 503 }]);
    const outcome = await sidelight([...base, "--beacon", server.url, "--beacon", devnet.url]);
    await server.close();
    expect(outcome.code).to.equal(0);
    expect(outcome.stderr).to.match(/error .*HTTP 503.*HTTP_STATUS/);
  });

  it("sends a --header with every request to the --beacon before it, and to nobody else", async () => {
    const [first, second] = [await staticNode({}), await staticNode({})];
    const keyed = ["--beacon", first.url, "--header", "X-Api-Key: secret", "--header", "x-other:1"];
    await sidelight([...base, ...keyed, "--beacon", second.url, "--header", "x-third: 2"]);
    await first.close();
    await second.close();
    for (const [{ requests }, own, others] of [
      [first, { "x-api-key": "secret", "x-other": "1" }, ["x-third"]],
      [second, { "x-third": "2" }, ["x-api-key", "x-other"]],
    ] as const) {
      expect(requests).to.not.be.empty;
      for (const { headers } of requests)
        expect(headers)
          .to.include(own)
          .and.not.have.any.keys(...others);
    }
  });

  describe("--network", () => {
    it("takes the chain from the first --beacon when it is told to, and warns aloud", async () => {
      const args = ["sync", "--network", "from-beacon", "--checkpoint", checkpoint, "--beacon", devnet.url, "--json"];
      const outcome = await sidelight(args);
      expect(outcome.code).to.equal(0);
      expect(outcome.stderr).to.match(/warning: .*taken on trust from 127\.0\.0\.1/);
      expect(outcome.stderr).to.include(devnet.info.genesisValidatorsRoot);
      expect(lastLine(outcome)["event"]).to.equal("synced");
    });

    it("takes a YAML configuration with the genesis in options or in the file", async () => {
      const { genesisTime, genesisValidatorsRoot, spec } = devnet.info;
      const bare = writeTemporary("config.yaml", stringify(spec, { schema: "failsafe", defaultStringType: "PLAIN" }));
      const genesis = { GENESIS_TIME: String(genesisTime), GENESIS_VALIDATORS_ROOT: genesisValidatorsRoot };
      const whole = writeTemporary("whole.yaml", stringify({ ...spec, ...genesis }, { schema: "failsafe" }));
      const rest = ["--checkpoint", checkpoint, "--beacon", devnet.url, "--json"];
      const flags = ["--genesis-time", String(genesisTime), "--genesis-validators-root", genesisValidatorsRoot];
      const byFlags = await sidelight(["sync", "--network", bare, ...flags, ...rest]);
      expect(byFlags.code, byFlags.stderr).to.equal(0);
      const byKeys = await sidelight(["sync", "--network", whole, ...rest]);
      expect(byKeys.code, byKeys.stderr).to.equal(0);
    });
  });

  describe("--at", () => {
    it("verifies as of then: the head of that time is the newest, and its age does not matter", async () => {
      const at = HEAD_SLOT - 100;
      const server = await devnet.newServer([{ kind: "stale-head", slots: 100 }]);
      const outcome = await sidelight([...base, "--beacon", server.url, "--at", String(at), "--json"]);
      await server.close();
      expect(outcome.code, outcome.stdout).to.equal(0);
      expect(lastLine(outcome)["optimistic"]).to.include({ slot: at - 1, root: (await devnet.truth(at - 1))!.root });
    });

    it("refuses what was signed later", async () => {
      const at = HEAD_SLOT - 100;
      const outcome = await sidelight([...base, "--beacon", devnet.url, "--at", String(at), "--json"]);
      const codes = parseLines(outcome).map(({ code }) => code);
      expect(codes).to.include("UPDATE_FROM_FUTURE");
      const { slot } = (lastLine(outcome)["optimistic"] ?? { slot: 0 }) as { slot: number };
      expect(slot).to.be.below(at);
    });

    it("makes the checkpoint's age a warning", async () => {
      const time = new Date((devnet.info.genesisTime + HEAD_SLOT * SECONDS_PER_SLOT) * 1000).toISOString();
      const args = [...base, "--beacon", devnet.url, "--at", time, "--max-checkpoint-age", "60", "--json"];
      const outcome = await sidelight(args);
      expect(outcome.code, outcome.stderr).to.equal(0);
      expect(outcome.stderr).to.match(/warning: the checkpoint is .* old, beyond the limit of 1 min/);
    });
  });

  it("starts from an old checkpoint with --stale-checkpoint warn, and warns", async () => {
    const args = [...base, "--beacon", devnet.url, "--max-checkpoint-age", "60", "--stale-checkpoint", "warn"];
    const outcome = await sidelight(args);
    expect(outcome.code, outcome.stderr).to.equal(0);
    expect(outcome.stderr).to.match(/warning +the checkpoint is .* old.*--stale-checkpoint/);
  });

  it("forces an update only with --force-update, and says so aloud", async () => {
    const slots = 3 * 64 + 20;
    const stuck = await startDevnet({
      secondsPerSlot: SECONDS_PER_SLOT,
      genesisTime: genesisTimeFor(slots, SECONDS_PER_SLOT),
      // 20 of 32 sign: enough for a head, not for a committee; and half of the votes finalize nothing
      patterns: [{ from: 64, attestationParticipation: 0.5, syncCount: 20 }],
    });
    await stuck.produceTo(slots);
    const { root } = await stuck.checkpoint({ epoch: 8 });
    const args = ["sync", "--network", await chainFile(stuck), "--checkpoint", root, "--beacon", stuck.url];
    const refused = await sidelight([...args, "--json"]);
    expectFailure(refused, 3, "CATCH_UP_INCOMPLETE");
    const forced = await sidelight([...args, "--json", "--force-update"]);
    expect(forced.code, forced.stdout).to.equal(0);
    expect(parseLines(forced).some(({ event }) => event === "forced-update")).to.equal(true);
    expect(lastLine(forced)["finalized"]).to.have.nested.property("trust.forced", true);
    const told = await sidelight([...args, "--force-update"]);
    expect(told.stdout)
      .to.include("FORCED")
      .and.match(/forced .* as --force-update allows/);
    await stuck.stop();
  });
});

function routesOf(requests: readonly RequestRecord[]): string[] {
  return [...new Set(requests.map(({ route }) => route))].sort();
}
