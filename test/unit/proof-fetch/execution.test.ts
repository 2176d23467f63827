import { expect } from "chai";
import type { VerifiedHeader } from "../../../src/client/types.js";
import { logsBloomOf } from "../../../src/proof/bloom.js";
import { decodeExecutionHeaderJson, executionHeaderHash } from "../../../src/proof/header.js";
import { HISTORY_STORAGE_ADDRESS } from "../../../src/proof/index.js";
import { type ExecutionReader, execution, type RpcSource, rpcSource } from "../../../src/proof-fetch/index.js";
import { toHex } from "../../../src/ssz/bytes.js";
import type { PeerEvent } from "../../../src/transport/pool/types.js";
import {
  answersOf,
  buildExecutionChain,
  type ExecutionBlock,
  FIRST,
  type RpcAnswer,
  serveRpc,
  TOPIC,
} from "../../support/execution-chain.js";
import { blockOf } from "../../support/small-block.js";
import { ABSENT, CODE, CONTRACT, PLAIN } from "../../support/state.js";

const COUNT = 8;

describe("execution", () => {
  let blocks: ExecutionBlock[];
  let server: { readonly url: string; close(): void };
  let reader: ExecutionReader;
  before(async () => {
    blocks = await buildExecutionChain(COUNT);
    server = await serveRpc(answersOf(blocks));
    reader = execution({ client: clientAt(blocks.at(-1)!), rpc: [rpcSource(server.url)] });
  });
  after(() => server?.close());

  /** Verified: from Gloas on a header proves nothing but the execution block's hash. */
  function headerOf({ hash }: ExecutionBlock, level: "finalized" | "optimistic"): VerifiedHeader {
    const proven = { blockHash: hash, blockNumber: null, stateRoot: null, receiptsRoot: null, timestamp: null };
    return { slot: 9, execution: proven, trust: { level } } as unknown as VerifiedHeader;
  }

  const clientAt = (block: ExecutionBlock) => ({ head: null, finalized: headerOf(block, "finalized") });

  it("getAccount, getBalance, getStorage, getCode: what the state of the verified block has", async () => {
    const last = blocks.at(-1)!;
    const { nonce, balance } = last.state.accounts.get(PLAIN)!;
    const account = await reader.getAccount(PLAIN);
    expect(account).to.deep.include({
      blockNumber: FIRST + COUNT - 1,
      blockHash: last.hash,
      stateRoot: last.state.stateRoot,
      trust: { level: "finalized" },
    });
    expect(account.value).to.deep.include({ nonce, balanceWei: balance });
    expect((await reader.getBalance(PLAIN)).value).to.equal(balance);
    expect((await reader.getBalance(ABSENT)).value).to.equal(0n);
    expect((await reader.getAccount(ABSENT)).value).to.equal(null);
    const [slot, stored] = [...last.state.accounts.get(CONTRACT)!.storage!].find(([, word]) => word !== 0n)!;
    expect((await reader.getStorage(CONTRACT, slot)).value).to.equal(stored);
    expect((await reader.getStorage(CONTRACT, 2n ** 200n)).value).to.equal(0n);
    expect((await reader.getCode(CONTRACT)).value).to.equal(toHex(CODE));
    expect((await reader.getCode(PLAIN)).value).to.equal("0x");
    expect((await reader.getCode(ABSENT)).value).to.equal("0x");
  });

  it("at a block's number: by the hashes that the state keeps (EIP-2935)", async () => {
    for (const at of [FIRST, FIRST + 4, FIRST + COUNT - 1]) {
      const { value, blockHash, blockNumber } = await reader.getBalance(HISTORY_STORAGE_ADDRESS, { at });
      expect(value).to.equal(BigInt(at - FIRST));
      expect({ blockNumber, blockHash }).to.deep.equal({ blockNumber: at, blockHash: blocks[at - FIRST]!.hash });
    }
    expect((await reader.getHeader({ at: FIRST + 2 })).value.number).to.equal(FIRST + 2);
    for (const at of [FIRST + COUNT, FIRST - 1, -1, 0.5])
      await expectRejection(reader.getBalance(PLAIN, { at }), "OPTION_INVALID");
  });

  it("getTransactionReceipt: receipt and transaction, by the roots of their block", async () => {
    for (const block of [blocks[1]!, blocks.at(-1)!]) {
      const { hash } = (block.json["transactions"] as { hash: string }[])[0]!;
      const { value, blockNumber } = await reader.getTransactionReceipt(hash);
      expect(blockNumber).to.equal(block.number);
      expect(value).to.deep.include({ index: 0 });
      expect(value.transaction.hash).to.equal(hash);
      expect(value.receipt.logs.length).to.equal((block.number - FIRST) % 3 === 2 ? 0 : 1);
    }
    await expectRejection(reader.getTransactionReceipt(`0x${"99".repeat(32)}`), "NO_SOURCE_ANSWERED");
  });

  it("getLogs: of all blocks, none left out", async () => {
    const { value } = await reader.getLogs({ address: CONTRACT, topics: [TOPIC], fromBlock: FIRST });
    const expected = blocks.filter((_, i) => i % 3 !== 2).map(({ number, hash }) => [number, hash]);
    expect(value.map(({ blockNumber, blockHash }) => [blockNumber, blockHash])).to.deep.equal(expected);
    expect(value.map(({ data }) => data)).to.deep.equal(expected.map(([number]) => `0x0${Number(number) - FIRST}`));
    expect((await reader.getLogs({ address: CONTRACT })).value).to.have.length(1);
    expect((await reader.getLogs({ address: PLAIN, fromBlock: FIRST })).value).to.deep.equal([]);
    const middle = await reader.getLogs({ fromBlock: FIRST + 3 }, { at: FIRST + 4 });
    expect(middle.value.map(({ blockNumber }) => blockNumber)).to.deep.equal([FIRST + 3, FIRST + 4]);
    for (const fromBlock of [FIRST + COUNT, -1, 0.5]) {
      await expectRejection(reader.getLogs({ fromBlock }), "OPTION_INVALID");
    }
  });

  it("getLogs: of a block with as many as its gas pays for", async () => {
    const count = 150_000;
    const log = { address: CONTRACT, topics: [], data: "0x" };
    const logs = new Array(count / 10).fill(log);
    const receipts = Array.from({ length: 10 }, (_, i) => ({
      type: "0x0",
      status: "0x1",
      cumulativeGasUsed: `0x${(i + 1).toString(16)}`,
      logsBloom: logsBloomOf([log]),
      logs,
    }));
    const made = blockOf({ transactions: [], receipts: receipts as never, withdrawals: [] });
    const { hash: _, ...json } = made as Record<string, unknown>;
    const hash = executionHeaderHash(decodeExecutionHeaderJson(json));
    const rpc: RpcSource = {
      name: "honest",
      call: async (method) => (method === "eth_getBlockReceipts" ? receipts : { ...json, hash }),
    };
    const full = execution({ client: clientAt({ ...blocks[0]!, hash }), rpc: [rpc] });
    const { value } = await full.getLogs({});
    expect(value).to.have.length(count);
    expect(value.at(-1)).to.include({ logIndex: count - 1, blockHash: hash });
  });

  it("blames whoever lies, asks the next, and hides its URL", async () => {
    const honest: RpcAnswer = answersOf(blocks);
    const truth = rpcSource(server.url, { name: "honest" });
    const changed = (method: string, change: (answer: never, params: readonly unknown[]) => unknown): RpcAnswer => {
      return async (asked, params) => {
        const answer = await honest(asked, params);
        return asked === method ? change(answer as never, params) : answer;
      };
    };
    type Ask = (reader: ExecutionReader) => Promise<unknown>;
    const tx = (blocks[1]!.json["transactions"] as { hash: string }[])[0]!.hash;
    const balance: Ask = (from) => from.getBalance(PLAIN);
    const lies: readonly (readonly [name: string, Ask, RpcAnswer])[] = [
      ["balance", balance, changed("eth_getProof", (answer: object) => ({ ...answer, balance: "0x1" }))],
      ["account", balance, changed("eth_getProof", () => blocks.at(-1)!.state.getProof(ABSENT))],
      ["old state", balance, changed("eth_getProof", (_, [address]) => blocks[0]!.state.getProof(String(address)))],
      ["header", balance, changed("eth_getBlockByHash", () => blocks[0]!.json)],
      ["no header", balance, () => 17],
      ["code", (from) => from.getCode(CONTRACT), changed("eth_getCode", () => "0x6001")],
      ["no code", (from) => from.getCode(CONTRACT), changed("eth_getCode", () => ({}))],
      ["no logs", (from) => from.getLogs({}), changed("eth_getBlockReceipts", () => [])],
      ["list", (from) => from.getLogs({}), changed("eth_getBlockReceipts", () => ({ length: 3 }))],
      [
        "other block",
        (from) => from.getTransactionReceipt(tx),
        changed("eth_getTransactionReceipt", () => ({ blockNumber: blocks[3]!.json["number"] })),
      ],
    ];
    for (const [name, ask, answer] of lies) {
      const liar = await serveRpc(answer);
      const events: PeerEvent[] = [];
      const options = { client: clientAt(blocks.at(-1)!), onPeer: (event: PeerEvent) => events.push(event) };
      const both = execution({ ...options, rpc: [rpcSource(liar.url, { name: "liar" }), truth] });
      expect(await ask(both), name).to.deep.equal(await ask(reader));
      expect(events[0], name).to.deep.include({ source: "liar", action: "evicted" });
      const alone = execution({ client: options.client, rpc: [rpcSource(liar.url)] });
      const message = await expectRejection(ask(alone), "NO_SOURCE_ANSWERED");
      expect(message).to.not.include("secret");
      liar.close();
    }
  });

  describe("at the head, by a node that has followed another branch", () => {
    /** It has the same blocks, but another one as the last. */
    const forked: RpcAnswer = (method, params) => {
      const last = { ...blocks.at(-1)!, state: blocks[2]!.state, hash: `0x${"f0".repeat(32)}` };
      const byHash = method === "eth_getBlockByHash"; // side blocks can be had by their hash
      return answersOf(
        byHash ? blocks : [...blocks.slice(0, -1), { ...last, json: { ...last.json, hash: last.hash } }],
      )(method, params);
    };
    const rpc = (name: string, answer: RpcAnswer): RpcSource => ({
      name,
      call: async (method, params) => answer(method, params),
    });

    async function balanceAt(at: "head" | "finalized", first: RpcAnswer) {
      const last = blocks.at(-1)!;
      const client = { head: headerOf(last, "optimistic"), finalized: headerOf(last, "finalized") };
      const events: PeerEvent[] = [];
      const sources = [rpc("first", first), rpc("honest", answersOf(blocks))];
      const both = execution({ client, rpc: sources, onPeer: (event) => events.push(event) });
      const { value } = await both.getBalance(HISTORY_STORAGE_ADDRESS, { at });
      expect(value).to.equal(BigInt(COUNT - 1));
      const alone = execution({ client, rpc: [rpc("first", first)] });
      const message = await expectRejection(alone.getBalance(HISTORY_STORAGE_ADDRESS, { at }), "NO_SOURCE_ANSWERED");
      return { actions: events.map(({ source, action }) => `${source} ${action}`), message };
    }

    it("passes it over without blame, and says which block it has", async () => {
      const { actions, message } = await balanceAt("head", forked);
      expect(actions).to.deep.equal([]);
      expect(message).to.include(
        `first: eth_getProof: expected the object, got: the state of block 1007 0x${"f0".repeat(32)}`,
      );
    });

    it("blames it at the finalized block, which has no other", async () => {
      expect((await balanceAt("finalized", forked)).actions).to.deep.equal(["first evicted"]);
    });

    for (const [what, said] of [
      ["the same block there", (): unknown => ({ hash: blocks.at(-1)!.hash.toUpperCase().replace("X", "x") })],
      ["no block there", () => Promise.reject(new Error("none"))],
      ["what is none", () => ({ hash: "0x12" })],
    ] as const) {
      it(`blames who answers falsely and has ${what}`, async () => {
        const liar: RpcAnswer = (method, params) =>
          method === "eth_getBlockByNumber" ? said() : forked(method, params);
        expect((await balanceAt("head", liar)).actions).to.deep.equal(["first evicted"]);
      });
    }
  });

  it("is not kept from a receipt by a node that names a block which cannot be looked at", async () => {
    const tx = (blocks[1]!.json["transactions"] as { hash: string }[])[0]!.hash;
    const truth = rpcSource(server.url, { name: "honest" });
    for (const blockNumber of ["0x0", "0xffffff", "0x1fffffffffffff"]) {
      const liar: RpcSource = {
        name: "liar",
        call: (method, params, call) =>
          method === "eth_getTransactionReceipt" ? Promise.resolve({ blockNumber }) : truth.call(method, params, call),
      };
      const both = execution({ client: clientAt(blocks.at(-1)!), rpc: [liar, truth] });
      expect((await both.getTransactionReceipt(tx)).blockNumber, blockNumber).to.equal(blocks[1]!.number);
    }
  });

  it("blames nobody for a block number that is too old", async () => {
    const events: PeerEvent[] = [];
    const high = { ...blocks.at(-1)!.json, number: "0x989680" };
    const hash = executionHeaderHash(decodeExecutionHeaderJson(high));
    const { state } = blocks.at(-1)!;
    const rpc: RpcSource = {
      name: "honest",
      call: async (method, [address, slots]) =>
        method === "eth_getBlockByHash"
          ? { ...high, hash }
          : state.getProof(String(address), (slots as string[]).map(BigInt)),
    };
    const client = clientAt({ ...blocks.at(-1)!, hash });
    const far = execution({ client, rpc: [rpc], onPeer: (event) => events.push(event) });
    await expectRejection(far.getBalance(PLAIN, { at: 10_000_000 - 8192 }), "OPTION_INVALID");
    await expectRejection(far.getBalance(PLAIN, { at: Number.NaN }), "OPTION_INVALID");
    expect(events).to.deep.equal([]);
  });

  it("passes over a node that does not know, or does not serve the method", async () => {
    const rpc = (name: string, answer: RpcAnswer): RpcSource => ({
      name,
      call: async (...call) => answer(call[0], call[1]),
    });
    const ignorant = await serveRpc(() => null);
    const events: PeerEvent[] = [];
    const both = execution({
      client: clientAt(blocks.at(-1)!),
      rpc: [rpcSource(ignorant.url, { name: "ignorant" }), rpc("own", answersOf(blocks))],
      onPeer: (event) => events.push(event),
    });
    expect((await both.getBalance(PLAIN)).value).to.equal((await reader.getBalance(PLAIN)).value);
    expect(events).to.deep.equal([]);
    ignorant.close();
    const refusing = await serveRpc(() => {
      throw new Error("the method does not exist");
    });
    const none = execution({ client: clientAt(blocks.at(-1)!), rpc: [rpcSource(refusing.url)] });
    expect(await expectRejection(none.getBalance(PLAIN), "NO_SOURCE_ANSWERED")).to.include("the method does not exist");
    refusing.close();
  });

  it("refuses what it cannot be asked", async () => {
    await expectRejection(reader.getBalance("0x12"), "OPTION_INVALID");
    await expectRejection(reader.getTransactionReceipt("0x12"), "OPTION_INVALID");
    await expectRejection(reader.getBalance(PLAIN, { at: "head" }), "CLIENT_STATE_INVALID");
    const before = { head: null, finalized: { slot: 9, execution: null } as unknown as VerifiedHeader };
    const early = execution({ client: before, rpc: [rpcSource(server.url)] });
    await expectRejection(early.getBalance(PLAIN), "CLIENT_STATE_INVALID");
    expect(() => execution({ client: before, rpc: [] })).to.throw(/rpc/);
    expect(() => rpcSource("ftp://x")).to.throw(/url/);
  });
});

async function expectRejection(promise: Promise<unknown>, code: string): Promise<string> {
  const thrown = await promise.then(
    () => null,
    (error: unknown) => error as { code?: string; message: string },
  );
  expect(thrown?.code, thrown?.message).to.equal(code);
  return thrown!.message;
}
