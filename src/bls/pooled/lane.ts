/** One worker as the pool sees it: what it has to do, and whether it still does it. */
import type { Clock } from "../../clock.js";
import { messageOf, SidelightError, type SignatureFault } from "../../errors.js";
import { type BlsPort, openLine } from "./line.js";
import { batchMessage, isOurs, isVerdict } from "./wire.js";

export interface Lane {
  /** Whether it is asked: neither lost nor late. */
  isUsable(): boolean;
  /** Batches that it has not answered yet. */
  load(): number;
  /** @throws (rejects) BLS_WORKER_FAILED */
  verify(batch: ArrayBuffer): Promise<SignatureFault | null>;
  /** It is not asked any more, and what it has to do fails. @returns the failure */
  giveUp(reason: string): SidelightError<"BLS_WORKER_FAILED">;
}

export interface LaneInit {
  readonly port: BlsPort;
  /** Its number, for errors. */
  readonly worker: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

interface Waiter {
  resolve(fault: SignatureFault | null): void;
  reject(error: SidelightError): void;
}

export function createLane({ port, worker, timeoutMs, clock }: LaneInit): Lane {
  const pending = new Map<number, Waiter>();
  let lastId = 0;
  let isLost = false;
  /** Has it been waited for in vain? Then it is asked again only when it has answered all that it owes. */
  let isLate = false;
  let watch: AbortController | null = null;

  function failPending(reason: string): SidelightError<"BLS_WORKER_FAILED"> {
    const error = new SidelightError("BLS_WORKER_FAILED", `worker ${worker}: ${reason}`, { worker, reason });
    for (const { reject } of pending.values()) reject(error);
    return error;
  }

  function giveUp(reason: string): SidelightError<"BLS_WORKER_FAILED"> {
    isLost = true;
    line.end();
    watch?.abort();
    const error = failPending(reason);
    pending.clear();
    return error;
  }

  /** A worker answers one batch after the other: the time counts from the last answer. */
  function restartWatch(): void {
    watch?.abort();
    watch = null;
    if (pending.size === 0) return;
    watch = new AbortController();
    clock.sleep(timeoutMs, watch.signal).then(
      () => {
        isLate = true;
        failPending(`no answer within ${timeoutMs} ms`);
      },
      () => {}, // it answered, or is lost
    );
  }

  function receive(message: unknown): void {
    if (isLost || !isOurs(message)) return;
    if (!isVerdict(message)) return void giveUp("an answer that makes no sense");
    const waiter = pending.get(message.id);
    if (waiter === undefined) return void giveUp("an answer to nothing that was asked");
    if (message.error !== undefined) return void giveUp(message.error);
    pending.delete(message.id);
    if (pending.size === 0) isLate = false;
    if (!isLate) restartWatch();
    waiter.resolve(message.fault!);
  }

  const line = openLine(port, { message: receive, failed: giveUp });

  return {
    isUsable: () => !isLost && !isLate,
    load: () => pending.size,
    verify(batch) {
      return new Promise((resolve, reject) => {
        const id = ++lastId;
        pending.set(id, { resolve, reject });
        try {
          line.post(batchMessage(id, batch), [batch]);
          if (pending.size === 1) restartWatch();
        } catch (error) {
          giveUp(messageOf(error));
        }
      });
    },
    giveUp,
  };
}
