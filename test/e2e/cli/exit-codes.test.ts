/** Every way to fail, by its exit code. `sidelight --help` documents them. */
import { existsSync } from "node:fs";
import { expect } from "chai";
import { type Devnet, type Fault, startDevnet } from "../../devnet/src/client.ts";
import {
  chainFile,
  DEAD_URL,
  ensureBuilt,
  expectFailure,
  genesisTimeFor,
  killAll,
  lastLine,
  removeFolders,
  sidelight,
  start,
  writeTemporary,
} from "./support.ts";

const HEAD_SLOT = 3 * 64 + 29;
const SECONDS_PER_SLOT = 60;
const ROOT = `0x${"ab".repeat(32)}`;

describe("exit codes", function () {
  this.timeout(120_000);
  let devnet: Devnet;
  let base: string[];

  before(async () => {
    ensureBuilt();
    const genesisTime = genesisTimeFor(HEAD_SLOT, SECONDS_PER_SLOT);
    devnet = await startDevnet({ secondsPerSlot: SECONDS_PER_SLOT, genesisTime });
    await devnet.produceTo(HEAD_SLOT);
    const { root } = await devnet.checkpoint({ epoch: 9 });
    base = ["sync", "--json", "--network", await chainFile(devnet), "--checkpoint", root];
  });
  after(async () => {
    removeFolders();
    await devnet?.stop();
  });
  afterEach(killAll);

  describe("2: usage", () => {
    const valid = ["sync", "--checkpoint", ROOT, "--beacon", DEAD_URL];
    const cases: [string, string[], string, RegExp][] = [
      ["no command", [], "OPTION_INVALID", /command: expected sync or follow or .*, got none/],
      ["an unknown command", ["watch"], "OPTION_INVALID", /got "watch"/],
      ["an unknown option", [...valid, "--chekpoint", ROOT], "OPTION_INVALID", /unknown option '--chekpoint'/],
      ["no checkpoint", ["sync", "--beacon", DEAD_URL], "OPTION_INVALID", /--checkpoint: expected .*got nothing/],
      ["a short root", ["sync", "--checkpoint", "0xabcd", "--beacon", DEAD_URL], "OPTION_INVALID", /got 4 hex digits/],
      [
        "a root without 0x",
        ["sync", "--checkpoint", "ab".repeat(32), "--beacon", DEAD_URL],
        "OPTION_INVALID",
        /got 64 hex digits without 0x/,
      ],
      ["no beacon", ["sync", "--checkpoint", ROOT], "OPTION_INVALID", /--beacon: expected .*got none/],
      [
        "a beacon that is no URL",
        ["sync", "--checkpoint", ROOT, "--beacon", "here"],
        "OPTION_INVALID",
        /--beacon: exp/,
      ],
      ["an unknown network", [...valid, "--network", "maynet"], "NETWORK_UNKNOWN", /mainnet, sepolia, .*got "maynet"/],
      ["a malformed time", [...valid, "--at", "yesterday"], "OPTION_INVALID", /--at: expected a slot, or a time/],
      ["a time to come", [...valid, "--at", "2999-01-01"], "OPTION_INVALID", /--at: expected a moment that has passed/],
      ["a time before genesis", [...valid, "--at", "2015-01-01"], "OPTION_INVALID", /--at: .*after the genesis/],
      [
        "a bound of follow",
        [...valid, "--slots", "3"],
        "OPTION_INVALID",
        /--slots: expected it with follow or serve only/,
      ],
      [
        "a store that is a file",
        [...valid, "--store", process.execPath],
        "OPTION_INVALID",
        /--store: expected a folder/,
      ],
      [
        "a place for evidence that is a file",
        [...valid, "--evidence", process.execPath],
        "OPTION_INVALID",
        /--evidence: expected a folder/,
      ],
      [
        "a genesis beside a name",
        [...valid, "--genesis-time", "1"],
        "OPTION_INVALID",
        /--genesis-time: expected no gen/,
      ],
      [
        "a forbidden header",
        [...valid, "--header", "accept: text/html"],
        "OPTION_INVALID",
        /--header: expected no Acc/,
      ],
    ];
    for (const [name, args, code, message] of cases) {
      it(`for ${name}, with what was expected and what came`, async () => {
        const outcome = await sidelight(args);
        expect(outcome.code, outcome.stderr).to.equal(2);
        expect(outcome.stderr).to.match(message).and.include("sidelight --help");
        expect(outcome.stdout).to.equal("");
        const json = expectFailure(await sidelight([...args, "--json"]), 2, code);
        expect(json["message"]).to.match(message);
      });
    }

    it("for a configuration file that cannot be used, with its field", async () => {
      const file = writeTemporary("config.yaml", "PRESET_BASE: minimal\nCONFIG_NAME: x\n");
      const flags = ["--genesis-time", "1", "--genesis-validators-root", ROOT];
      const args = ["sync", "--json", "--network", file, ...flags, "--checkpoint", ROOT, "--beacon", DEAD_URL];
      const failed = expectFailure(await sidelight(args), 2, "NETWORK_CONFIG_INVALID");
      expect(failed["details"]).to.have.property("field");
    });
  });

  describe("3: verification failed", () => {
    const faults: [string, Fault, string][] = [
      ["a bootstrap with another committee", { kind: "wrong-committee" }, "CURRENT_COMMITTEE_BRANCH_INVALID"],
      ["an update with another signature", { kind: "wrong-signature" }, "SIGNATURE_INVALID"],
      ["a branch that does not hold", { kind: "wrong-branch", branch: "finality" }, "FINALITY_BRANCH_INVALID"],
      ["noise", { kind: "garbage" }, "DECODE_FAILED"],
      ["an answer that never ends", { kind: "oversized" }, "INPUT_TOO_LARGE"],
      ["a page of HTML", { kind: "wrong-content-type", contentType: "text/html" }, "RESPONSE_INVALID"],
    ];
    for (const [name, fault, code] of faults) {
      it(`when all there is is ${name}`, async () => {
        const server = await devnet.newServer([fault]);
        const outcome = await sidelight([...base, "--beacon", server.url]);
        await server.close();
        const failed = expectFailure(outcome, 3, "NO_SOURCE_ANSWERED");
        const { attempts } = failed["details"] as { attempts: { code: string }[] };
        expect(attempts.map((attempt) => attempt.code)).to.deep.equal([code]);
      });
    }

    it("when one source lies and the others are silent, also if the lie came first", async () => {
      const server = await devnet.newServer([{ kind: "wrong-committee" }]);
      const deadFirst = await sidelight([...base, "--beacon", DEAD_URL, "--beacon", server.url]);
      expectFailure(deadFirst, 3, "NO_SOURCE_ANSWERED");
      const other = await devnet.newServer([{ kind: "status", status: 500, routes: ["updates"] }]);
      const lieFirst = await sidelight([...base, "--beacon", server.url, "--beacon", other.url]);
      const failed = expectFailure(lieFirst, 3, "NO_SOURCE_ANSWERED");
      const { attempts } = failed["details"] as { attempts: { code: string }[] };
      expect(attempts.map(({ code }) => code)).to.deep.equal(["HTTP_STATUS"]);
      await Promise.all([server.close(), other.close()]);
    });

    it("when the checkpoint is too old", async () => {
      const outcome = await sidelight([...base, "--beacon", devnet.url, "--max-checkpoint-age", "60"]);
      expectFailure(outcome, 3, "CHECKPOINT_TOO_OLD");
    });

    it("when the clock is before the checkpoint", async () => {
      const outcome = await sidelight([...base, "--beacon", devnet.url, "--at", "40"]);
      expectFailure(outcome, 3, "CLOCK_SKEWED");
    });

    it("when the head is old", async () => {
      const server = await devnet.newServer([{ kind: "stale-head", slots: 20 }]);
      const outcome = await sidelight([...base, "--beacon", server.url]);
      await server.close();
      expectFailure(outcome, 3, "HEAD_STALLED");
    });

    it("when a period cannot be proven", async () => {
      const server = await devnet.newServer([{ kind: "no-finality", routes: ["updates"] }]);
      const outcome = await sidelight([...base, "--beacon", server.url]);
      await server.close();
      expectFailure(outcome, 3, "CATCH_UP_INCOMPLETE");
    });

    it("when --network from-beacon gets a configuration that cannot be used", async () => {
      const server = await devnet.newServer([{ kind: "garbage", routes: ["spec"] }]);
      const args = ["sync", "--json", "--network", "from-beacon", "--checkpoint", ROOT, "--beacon", server.url];
      expectFailure(await sidelight(args), 3, "RESPONSE_INVALID");
      await server.close();
    });
  });

  describe("4: no source answered", () => {
    it("when the port is dead", async () => {
      const failed = expectFailure(await sidelight([...base, "--beacon", DEAD_URL]), 4, "NO_SOURCE_ANSWERED");
      expect(failed["message"]).to.include("127.0.0.1:2").and.include("ECONNREFUSED");
    });

    it("when there are only errors", async () => {
      const server = await devnet.newServer([{ kind: "status", status: 403 }]);
      expectFailure(await sidelight([...base, "--beacon", server.url]), 4, "NO_SOURCE_ANSWERED");
      await server.close();
    });

    it("when nobody has the checkpoint, with a hint", async () => {
      const args = [...base.slice(0, -1), ROOT, "--beacon", devnet.url];
      expectFailure(await sidelight(args), 4, "NO_SOURCE_ANSWERED");
      const { stderr } = await sidelight(args.filter((arg) => arg !== "--json"));
      expect(stderr).to.include("a checkpoint must be the root of a finalized block");
    });

    it("when the answer takes longer than --timeout", async () => {
      const server = await devnet.newServer([{ kind: "hang" }]);
      const outcome = await sidelight([...base, "--beacon", server.url, "--timeout", "0.3"]);
      await server.close();
      const failed = expectFailure(outcome, 4, "NO_SOURCE_ANSWERED");
      expect(failed["message"]).to.include("within 300 ms");
    });

    it("when --network from-beacon cannot be asked", async () => {
      const args = ["sync", "--json", "--network", "from-beacon", "--checkpoint", ROOT, "--beacon", DEAD_URL];
      expectFailure(await sidelight(args), 4, "NETWORK_FAILED");
    });
  });

  describe("ended from outside", () => {
    for (const [signal, code] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ] as const) {
      it(`${code}: by ${signal} before it was done`, async () => {
        const server = await devnet.newServer([{ kind: "hang" }]);
        const run = start([...base, "--beacon", server.url]);
        await run.line((line) => line.includes("bootstrapping"));
        run.child.kill(signal);
        const failed = expectFailure(await run.ended, code, "INTERRUPTED");
        expect(failed["details"]).to.deep.equal({ signal });
        await server.close();
      });
    }

    for (const format of ["--json", "text"]) {
      it(`141: by a reader that went away, without a word (${format})`, async () => {
        const server = await devnet.newServer([{ kind: "slow", ms: 500 }]);
        const args = format === "--json" ? base : base.filter((arg) => arg !== "--json");
        const run = start([...args, "--beacon", server.url]);
        await run.line((line) => line.includes("bootstrapping"));
        run.child.stdout!.destroy();
        const { code, stderr } = await run.ended;
        expect({ code, stderr }).to.deep.equal({ code: 141, stderr: "" });
        await server.close();
      });
    }

    it("1: by a disk that takes no more of its output, in a line, whether it has just begun or is done", async function () {
      if (!existsSync("/dev/full")) this.skip();
      for (const args of [["--help"], [...base, "--beacon", devnet.url]]) {
        const { code, stderr } = await sidelight(args, { shell: 'exec "$@" > /dev/full' });
        expect(code, stderr).to.equal(1);
        expect(stderr).to.match(/^sidelight: stdout: expected to write, got ENOSPC: .*\n$/);
      }
    });
  });

  it("never shows what may be a key: not of the URL, not of a header", async () => {
    const url = `${DEAD_URL.replace("//", "//user:pa55word@")}/v3/k3y-in-path?token=k3y-in-query`;
    const args = [...base.filter((arg) => arg !== "--json"), "--beacon", url, "--header", "x-key: k3y-in-header"];
    for (const format of [[], ["--json"]]) {
      const { stdout, stderr, code } = await sidelight([...args, ...format, "--verbose"]);
      expect(code).to.equal(4);
      expect(stdout + stderr).not.to.match(/pa55word|k3y/);
    }
  });

  it("0: help and version, on stdout", async () => {
    for (const args of [["--help"], ["help"], ["sync", "--help"], ["help", "follow"], ["-h"]]) {
      const outcome = await sidelight(args);
      expect(outcome.code).to.equal(0);
      expect(outcome.stdout).to.include("Exit codes").and.include("sidelight");
    }
    expect((await sidelight(["--version"])).stdout).to.match(/^\d+\.\d+\.\d+\n$/);
  });

  it("0: done", async () => {
    const outcome = await sidelight([...base, "--beacon", devnet.url]);
    expect(outcome.code).to.equal(0);
    expect(lastLine(outcome)["event"]).to.equal("synced");
  });
});
