/** A few execution blocks, as another implementation would have made them, and a server that answers JSON-RPC from them. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { logsBloomOf } from "../../src/proof/bloom.js";
import { decodeExecutionHeaderJson, executionHeaderHash } from "../../src/proof/header.js";
import { HISTORY_STORAGE_ADDRESS } from "../../src/proof/index.js";
import { toHex } from "../../src/ssz/bytes.js";
import { blockOf } from "./small-block.js";
import { type AccountSeed, buildState, CODE, CONTRACT, type State, sampleAccounts } from "./state.js";
import { TRANSACTIONS } from "./transactions.js";

export const TOPIC = `0x${"ab".repeat(32)}`;
export const FIRST = 1000;

export interface ExecutionBlock {
  readonly number: number;
  readonly hash: string;
  readonly state: State;
  readonly json: Record<string, unknown>;
  readonly receipts: readonly unknown[];
}

/** Each has a transaction with a log of its own, but every third has no log. */
export async function buildExecutionChain(count: number): Promise<ExecutionBlock[]> {
  const blocks: ExecutionBlock[] = [];
  const history = new Map<bigint, bigint>();
  for (let i = 0; i < count; i++) {
    const number = FIRST + i;
    const parent = blocks.at(-1);
    if (parent !== undefined) history.set(BigInt(parent.number % 8191), BigInt(parent.hash));
    const accounts = sampleAccounts();
    const seed: AccountSeed = { nonce: 1n, balance: BigInt(i), storage: new Map(history) };
    accounts.set(HISTORY_STORAGE_ADDRESS, seed);
    const state = await buildState(accounts);
    const log = { address: CONTRACT, topics: [TOPIC], data: `0x${i.toString(16).padStart(2, "0")}` };
    const logs = i % 3 === 2 ? [] : [log];
    const receipts = [
      { type: "0x2", status: "0x1", cumulativeGasUsed: "0x5208", logsBloom: logsBloomOf(logs), logs },
    ] as const;
    const transactions = fc.sample(TRANSACTIONS[2]!, { seed: i, numRuns: 1 });
    const made = blockOf({ transactions, receipts: receipts as never, withdrawals: [] });
    const json: Record<string, unknown> = {
      ...made,
      number: `0x${number.toString(16)}`,
      parentHash: parent?.hash ?? `0x${"00".repeat(32)}`,
      stateRoot: state.stateRoot,
    };
    delete json["hash"];
    const hash = executionHeaderHash(decodeExecutionHeaderJson(json));
    blocks.push({ number, hash, state, json: { ...json, hash }, receipts });
  }
  return blocks;
}

export type RpcAnswer = (method: string, params: readonly unknown[]) => unknown | Promise<unknown>;

/** What a node that has these blocks answers; `null` for what it does not have. */
export function answersOf(blocks: readonly ExecutionBlock[]): RpcAnswer {
  const byHash = (hash: unknown) => blocks.find((block) => block.hash === hash);
  const byNumber = (quantity: unknown) => blocks.find((block) => block.number === Number(quantity));
  const hashesOf = ({ json }: ExecutionBlock) => (json["transactions"] as { hash: string }[]).map(({ hash }) => hash);
  return async (method, params) => {
    const [first, second, third] = params;
    switch (method) {
      case "eth_getBlockByHash": {
        const block = byHash(first);
        return block === undefined ? null : second ? block.json : { ...block.json, transactions: hashesOf(block) };
      }
      case "eth_getBlockByNumber":
        return byNumber(first)?.json ?? null;
      case "eth_getBlockReceipts":
        return byHash(first)?.receipts ?? null;
      case "eth_getProof":
        return byNumber(third)?.state.getProof(String(first), (second as string[]).map(BigInt)) ?? null;
      case "eth_getCode":
        return first === CONTRACT ? toHex(CODE) : "0x";
      case "eth_getTransactionReceipt": {
        const block = blocks.find((candidate) => hashesOf(candidate).includes(String(first)));
        return block === undefined ? null : { blockNumber: block.json["number"] };
      }
      default:
        throw new Error(`the method ${method} does not exist`);
    }
  };
}

/** Over HTTP. */
export async function serveRpc(answer: RpcAnswer): Promise<{ readonly url: string; close(): void }> {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { id, method, params } = JSON.parse(body) as { id: number; method: string; params: unknown[] };
    const said = await (async () => answer(method, params))().then(
      (result) => ({ result }),
      (error: Error) => ({ error: { code: -32601, message: error.message } }),
    );
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ jsonrpc: "2.0", id, ...said }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/key/secret-secret`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
