/** One way of talking to the other side of a port, whatever kind of port it is. */

/** `MessagePort`, `Worker` and a worker's `self` in browsers. */
interface EventPort {
  // biome-ignore lint/suspicious/noExplicitAny: where types are a page's, a worker's `self` is a window, which takes an origin
  postMessage(message: unknown, transfer: any): void;
  addEventListener(type: string, listener: (event: Event) => void): void;
  removeEventListener(type: string, listener: (event: Event) => void): void;
  /** A `MessagePort` delivers nothing before. */
  start?(): void;
}

/** `MessagePort`, `Worker` and `parentPort` of `node:worker_threads`. */
interface EmitterPort {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  on(event: string, listener: (value: unknown) => void): unknown;
  off(event: string, listener: (value: unknown) => void): unknown;
}

/** A port of a browser or of Node. */
export type BlsPort = EventPort | EmitterPort;

export interface LineListener {
  message(value: unknown): void;
  /** The other side is gone, or cannot be understood. */
  failed(reason: string): void;
}

export interface Line {
  /** @throws when the message cannot be sent */
  post(message: unknown, transfer: ArrayBuffer[]): void;
  /** Listens no more. The port stays open: it is the caller's. */
  end(): void;
}

export function openLine(port: BlsPort, listener: LineListener): Line {
  const end = "on" in port ? listenToEmitter(port, listener) : listenToEvents(port, listener);
  return { post: (message, transfer) => port.postMessage(message, transfer), end };
}

function listenToEvents(port: EventPort, { message, failed }: LineListener): () => void {
  const listeners: Record<string, (event: Event) => void> = {
    message: (event) => message((event as MessageEvent<unknown>).data),
    messageerror: () => failed("a message that cannot be read"),
    error: (event) => failed(`failed: ${(event as ErrorEvent).message || "no message"}`),
    close: () => failed("closed"),
  };
  for (const [type, listen] of Object.entries(listeners)) port.addEventListener(type, listen);
  port.start?.();
  return () => {
    for (const [type, listen] of Object.entries(listeners)) port.removeEventListener(type, listen);
  };
}

function listenToEmitter(port: EmitterPort, { message, failed }: LineListener): () => void {
  const listeners: Record<string, (value: unknown) => void> = {
    message,
    messageerror: () => failed("a message that cannot be read"),
    error: (error) => failed(`failed: ${error instanceof Error ? error.message : "no message"}`),
    close: () => failed("closed"),
    exit: (code) => failed(`ended with code ${code}`),
  };
  for (const [type, listen] of Object.entries(listeners)) port.on(type, listen);
  return () => {
    for (const [type, listen] of Object.entries(listeners)) port.off(type, listen);
  };
}
