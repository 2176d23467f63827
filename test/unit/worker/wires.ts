/** Ports for tests: real ones of worker_threads, and ones whose traffic a test sees and forges. */
import { MessageChannel, type MessagePort } from "node:worker_threads";
import type { LightClient } from "../../../src/client/light-client.js";
import { type ConnectedLightClient, type ConnectOptions, connectLightClient } from "../../../src/worker/connect.js";
import type { ExtensionPort, WebPort } from "../../../src/worker/port.js";
import { type Served, type ServeOptions, serveLightClient } from "../../../src/worker/serve.js";
import type { ManualClock } from "../../support/clock.js";

const open = new Set<MessagePort>();

/** Both ends of a channel. {@link closeAll} closes them. */
export function pair(): [MessagePort, MessagePort] {
  const { port1, port2 } = new MessageChannel();
  open.add(port1);
  open.add(port2);
  return [port1, port2];
}

export function closeAll(): void {
  for (const port of open) port.close();
  open.clear();
}

export interface Linked {
  readonly served: Served;
  readonly remote: ConnectedLightClient;
  readonly ports: readonly [MessagePort, MessagePort];
}

/** A client behind a real channel. */
export function link(
  client: LightClient,
  clock: ManualClock,
  { serve = {}, connect = {} }: { serve?: ServeOptions; connect?: ConnectOptions } = {},
): Linked {
  const ports = pair();
  const served = serveLightClient(ports[0], client, { clock, ...serve });
  const remote = connectLightClient(ports[1], { clock, ...connect });
  return { served, remote, ports };
}

/** A web port whose other side is the test. */
export interface Puppet {
  readonly port: WebPort;
  /** What was posted, oldest first. */
  readonly sent: Record<string, unknown>[];
  /** As if it came from the other side. */
  receive(data: unknown): void;
  tell(type: "close" | "error" | "messageerror", message?: string): void;
  readonly listeners: number;
  /** From now on nothing can be posted. */
  break(): void;
}

export function puppet(): Puppet {
  const target = new EventTarget();
  const sent: Record<string, unknown>[] = [];
  let listeners = 0;
  let isBroken = false;
  return {
    port: {
      postMessage(message) {
        if (isBroken) throw new Error("the port is broken");
        sent.push(structuredClone(message) as Record<string, unknown>);
      },
      addEventListener(type, listener) {
        listeners++;
        target.addEventListener(type, listener);
      },
      removeEventListener(type, listener) {
        listeners--;
        target.removeEventListener(type, listener);
      },
    },
    sent,
    receive: (data) => void target.dispatchEvent(Object.assign(new Event("message"), { data })),
    tell: (type, message) => void target.dispatchEvent(Object.assign(new Event(type), { message })),
    get listeners() {
      return listeners;
    },
    break() {
      isBroken = true;
    },
  };
}

/** Two ends of a `chrome.runtime.Port`: what crosses is serialized to JSON. */
export function extensionPair(): [ExtensionPort & { disconnect(): void }, ExtensionPort & { disconnect(): void }] {
  const ends = [createEnd(), createEnd()] as const;
  return [ends[0].port(ends[1]), ends[1].port(ends[0])];
}

interface End {
  hear(text: string): void;
  end(): void;
  port(other: End): ExtensionPort & { disconnect(): void };
}

function createEnd(): End {
  const onMessage = new Set<(message: unknown) => void>();
  const onDisconnect = new Set<() => void>();
  let isConnected = true;
  return {
    hear(text) {
      for (const listener of [...onMessage]) listener(JSON.parse(text));
    },
    end() {
      isConnected = false;
      for (const listener of [...onDisconnect]) listener();
    },
    port: (other) => ({
      postMessage(message: unknown) {
        if (!isConnected) throw new Error("Attempting to use a disconnected port object");
        const text = JSON.stringify(message);
        setImmediate(() => other.hear(text));
      },
      onMessage: {
        addListener: (listener: (message: unknown) => void) => void onMessage.add(listener),
        removeListener: (listener: (message: unknown) => void) => void onMessage.delete(listener),
      },
      onDisconnect: {
        addListener: (listener: () => void) => void onDisconnect.add(listener),
        removeListener: (listener: () => void) => void onDisconnect.delete(listener),
      },
      disconnect() {
        isConnected = false;
        other.end();
      },
    }),
  };
}
