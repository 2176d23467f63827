import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Fault, FaultKind, FaultOf } from "../faults.ts";
import type { Answer } from "./result.ts";

export type Exchange = {
  response: ServerResponse;
  /** Aborted when the client goes away or the face closes. */
  signal: AbortSignal;
  /** Called with the number of body bytes each time some are handed to the socket. */
  sent: (bytes: number) => void;
};

const CHUNK = new Uint8Array(64 * 1024).fill(0x20);

export function findFault<K extends FaultKind>(faults: readonly Fault[], kind: K): FaultOf<K> | undefined {
  return faults.find((fault) => fault.kind === kind) as FaultOf<K> | undefined;
}

/** Waits, unless the exchange ends first. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal, ref: false }).catch(() => undefined);
}

function write({ response, sent }: Exchange, bytes: Uint8Array): boolean {
  sent(bytes.length);
  return response.write(bytes);
}

async function drained({ response, signal }: Exchange): Promise<void> {
  if (!response.writableNeedDrain) return;
  await new Promise<void>((resolve) => {
    response.once("drain", resolve);
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

async function sendDrip(exchange: Exchange, answer: Answer, fault: FaultOf<"drip">): Promise<void> {
  const { chunkBytes = 16, ms = 50 } = fault;
  exchange.response.writeHead(answer.status, answer.headers);
  for (let at = 0; at < answer.body.length && !exchange.signal.aborted; at += chunkBytes) {
    write(exchange, answer.body.subarray(at, at + chunkBytes));
    await pause(ms, exchange.signal);
  }
  exchange.response.end();
}

/** Starts with the honest body, so that no check of its first bytes alone can tell. */
async function sendOversized(exchange: Exchange, answer: Answer, fault: FaultOf<"oversized">): Promise<void> {
  const { variant = "endless", bytes = 2 ** 30 } = fault;
  const { "content-length": _, ...headers } = answer.headers;
  const isDeclared = variant === "declared";
  exchange.response.writeHead(answer.status, isDeclared ? { ...headers, "content-length": String(bytes) } : headers);
  write(exchange, answer.body);
  let left = isDeclared ? bytes - answer.body.length : Infinity;
  while (left > 0 && !exchange.signal.aborted) {
    const chunk = CHUNK.subarray(0, Math.min(left, CHUNK.length));
    left -= chunk.length;
    write(exchange, chunk);
    await drained(exchange);
    // A declared size is what is tested, not the bandwidth.
    await pause(isDeclared ? 20 : 0, exchange.signal);
  }
  if (!exchange.signal.aborted) exchange.response.end();
}

function sendCut(exchange: Exchange, answer: Answer): void {
  const { response } = exchange;
  const half = answer.body.subarray(0, answer.body.length >> 1);
  response.writeHead(answer.status, answer.headers);
  exchange.sent(half.length);
  response.write(half, () => response.socket?.destroy());
}

/** Faults that never come to an answer. */
export function isUnanswered(exchange: Exchange, faults: readonly Fault[]): boolean {
  if (findFault(faults, "reset")) {
    exchange.response.socket?.resetAndDestroy();
    return true;
  }
  return findFault(faults, "hang") !== undefined;
}

export async function sendAnswer(exchange: Exchange, answer: Answer, faults: readonly Fault[]): Promise<void> {
  const drip = findFault(faults, "drip");
  const oversized = findFault(faults, "oversized");
  const truncated = findFault(faults, "truncated");
  if (drip) return sendDrip(exchange, answer, drip);
  if (oversized) return sendOversized(exchange, answer, oversized);
  if (truncated && truncated.variant !== "clean") return sendCut(exchange, answer);
  exchange.response.writeHead(answer.status, answer.headers);
  exchange.sent(answer.body.length);
  exchange.response.end(answer.body);
}
