/**
 * Who looks at the pages that are connected to a client: one viewer for all its ports. A port that is gone leaves nothing
 * behind here but that there were pages: nobody looks, then, when none is connected.
 */
import type { LightClient } from "../client/api.js";
import { internalsOf } from "../client/internals.js";
import { stateOfAll, type Visibility, type VisibilityChange } from "../visibility.js";

type ViewerState = ReturnType<Visibility["state"]>;

/** What is connected by one port. */
type Connected = ReadonlyMap<string, { readonly viewer: ViewerState }>;

export interface Seats {
  /** Something has changed for one of them. */
  tell(change: VisibilityChange): void;
  /** The port is gone, and with it whoever looked. Idempotent. */
  leave(): void;
  /** The client is served no more by this port: with the last one its host alone knows who looks. Idempotent. */
  close(): void;
}

interface Audience {
  readonly ports: Set<Connected>;
  readonly watchers: Set<(change: VisibilityChange) => void>;
  readonly state: () => ViewerState;
  /** Has a page ever been connected? */
  hadPages: boolean;
  removeViewer: (() => void) | undefined;
}

const audiences = new WeakMap<LightClient, Audience>();

function audienceOf(client: LightClient): Audience {
  const known = audiences.get(client);
  if (known !== undefined) return known;
  const ports: Audience["ports"] = new Set();
  const watchers: Audience["watchers"] = new Set();
  const audience: Audience = {
    ports,
    watchers,
    hadPages: false,
    removeViewer: undefined,
    state() {
      const all = [...ports].flatMap((connected) => [...connected.values()]);
      const state = stateOfAll(all.map(({ viewer }) => ({ state: () => viewer, watch: () => () => {} })));
      return state === "unknown" && audience.hadPages ? "hidden" : state;
    },
  };
  audiences.set(client, audience);
  audience.removeViewer = internalsOf(client)?.addViewer({
    state: audience.state,
    watch(listener) {
      watchers.add(listener);
      return () => watchers.delete(listener);
    },
  });
  return audience;
}

/** @param connected by this port; read whenever something has changed */
export function takeSeats(client: LightClient, connected: Connected): Seats {
  const audience = audienceOf(client);
  audience.ports.add(connected);
  return {
    tell(change) {
      audience.hadPages ||= audience.state() !== "unknown";
      for (const watcher of [...audience.watchers]) watcher(change);
    },
    leave: () => void audience.ports.delete(connected),
    close() {
      audience.ports.delete(connected);
      if (audience.ports.size > 0 || audiences.get(client) !== audience) return;
      audiences.delete(client);
      audience.removeViewer?.();
    },
  };
}
