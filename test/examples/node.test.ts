import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { buildExtension } from "../../scripts/example-extension.js";
import { CONTRACT, PLAIN } from "../support/state.js";
import { type ExecutionNode, startExecutionNode, state } from "./execution-node.ts";
import type { LiveChain } from "./live-chain.ts";
import { sharedChain } from "./shared-chain.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples/", import.meta.url));

describe("the examples for Node", function () {
  this.timeout(300_000);
  let chain: LiveChain;
  let node: ExecutionNode;
  let folder: string;

  before(async () => {
    await buildExtension(); // and with it the library
    chain = await sharedChain();
    node = await startExecutionNode(chain.devnet);
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sidelight-example-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  after(() => node?.close());

  async function run(script: string, ...args: string[]): Promise<{ code: number | null; output: string }> {
    const common = ["--network", "other", "--beacon", chain.devnet.url, "--checkpoint", chain.checkpoint];
    const child = spawn(process.execPath, [join(EXAMPLES, script), ...common, ...args], {
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    return { code, output };
  }

  const prove = (slot: string, validator: string) => {
    const what = ["--contract", CONTRACT, "--slot", slot, "--validator", validator];
    return run("node-proof/proof.js", "--execution", node.url, ...what);
  };

  async function finalizedOf(output: string) {
    const [, slot] = /finalized:? slot (\d+)/.exec(output)!;
    return (await chain.devnet.truth(Number(slot)))!;
  }

  it("node-sync gets from a checkpoint to verified state roots", async () => {
    const { code, output } = await run("node-sync/sync.js", "--store", folder);
    expect(code, output).to.equal(0);
    const { stateRoot, executionBlockHash } = await finalizedOf(output);
    expect(output).to.include(`beacon state root ${stateRoot}\n`);
    expect(output).to.include(`execution block ${executionBlockHash}, state root ${state.stateRoot}\n`);
  });

  it("node-proof proves a word of storage and a validator's balance in the finalized state", async () => {
    const { code, output } = await prove("0x0b", "12");
    expect(code, output).to.equal(0);
    const { executionBlockNumber, stateRoot } = await finalizedOf(output);
    const word = state.accounts.get(CONTRACT)!.storage!.get(11n);
    expect(output).to.include(`${CONTRACT} at 0x0b: ${word}, proven in execution block ${executionBlockNumber}\n`);
    expect(node.blocks.at(-1), "the block that is final").to.equal(executionBlockNumber);
    const answer = await fetch(`${chain.devnet.url}/eth/v1/beacon/states/${stateRoot}/validators/12`);
    const { data } = (await answer.json()) as { data: { balance: string } };
    expect(output).to.include(`validator 12: ${data.balance} gwei, proven\n`);
  });

  it("node-proof proves that there is nothing", async () => {
    const { code, output } = await prove("0x0400", "4000");
    expect(code, output).to.equal(0);
    expect(output).to.include(`${CONTRACT} at 0x0400: 0, proven`);
    expect(output).to.include("validator 4000: none, proven\n");
  });

  it("node-proof refuses the proof of somebody else", async () => {
    node.lie(PLAIN);
    const { code, output } = await prove("0x0b", "12");
    node.lie(null);
    expect(code).to.equal(1);
    expect(output).to.include("NO_SOURCE_ANSWERED").and.include("CLAIM_MISMATCH");
    expect(output).not.to.include("proven in");
  });

  it("node-proof takes less than 30 lines of code", () => {
    const lines = readFileSync(join(EXAMPLES, "node-proof/proof.js"), "utf8").split("\n");
    expect(lines.filter((line) => !/^\s*(\/\/|$)/.test(line)).length).to.be.below(30);
  });

  it("npm run example:chain gives whoever has no node a chain to try them on", async () => {
    const script = fileURLToPath(new URL("chain.ts", import.meta.url));
    const child = spawn(process.execPath, ["--import", "tsx", script], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    try {
      const command = await new Promise<string>((resolve, reject) => {
        let output = "";
        child.stdout.on("data", (chunk) => {
          output += chunk;
          const [, found] = /Node {2}node (.*--validator \d+)/s.exec(output) ?? [];
          if (found !== undefined) resolve(found);
        });
        void ended.then(() => reject(new Error(`it ended: ${output}`)));
      });
      const words = command.split(/[\s\\]+/);
      const proof = spawn(process.execPath, words, { cwd: join(EXAMPLES, ".."), stdio: ["ignore", "pipe", "inherit"] });
      let output = "";
      proof.stdout.on("data", (chunk) => {
        output += chunk;
      });
      expect(await new Promise((resolve) => proof.on("close", resolve)), output).to.equal(0);
      expect(output).to.include(`${2n ** 66n}, proven in execution block`);
      expect(output).to.match(/validator 12: \d+ gwei, proven/);
    } finally {
      child.kill("SIGINT");
      expect(await ended, "ends on Ctrl-C").to.equal(0);
    }
  });
});
