import type { RequestRecord } from "../api-types.ts";
import type { Chain, HeadChange } from "../chain/chain.ts";
import type { Fault } from "../faults.ts";
import { eventsOf, type Topic } from "./events.ts";
import type { FaultSet } from "./fault-state.ts";
import { type Exchange, findFault } from "./wire.ts";

const KEEP_ALIVE_MS = 5_000;

const CORS = { "access-control-allow-origin": "*" };

const HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache,no-store",
  "x-accel-buffering": "no",
};

export type Stream = {
  chain: Chain;
  topics: readonly Topic[];
  exchange: Exchange;
  /** Faults of the request itself. */
  faults: readonly Fault[];
  /** Where each event asks for its own. */
  faultSet: FaultSet;
  record: RequestRecord;
};

/** https://html.spec.whatwg.org/multipage/server-sent-events.html */
export function openStream({ chain, topics, exchange, faults, faultSet, record }: Stream): void {
  const { response, signal } = exchange;
  const stop = findFault(faults, "sse-stop");
  const truncated = findFault(faults, "truncated");
  const isCut = truncated !== undefined && truncated.variant !== "clean";
  const isSilent = findFault(faults, "sse-silent") !== undefined;
  let eventsLeft = stop ? (stop.events ?? 1) : Infinity;

  const write = (text: string): void => {
    exchange.sent(Buffer.byteLength(text));
    response.write(text);
  };

  /** Of a truncated stream, half of the first event is all there is. */
  function send(event: string): void {
    if (!truncated) {
      write(`${event}\n\n`);
      return;
    }
    eventsLeft = 0;
    const half = event.slice(0, event.length >> 1);
    write(isCut ? half : `${half}\n\n`);
    if (isCut) response.write("", () => response.socket?.destroy());
  }

  function emit(topic: Topic, change: HeadChange): void {
    const struck = faultSet.strike("events", "event");
    const copies = findFault(struck, "sse-repeat") ? (findFault(struck, "sse-repeat")?.copies ?? 3) : 1;
    const isGarbage = findFault(struck, "sse-garbage") !== undefined;
    for (const event of eventsOf(topic, change, { chain, head: change.head }, struck)) {
      const data = isGarbage ? "\u0000{]not json" : JSON.stringify(event.data);
      for (let copy = 0; copy < copies && eventsLeft > 0; copy++) {
        eventsLeft--;
        send(`event: ${event.topic}\ndata: ${data}`);
      }
    }
    record.faults.push(...struck.map(({ kind }) => kind).filter((kind) => !record.faults.includes(kind)));
  }

  const leave = chain.onHead((change) => {
    if (isSilent) return;
    for (const topic of topics) {
      if (eventsLeft > 0) emit(topic, change);
    }
    if (eventsLeft <= 0 && !isCut) response.end();
  });
  const keepAlive = setInterval(() => write(": keep-alive\n\n"), KEEP_ALIVE_MS);
  keepAlive.unref();

  record.contentType = HEADERS["content-type"];
  response.writeHead(200, { ...HEADERS, ...(findFault(faults, "no-cors") ? {} : CORS) });
  write(": connected\n\n");

  const close = (): void => {
    leave();
    clearInterval(keepAlive);
  };
  response.on("close", close);
  signal.addEventListener("abort", close, { once: true });
}
