/** Real HTTP servers that do as they are told, and a clock that knows who is still asleep. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { expect } from "chai";
import { type Clock, systemClock } from "../../../src/clock.js";
import { type ErrorCode, isSidelightError, type SidelightError } from "../../../src/errors.js";

export type Handler = (request: IncomingMessage, response: ServerResponse, index: number) => void;

export interface LyingServer {
  readonly url: string;
  readonly host: string;
  readonly requests: { url: string; headers: IncomingHttpHeaders }[];
  /**
   * Requests whose answer is neither complete nor hung up on. (Not sockets: after a hang-up Node's `fetch` may open an
   * idle one ahead of need.)
   */
  openAnswers(): number;
  /** Connections that were ever made. */
  connections(): number;
}

const closers: (() => Promise<void>)[] = [];

/** Starts a server; {@link closeServers} in `afterEach` ends it. `index` counts the requests from 0. */
export async function lyingServer(handler: Handler): Promise<LyingServer> {
  const requests: LyingServer["requests"] = [];
  const sockets = new Set<Socket>();
  let openAnswers = 0;
  let connections = 0;
  const server = createServer((request, response) => {
    requests.push({ url: request.url ?? "", headers: request.headers });
    openAnswers++;
    response.on("close", () => openAnswers--);
    handler(request, response, requests.length - 1);
  });
  server.on("connection", (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  );
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: `http://${host}`, host, requests, openAnswers: () => openAnswers, connections: () => connections };
}

export async function closeServers(): Promise<void> {
  await Promise.all(closers.splice(0).map((close) => close()));
}

/** A port that nobody listens on. */
export async function deadUrl(): Promise<string> {
  const server = await lyingServer(() => {});
  await closeServers();
  return server.url;
}

export interface CountingClock extends Clock {
  /** How many sleepers have not woken up. */
  sleeping(): number;
  /** Every delay that was asked for, in milliseconds. */
  readonly delays: number[];
}

/** The system clock, `speed` times as fast. */
export function countingClock(speed = 1): CountingClock {
  const clock = systemClock();
  const delays: number[] = [];
  let sleeping = 0;
  return {
    delays,
    sleeping: () => sleeping,
    nowMs: () => clock.nowMs(),
    async sleep(ms, signal) {
      delays.push(ms);
      sleeping++;
      try {
        await clock.sleep(ms / speed, signal);
      } finally {
        sleeping--;
      }
    },
  };
}

/** Waits until something is so; fails the test if it never is. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  const giveUpAt = Date.now() + 5_000;
  while (!isSo()) {
    if (Date.now() > giveUpAt) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What a promise rejects with; fails the test if it resolves. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (thrown) {
    return thrown;
  }
  throw new Error(`expected a rejection, got ${JSON.stringify(value)}`);
}

/** The error of that code which a promise rejects with. */
export async function failure<C extends ErrorCode>(code: C, promise: Promise<unknown>): Promise<SidelightError<C>> {
  const thrown = await rejection(promise);
  if (!isSidelightError(thrown, code)) throw thrown;
  expect(JSON.parse(JSON.stringify(thrown)).details).to.deep.equal(thrown.details, "details survive JSON");
  return thrown;
}

/** The error of that code which a function throws. */
export function thrownBy<C extends ErrorCode>(code: C, work: () => unknown): SidelightError<C> {
  try {
    work();
  } catch (thrown) {
    if (isSidelightError(thrown, code)) return thrown;
    throw thrown;
  }
  throw new Error("expected an error");
}

export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(value));
}

export function sendSsz(response: ServerResponse, bytes: Uint8Array, headers: Record<string, string> = {}): void {
  response.writeHead(200, { "content-type": "application/octet-stream", ...headers }).end(bytes);
}

/** One SSZ chunk of an updates answer. */
export function chunk(digest: Uint8Array, ssz: Uint8Array): Uint8Array {
  const out = new Uint8Array(12 + ssz.byteLength);
  new DataView(out.buffer).setBigUint64(0, BigInt(4 + ssz.byteLength), true);
  out.set(digest, 8);
  out.set(ssz, 12);
  return out;
}
