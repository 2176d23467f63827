/** `sidelight prove` against a real chain, and `sidelight verify` with nobody to ask. */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, dirname, join } from "node:path";
import { expect } from "chai";
import { type Devnet, startDevnet } from "../../devnet/src/client.ts";
import { serveRpc } from "../../support/execution-chain.js";
import { buildState, PLAIN, type State, sampleAccounts } from "../../support/state.js";
import {
  chainFile,
  DEAD_URL,
  ensureBuilt,
  killAll,
  removeFolders,
  sidelight as runSidelight,
  writeTemporary,
} from "./support.ts";

/** Of one connection, not of the answer. */
const HOP = ["connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding"];

const sidelight = (...args: readonly string[]) => runSidelight(args);

describe("sidelight prove, sidelight verify", function () {
  this.timeout(120_000);
  let devnet: Devnet;
  let state: State;
  let rpc: { readonly url: string; close(): void };
  let checkpoint: string;
  let network: string;
  let file: string;

  before(async () => {
    ensureBuilt();
    state = await buildState(sampleAccounts());
    devnet = await startDevnet({ forks: { fulu: 0 }, executionStateRoot: state.stateRoot });
    rpc = await serveRpc(async (method, [first, second]) =>
      method === "eth_getBlockByHash"
        ? devnet.executionBlock(String(first))
        : state.getProof(String(first), (second as string[]).map(BigInt)),
    );
    await devnet.produceTo(150);
    checkpoint = (await devnet.checkpoint({ epoch: 9 })).root;
    network = await chainFile(devnet);
    file = writeTemporary("proof.slpf", "");
  });
  after(async () => {
    removeFolders();
    rpc?.close();
    await devnet?.stop();
  });
  afterEach(killAll);

  it("prove writes what verify proves: exit code 0", async () => {
    const made = await sidelight(
      "prove",
      ...["--network", network, "--checkpoint", checkpoint, "--beacon", devnet.url, "--rpc", rpc.url],
      ...["--path", "validators.3.effectiveBalance", "--path", "validators.500"],
      ...["--path", "validators.3.exitEpoch"],
      ...["--account", PLAIN, "--slot", "1", "-o", file],
    );
    expect(made.code, made.stderr).to.equal(0);
    const { code, stdout, stderr } = await sidelight("verify", file, "--network", network, "--checkpoint", checkpoint);
    expect(code, stderr).to.equal(0);
    const { balance } = state.accounts.get(PLAIN)!;
    for (const words of [
      'validators.3.effectiveBalance: "32000000000"',
      "validators.500: proven absent",
      'validators.3.exitEpoch: "18446744073709551615"',
      `${balance} wei`,
    ]) {
      expect(stdout).to.include(words);
      expect(made.stdout).to.include(words);
    }
    const json = await sidelight("verify", file, "--json", "--network", network, "--checkpoint", checkpoint);
    const told = JSON.parse(json.stdout) as {
      proven: boolean;
      values: readonly { value: unknown }[];
      execution: { account: { balanceWei: string } };
    };
    expect(told.values.map(({ value }) => value)).to.deep.equal(["32000000000", null, "18446744073709551615"]);
    expect(told.proven).to.equal(true);
    expect(told.execution.account.balanceWei).to.equal(String(balance));
  });

  it("verify tells what is not proven (3), what is no proof (5) and what cannot be meant (2)", async () => {
    const changed = new Uint8Array(readFileSync(file));
    changed[changed.length - 200]! ^= 1;
    const other = (await devnet.checkpoint({ epoch: 8 })).root;
    const false1 = await sidelight("verify", file, "--network", network, "--checkpoint", other);
    expect(false1.code).to.equal(3);
    expect(false1.stderr).to.include("not proven").and.include("BOOTSTRAP_ROOT_MISMATCH");
    const altered = writeTemporary("altered.slpf", changed as never);
    const false2 = await sidelight("verify", altered, "--json", "--network", network, "--checkpoint", checkpoint);
    expect(false2.code).to.equal(3);
    expect(JSON.parse(false2.stdout)).to.deep.include({ proven: false, verdict: "not proven" });
    const noProof = writeTemporary("none.slpf", "slpf?");
    expect((await sidelight("verify", noProof, "--network", network, "--checkpoint", checkpoint)).code).to.equal(5);
    const wrong: readonly (readonly [option: string, args: readonly string[]])[] = [
      ["--checkpoint", ["verify", file]],
      ["file", ["verify", "--checkpoint", checkpoint]],
      ["file", ["verify", `${file}.not`, "--checkpoint", checkpoint]],
      ["--network", ["verify", file, "--checkpoint", checkpoint, "--network", "from-beacon"]],
      ["--output", ["prove", "--checkpoint", checkpoint, "--beacon", devnet.url]],
      ["--beacon", ["prove", "--checkpoint", checkpoint, "-o", file]],
      ["--rpc", ["prove", "--checkpoint", checkpoint, "--beacon", devnet.url, "-o", file, "--account", PLAIN]],
      ["--account", ["prove", "--checkpoint", checkpoint, "--beacon", devnet.url, "-o", file, "--slot", "1"]],
      ["--slot", ["prove", "--checkpoint", checkpoint, "--beacon", devnet.url, "-o", file, "--slot", "one"]],
      [
        "--max-state-bytes",
        ["prove", "--checkpoint", checkpoint, "--beacon", devnet.url, "-o", file, "--max-state-bytes", "x"],
      ],
      ["command line", ["verify", "--nothing"]],
      ["command", ["verify", file, file, "--checkpoint", checkpoint]],
    ];
    for (const [option, args] of wrong) {
      const { code, stderr } = await sidelight(...args);
      expect(code, args.join(" ")).to.equal(2);
      expect(stderr).to.include(option);
    }
  });

  it("prove sends --header to the beacon node with every request", async () => {
    const keys: unknown[] = [];
    // a provider in front of the chain, which wants a key
    const front = createServer(async (request, response) => {
      keys.push(request.headers["x-key"]);
      if (request.headers["x-key"] !== "secret") return void response.writeHead(401).end();
      const { accept = "*/*" } = request.headers;
      const answer = await fetch(devnet.url + request.url, { headers: { accept } });
      response.writeHead(
        answer.status,
        Object.fromEntries([...answer.headers].filter(([name]) => !HOP.includes(name))),
      );
      response.end(new Uint8Array(await answer.arrayBuffer()));
    });
    await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
    const args = ["prove", "--network", network, "--checkpoint", checkpoint, "--beacon", url];
    const made = await sidelight(
      ...[...args, "--path", "validators.3.slashed", "-o", join(dirname(file), "keyed.slpf")],
      ...["--header", "X-Key: secret", "--timeout", "30"],
    );
    front.closeAllConnections();
    await new Promise((resolve) => front.close(resolve));
    expect(made.code, made.stderr).to.equal(0);
    expect(keys.length).to.be.at.least(4);
    expect(new Set(keys)).to.deep.equal(new Set(["secret"]));
    rmSync(join(dirname(file), "keyed.slpf"));
  });

  it("prove leaves an older proof as it is when the disk takes no more", async () => {
    const before = readFileSync(file);
    const args = ["prove", "--network", network, "--checkpoint", checkpoint, "--beacon", devnet.url, "-o", file];
    // a limit of no bytes stands for a full disk
    const { code, stderr } = await runSidelight(args, { shell: 'ulimit -f 0; exec "$@"' });
    expect(code, stderr).to.equal(2);
    expect(stderr).to.include("--output: expected a file that can be written, got EFBIG");
    expect(readFileSync(file)).to.deep.equal(before);
    expect(readdirSync(dirname(file))).to.deep.equal([basename(file)]);
  });

  it("prove asks nobody for what cannot be written, and names what was typed", async () => {
    const ofDead = ["prove", "--network", network, "--checkpoint", checkpoint, "--beacon", DEAD_URL];
    for (const [args, message] of [
      [[...ofDead, "-o", join(file, "in-a-file")], "--output: expected a file that can be written, got ENOTDIR"],
      [[...ofDead, "-o", dirname(file)], "--output: expected a file that can be written, got a folder"],
      [[...ofDead, "-o", file, "--rpc", "here", "--account", PLAIN], "--rpc: expected an http: or https: URL"],
      [[...ofDead, "-o", file, "--rpc", rpc.url, "--account", "0x12"], "--account: expected 0x hex of 20 bytes"],
      [
        [...ofDead.slice(0, -1), devnet.url, "-o", file, "--path", "validators.1.weight"],
        "--path: expected a field of Validator:",
      ],
    ] as const) {
      const { code, stderr } = await sidelight(...args);
      expect(code, stderr).to.equal(2);
      expect(stderr).to.include(message);
    }
  });

  it("prove --help, verify --help", async () => {
    for (const words of [
      ["prove", "--help"],
      ["help", "verify"],
    ]) {
      const { code, stdout } = await sidelight(...words);
      expect(code).to.equal(0);
      expect(stdout).to.include("--path").and.include("Exit codes");
    }
  });
});
