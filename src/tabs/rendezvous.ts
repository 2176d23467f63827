/**
 * How tabs find the one that follows the chain: on a channel that all of them share. It only says who leads; what a tab
 * is told goes over a channel of its own, which nobody else opens, in the protocol of `sidelight/worker`.
 */
import { PROTOCOL_VERSION } from "../worker/protocol.js";

type Call =
  /** Who leads? */
  | { readonly type: "seek"; readonly tab: string }
  /** I do. `to` the tab that asked, for which a channel is open now; `null` for all. */
  | { readonly type: "lead"; readonly leader: string; readonly to: string | null };

export interface Rendezvous {
  seek(tab: string): void;
  lead(leader: string, to: string | null): void;
  listen(listener: (call: Call) => void): () => void;
  close(): void;
}

export type OpenChannel = (name: string) => BroadcastChannel;

export function openRendezvous(openChannel: OpenChannel, scope: string): Rendezvous {
  const channel = openChannel(scope);
  const post = (call: Call) => channel.postMessage({ sidelight: PROTOCOL_VERSION, ...call });
  return {
    seek: (tab) => post({ type: "seek", tab }),
    lead: (leader, to) => post({ type: "lead", leader, to }),
    listen(listener) {
      const onMessage = ({ data }: MessageEvent) => {
        const call = readCall(data);
        if (call !== null) listener(call);
      };
      channel.addEventListener("message", onMessage);
      return () => channel.removeEventListener("message", onMessage);
    },
    close: () => channel.close(),
  };
}

/** Of one term of one leader, to one tab. */
export function channelOf(scope: string, leader: string, tab: string): string {
  return `${scope}/${leader}/${tab}`;
}

/** Whoever else writes to the channel is passed over. */
function readCall(data: unknown): Call | null {
  if (typeof data !== "object" || data === null) return null;
  const { sidelight, type, tab, leader, to } = data as Record<string, unknown>;
  if (sidelight !== PROTOCOL_VERSION) return null;
  if (type === "seek" && isId(tab)) return { type, tab };
  if (type === "lead" && isId(leader) && (to === null || isId(to))) return { type, leader, to };
  return null;
}

function isId(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{32}$/.test(value);
}
