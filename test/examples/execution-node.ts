/**
 * An execution node of a chain whose blocks all have one state: headers by their hash, and `eth_getProof`, truly or with
 * somebody else's proof.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { addressOf, buildState, sampleAccounts } from "../support/state.js";

/** Somebody with a balance that a page can show. */
export const SOMEBODY = addressOf(0xbeef);

/** The state that every block of the chain has. */
export const state = await buildState(
  sampleAccounts().set(SOMEBODY, { nonce: 12n, balance: 1_234_567_890_123_456_789_012n }),
);

export interface ExecutionNode {
  readonly url: string;
  /** As it is named where it is blamed. */
  readonly host: string;
  /** Blocks that proofs were asked for. */
  readonly blocks: readonly number[];
  /** From now on it proves this account, whoever is asked for; `null`: no longer. */
  lie(address: string | null): void;
  close(): void;
}

/** Whoever has the chain's execution blocks. */
export interface ExecutionBlocks {
  executionBlock(hash: string): Promise<unknown>;
}

export async function startExecutionNode(chain: ExecutionBlocks): Promise<ExecutionNode> {
  const blocks: number[] = [];
  let lie: string | null = null;
  const server = createServer(async (request, response) => {
    const headers = { "access-control-allow-origin": "*", "access-control-allow-headers": "content-type" };
    if (request.method === "OPTIONS") return void response.writeHead(204, headers).end();
    let body = "";
    for await (const chunk of request) body += chunk;
    const { id, method, params } = JSON.parse(body) as { id: number; method: string; params: unknown[] };
    const answer = await answerTo(method, params);
    response.writeHead(200, { ...headers, "content-type": "application/json" });
    response.end(JSON.stringify({ jsonrpc: "2.0", id, ...answer }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function answerTo(method: string, params: unknown[]): Promise<object> {
    if (method === "eth_getBlockByHash") return { result: await chain.executionBlock(`${params[0]}`) };
    if (method !== "eth_getProof") return { error: { code: -32601, message: "no such method" } };
    const [address, slots, block] = params as [string, string[], string];
    blocks.push(Number(block));
    return { result: await state.getProof((lie ?? address).toLowerCase(), slots.map(BigInt)) };
  }

  return {
    url: `http://${host}/`,
    host,
    blocks,
    lie(address) {
      lie = address;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
