import { orAborted } from "../abort.js";

/**
 * One task at a time, in the order they came. A task that fails does not keep the next from running; one that has not begun
 * when its signal aborts never does, and rejects at once with `signal.reason`.
 */
export function createLock(): <T>(task: () => Promise<T>, signal?: AbortSignal) => Promise<T> {
  let tail: Promise<unknown> = Promise.resolve();
  return (task, signal) => {
    const run = orAborted(tail, signal).then(task);
    // with both: who gave up waiting leaves those after it to whoever is at work. And without what they gave
    tail = Promise.allSettled([tail, run]).then(() => {});
    return run;
  };
}
