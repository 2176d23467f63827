/**
 * Anything that carries messages, in one shape. A port belongs to whoever made it: it is listened to and written to here,
 * never closed.
 */
import { messageOf } from "../errors.js";

/** A `Worker`, the global scope of one (`self`), a `MessagePort` (of a `SharedWorker`, too), a `BroadcastChannel`. */
export interface WebPort {
  postMessage(message: unknown): void;
  addEventListener(type: string, listener: (event: Event) => void): void;
  removeEventListener(type: string, listener: (event: Event) => void): void;
  /** Of a `MessagePort`: nothing arrives before it. */
  start?(): void;
}

/** A `Worker`, `MessagePort` or `parentPort` of `node:worker_threads`. */
export interface NodePort {
  postMessage(message: unknown): void;
  // biome-ignore lint/suspicious/noExplicitAny: as an EventEmitter has it
  on(event: string, listener: (...args: any[]) => void): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: as an EventEmitter has it
  off(event: string, listener: (...args: any[]) => void): unknown;
}

/** A `chrome.runtime.Port` (`browser.runtime.Port`): between the parts of an extension. */
export interface ExtensionPort {
  postMessage(message: unknown): void;
  readonly onMessage: ExtensionEvent<(message: unknown) => void>;
  readonly onDisconnect: ExtensionEvent<() => void>;
}

interface ExtensionEvent<L> {
  // biome-ignore lint/suspicious/noExplicitAny: its listeners get more than we take
  addListener(listener: L & ((...args: any[]) => void)): void;
  // biome-ignore lint/suspicious/noExplicitAny: its listeners get more than we take
  removeListener(listener: L & ((...args: any[]) => void)): void;
}

export type PortLike = WebPort | NodePort | ExtensionPort;

export interface WireListener {
  onMessage(data: unknown): void;
  /** The other side is gone. Not every port can tell. */
  onClosed(message: string): void;
  /** Something failed on the other side, which may go on: an uncaught error in a worker. */
  onTrouble(message: string): void;
}

export interface Wire {
  /** @returns `false` if it cannot be sent any more */
  send(message: object): boolean;
  /** Stops listening. */
  release(): void;
}

export function openWire(port: PortLike, listener: WireListener): Wire {
  const release = listen(port, listener);
  return {
    send(message) {
      try {
        port.postMessage(message);
        return true;
      } catch (thrown) {
        // what we send can be cloned: it is the port that is gone
        listener.onClosed(messageOf(thrown));
        return false;
      }
    },
    release,
  };
}

function listen(port: PortLike, { onMessage, onClosed, onTrouble }: WireListener): () => void {
  if ("onMessage" in port) {
    const closed = () => onClosed("the port was disconnected");
    const received = (message: unknown) => onMessage(message);
    port.onMessage.addListener(received);
    port.onDisconnect.addListener(closed);
    return () => {
      port.onMessage.removeListener(received);
      port.onDisconnect.removeListener(closed);
    };
  }
  if ("on" in port) {
    const add = (type: string, run: (value: unknown) => void) => {
      port.on(type, run);
      return () => port.off(type, run);
    };
    return listenAll<unknown>(add, {
      message: onMessage,
      messageerror: () => onTrouble("a message could not be read"),
      close: () => onClosed("the port was closed"),
      // of a worker: what it did not catch ends it
      error: (error) => onClosed(`the worker failed: ${messageOf(error)}`),
      exit: (code) => onClosed(`the worker ended (exit code ${String(code)})`),
    });
  }
  const add = (type: string, run: (event: Event) => void) => {
    port.addEventListener(type, run);
    return () => port.removeEventListener(type, run);
  };
  const unlisten = listenAll<Event>(add, {
    message: (event) => onMessage((event as MessageEvent).data),
    messageerror: () => onTrouble("a message could not be read"),
    // of a MessagePort, in newer browsers
    close: () => onClosed("the port was closed"),
    // of a Worker: its script did not load, or threw
    error: (event) => onTrouble((event as ErrorEvent).message || "the worker could not be loaded"),
  });
  port.start?.();
  return unlisten;
}

function listenAll<E>(
  add: (type: string, run: (event: E) => void) => () => unknown,
  listeners: Readonly<Record<string, (event: E) => void>>,
): () => void {
  const removals = Object.entries(listeners).map(([type, run]) => add(type, run));
  return () => {
    for (const remove of removals) remove();
  };
}
