/** Calls that are under way on the other side of a port. */
import type { CallOptions } from "../client/api.js";
import { errorFromJson, type SidelightError } from "../errors.js";
import { assertIs, isHeader, isSyncResult, messageInvalid } from "./checks.js";
import { MAX_CALLS, type Method, type ToClient, type ToServer } from "./protocol.js";

export interface Calls {
  /** @throws what the other side does; `signal.reason`; CONNECTION_LOST */
  make(method: Method, options: CallOptions): Promise<unknown>;
  /** What the other side answers. An answer to nothing (that was given up, say) is passed over. */
  settle(answer: Extract<ToClient, { type: "result" | "failure" }>): void;
  /** All that wait, once more: the other side has forgotten them. */
  repeat(): void;
  /** Nothing will be answered any more. */
  fail(error: SidelightError): void;
}

interface Call {
  readonly method: Method;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

/** @param send passes a message on; drops it while the other side has not been found, since it is repeated then */
export function createCalls(send: (message: ToServer) => void): Calls {
  const waiting = new Map<number, Call>();
  let lastId = 0;
  let failure: SidelightError | null = null;

  return {
    make(method, { signal }) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        if (failure !== null) return reject(failure);
        if (waiting.size >= MAX_CALLS) return reject(tooMany());
        const id = ++lastId;
        const settled = () => {
          waiting.delete(id);
          signal?.removeEventListener("abort", aborted);
        };
        const aborted = () => {
          settled();
          send({ type: "abort", id });
          reject(signal?.reason);
        };
        signal?.addEventListener("abort", aborted, { once: true });
        waiting.set(id, {
          method,
          resolve(value) {
            settled();
            resolve(value);
          },
          reject(reason) {
            settled();
            reject(reason);
          },
        });
        send({ type: "call", id, method });
      });
    },
    settle(answer) {
      const call = waiting.get(answer.id);
      if (call === undefined) return;
      if (answer.type === "failure") {
        call.reject(errorFromJson(answer.error));
        return;
      }
      try {
        assertResult(call.method, answer.value);
        call.resolve(answer.value);
      } catch (error) {
        call.reject(error);
      }
    },
    repeat() {
      for (const [id, { method }] of waiting) send({ type: "call", id, method });
    },
    fail(error) {
      failure = error;
      for (const { reject } of [...waiting.values()]) reject(error);
    },
  };
}

function assertResult(method: Method, value: unknown): void {
  if (method === "start") assertIs(isHeader, "result of start", value);
  if (method === "syncOnce") assertIs(isSyncResult, "result of syncOnce", value);
}

function tooMany(): SidelightError {
  return messageInvalid("call", `at most ${MAX_CALLS} under way`, MAX_CALLS + 1);
}
