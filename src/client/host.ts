/** Leaving the thread to its host, who may draw, listen, or abort. */

/** How long work goes on before the host has its turn: half of a page's frame. */
const SLICE_MS = 8;

/** Lets what waits run. By a message, since a hidden page's timers fire once a second. */
export function yieldToHost(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** For between two short pieces of work: yields to the host if it had no turn for a while. */
export function createPause(): () => Promise<void> {
  let startedMs = performance.now();
  return async () => {
    if (performance.now() - startedMs < SLICE_MS) return;
    await yieldToHost();
    startedMs = performance.now();
  };
}
