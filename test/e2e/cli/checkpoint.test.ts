/** `--checkpoint quorum`, `--checkpoint stored`: what the command line trusts, and how it says so. */
import { expect } from "chai";
import { type Devnet, type Fault, startDevnet } from "../../devnet/src/client.ts";
import { closeServers } from "../../unit/transport/lying-server.js";
import { FALSE_ROOT, startParrot } from "../parrot.js";
import {
  chainFile,
  DEAD_URL,
  ensureBuilt,
  expectFailure,
  genesisTimeFor,
  killAll,
  lastLine,
  parseLines,
  removeFolders,
  sidelight,
  start,
  temporaryFolder,
} from "./support.ts";

const HEAD_SLOT = 3 * 64 + 29;
const SECONDS_PER_SLOT = 60;

interface Report {
  readonly epoch: number;
  readonly agreed: number;
  readonly operators: number;
  readonly required: number;
}

describe("the checkpoint of the command line", function () {
  this.timeout(120_000);
  let devnet: Devnet;
  let base: string[];

  before(async () => {
    ensureBuilt();
    const genesisTime = genesisTimeFor(HEAD_SLOT, SECONDS_PER_SLOT);
    devnet = await startDevnet({ secondsPerSlot: SECONDS_PER_SLOT, genesisTime });
    await devnet.produceTo(HEAD_SLOT);
    base = ["sync", "--network", await chainFile(devnet), "--beacon", devnet.url];
  });
  after(async () => {
    removeFolders();
    await devnet?.stop();
  });
  afterEach(async () => {
    killAll();
    await closeServers();
  });

  /** `--checkpoint-provider alpha=… --checkpoint-provider beta=…` */
  function providers(...urls: string[]): string[] {
    const names = ["alpha", "beta", "gamma", "delta"];
    return urls.flatMap((url, i) => ["--checkpoint-provider", `${names[i]}=${url}`]);
  }

  async function face(...faults: Fault[]): Promise<string> {
    return (await devnet.newServer(faults)).url;
  }

  describe("by quorum", () => {
    it("is what the providers agree on; who they are is in the checkpoint event", async () => {
      const args = [...base, ...providers(await face(), await face({ kind: "stale-head", slots: 8 }), await face())];
      const outcome = await sidelight([...args, "--require", "3", "--json"]);
      expect(outcome.code, outcome.stderr).to.equal(0);
      expect(outcome.stderr).to.equal("");
      const told = parseLines(outcome).filter(({ event }) => event === "checkpoint");
      expect(told).to.have.length(1);
      const { root, slot, origin, resumed, report } = told[0]! as Record<string, unknown> & { report: Report };
      const epoch = (await devnet.finalized()).epoch - 1;
      const truth = await devnet.checkpoint({ epoch });
      expect({ root, slot, origin, resumed }).to.deep.equal({
        root: truth.root,
        slot: truth.slot,
        origin: "provider",
        resumed: false,
      });
      expect(report).to.include({ epoch, agreed: 3, operators: 3, required: 3 });
      expect(lastLine(outcome)["finalized"]).to.include({ slot: (await devnet.finalized()).slot });
    });

    it("is told to people, with who agrees", async () => {
      const outcome = await sidelight([...base, ...providers(await face(), DEAD_URL, await face())]);
      expect(outcome.code, outcome.stderr).to.equal(0);
      expect(outcome.stdout).to.include("checkpoint by quorum of 3 providers");
      expect(outcome.stdout).to.match(/checkpoint +0x\w{6}…\w{6} +slot \d+ · 2 of 3 agree: alpha, gamma/);
      expect(outcome.stdout).to.include(`trusts       checkpoint ${(await devnet.finalized()).root}`);
      expect(outcome.stdout).to.include("told by 2 of 3 operators, 2 were needed");
    });

    it("is refused when one of three tells other roots: 3, and who said what", async () => {
      const parrot = await startParrot(devnet.url);
      const args = [...base, ...providers(await face(), await face(), parrot.url)];
      const failed = expectFailure(await sidelight([...args, "--json"]), 3, "CHECKPOINT_DISAGREEMENT");
      const { statements } = failed["details"] as { statements: { provider: string; verdict: string }[] };
      expect(statements.map(({ provider, verdict }) => `${provider} ${verdict}`)).to.deep.equal([
        "alpha agrees",
        "beta agrees",
        "gamma contradicts",
      ]);
      const { code, stdout, stderr } = await sidelight(args);
      expect(code).to.equal(3);
      expect(stdout).not.to.include("in sync");
      expect(stderr).to.match(/✘ the providers tell different roots of epoch \d+ {2}CHECKPOINT_DISAGREEMENT/);
      const { root } = await devnet.finalized();
      expect(stderr).to.match(new RegExp(`alpha +agrees +finalized epoch \\d+ {2}${root}`));
      expect(stderr).to.match(new RegExp(`gamma +contradicts +finalized epoch \\d+ {2}${FALSE_ROOT}`));
      expect(stderr).to.include("nothing was trusted");
    });

    it("is missing when too few answer: 4, and why each did not", async () => {
      const args = [...base, ...providers(await face(), DEAD_URL, await face({ kind: "status", status: 500 }))];
      const failed = expectFailure(await sidelight([...args, "--json"]), 4, "CHECKPOINT_NO_QUORUM");
      expect(failed["details"]).to.include({ required: 2, agreed: 0 });
      const { stderr } = await sidelight(args);
      expect(stderr).to.match(/beta +silent +beta: .*ECONNREFUSED/);
      expect(stderr).to.match(/gamma +silent +gamma: .*HTTP 500/);
      expect(stderr).to.include("--require fewer");
    });

    it("needs independent providers: 2 for several of one host that nobody vouches for", async () => {
      const args = [...base, "--json"];
      for (const url of [await face(), await face()]) args.push("--checkpoint-provider", url);
      const failed = expectFailure(await sidelight(args), 2, "OPTION_INVALID");
      expect(failed["details"]).to.include({ option: "--checkpoint-provider", actual: "1" });
      const outcome = await sidelight([...args, "--require", "1"]);
      expect(outcome.code, "unless one is enough").to.equal(0);
    });

    it("never shows what is secret in the URL of a provider", async () => {
      const key = "s3cr3t0123456789";
      const liar = await face({ kind: "garbage" });
      const urls = [`http://user:${key}@${liar.slice(7)}/${key}?k=${key}`, `${DEAD_URL}/${key}`, await face()];
      for (const flags of [[], ["--json"], ["--verbose"]]) {
        const { code, stdout, stderr } = await sidelight([...base, ...providers(...urls), ...flags]);
        expect(code).to.equal(4);
        expect(stdout + stderr).not.to.include(key);
      }
      const { stdout, stderr } = await sidelight([...base, "--checkpoint-provider", `ftp://u:${key}@a.example`]);
      expect(stderr).to.include("--checkpoint-provider: expected an http: or https: URL").and.not.include(key);
      expect(stdout).to.equal("");
    });

    it("is where a follow begins, too, and waits for while there is none", async () => {
      const server = await devnet.newServer([{ kind: "reset" }]);
      const args = ["follow", ...base.slice(1), ...providers(await face(), server.url), "--json"];
      const running = start(args);
      await running.line((line) => line.includes("CHECKPOINT_NO_QUORUM"));
      await server.setFaults([]);
      const line = await running.line((text) => text.includes('"event":"checkpoint"'));
      expect((JSON.parse(line) as { report: Report }).report).to.include({ agreed: 2 });
      await running.line((text) => text.includes('"event":"head"'));
      running.child.kill("SIGINT");
      expect((await running.ended).code).to.equal(0);
    });
  });

  describe("stored", () => {
    it("is all that a second run needs; an empty store is a mistake: 2", async () => {
      const store = temporaryFolder();
      const args = [...base, "--store", store, "--json"];
      const none = expectFailure(await sidelight([...args, "--checkpoint", "stored"]), 2, "CHECKPOINT_NOT_STORED");
      expect(none["message"]).to.include("holds no state");
      const { root } = await devnet.checkpoint({ epoch: 9 });
      expect((await sidelight([...args, "--checkpoint", root])).code).to.equal(0);
      const outcome = await sidelight([...args, "--checkpoint", "stored"]);
      expect(outcome.code, outcome.stderr).to.equal(0);
      const told = parseLines(outcome).find(({ event }) => event === "checkpoint");
      expect(told).to.include({ root, origin: "stored", resumed: true });
    });
  });
});
