/**
 * What a host sees of one client after the other as of a single one: events, and the state that was told last. What is
 * older than what was told already (a client that starts from what was stored) is not told again.
 */
import type { LightClient } from "../client/api.js";
import { type ChainInfo, internalsOf } from "../client/internals.js";
import type { Evidence, LightClientEvents, Status } from "../client/types.js";
import { createWarner } from "../client/warner.js";
import type { Clock } from "../clock.js";
import type { SidelightError } from "../errors.js";
import { createEmitter, type Emitter } from "../events.js";
import { EVENT_NAMES } from "../worker/checks.js";
import { createMirror, type Mirror } from "../worker/mirror.js";
import type { ClientState, EventName } from "../worker/protocol.js";

/** Who follows the chain for this tab. */
export type Role =
  /** Nobody: it was not started, or was stopped. */
  | "idle"
  /** This tab, for all of them. */
  | "leader"
  /** Another tab, or a shared worker. */
  | "follower"
  /** This tab, for itself: there are no Web Locks, or no BroadcastChannel. */
  | "alone";

export interface SharedEvents extends LightClientEvents {
  /** Somebody else follows from now on. */
  role: { readonly role: Role };
}

export interface Relay {
  readonly emitter: Emitter<SharedEvents>;
  state<K extends keyof ClientState>(field: K): ClientState[K];
  assertFresh: Mirror["assertFresh"];
  /** Listens to this client, and to no other, from now on. */
  listenTo(client: LightClient | null): void;
  setStatus(status: Status): void;
  report(error: SidelightError): void;
}

const MAX_EVIDENCE = 8;
/** What may be false once finality is contradicted. */
const TAKEN_BACK = ["head", "finalized", "participation"] as const;
/** What is listened to in any case, since it moves a getter. */
const MIRRORED = ["status", "checkpoint", "finality", "head", "participation", "equivocation"] as const;

/** @param onStopped told why, when the client that is listened to has stopped */
export function createRelay(clock: Clock, onStopped: (reason: string) => void): Relay {
  const warn = createWarner(clock);
  const emitter = createEmitter<SharedEvents>(
    (error, event) => report(error, event === "error"),
    () => resubscribe(),
  );
  const subscriptions = new Map<EventName, () => void>();
  const mirror = createMirror(clock, () => chain);
  let chain: ChainInfo | null = null;
  let target: LightClient | null = null;

  function report(error: SidelightError, isFromErrorListener = false): void {
    if (isFromErrorListener || emitter.listenerCount("error") === 0) warn(error);
    else emitter.emit("error", () => ({ error, source: null }));
  }

  function resubscribe(): void {
    const client = target;
    for (const [name, unsubscribe] of [...subscriptions]) {
      if (client !== null && isWanted(name)) continue;
      unsubscribe();
      subscriptions.delete(name);
    }
    if (client === null) return;
    for (const name of EVENT_NAMES) {
      if (isWanted(name) && !subscriptions.has(name)) {
        subscriptions.set(
          name,
          client.on(name, (payload) => take(name, payload)),
        );
      }
    }
  }

  function isWanted(name: EventName): boolean {
    return (MIRRORED as readonly EventName[]).includes(name) || emitter.listenerCount(name) > 0;
  }

  function take<K extends EventName>(name: K, payload: LightClientEvents[K]): void {
    if (target !== null) takeLists(target);
    if (name === "equivocation" && (payload as LightClientEvents["equivocation"]).kind === "finality") {
      // taken back: it may be false
      for (const field of TAKEN_BACK) mirror.set(field, null);
    }
    if (name === "status") takeStatus(payload as LightClientEvents["status"]);
    else if (name === "head") takeHeader("head", payload as LightClientEvents["head"]);
    else if (name === "finality") takeHeader("finalized", payload as LightClientEvents["finality"]);
    else if (name === "checkpoint") takeCheckpoint(payload as LightClientEvents["checkpoint"]);
    else if (name === "participation") takeParticipation(payload as LightClientEvents["participation"]);
    else emitter.emit(name, () => payload as SharedEvents[K]);
  }

  function takeStatus(status: Status): void {
    if (status.state === "stopped") onStopped(status.reason);
    // `idle`: it has been found, and is about to be started
    else if (status.state !== "idle") setStatus(status);
  }

  function takeHeader(field: "head" | "finalized", header: LightClientEvents["head"]): void {
    const known = mirror.get(field);
    if (known !== null && header.slot < known.slot) return;
    mirror.set(field, header);
    // the same one with another label: whoever took over has it from the store
    if (header.root === known?.root) return;
    emitter.emit(field === "head" ? "head" : "finality", () => header);
  }

  function takeParticipation(participation: LightClientEvents["participation"]): void {
    const { attestedSlot = 0, count = 0 } = mirror.get("participation") ?? {};
    if (participation.attestedSlot < attestedSlot) return;
    mirror.set("participation", participation);
    if (participation.attestedSlot === attestedSlot && participation.count <= count) return;
    emitter.emit("participation", () => participation);
  }

  function takeCheckpoint(checkpoint: LightClientEvents["checkpoint"]): void {
    if (mirror.set("checkpoint", checkpoint)) emitter.emit("checkpoint", () => checkpoint);
  }

  function takeLists(client: LightClient): void {
    const known = mirror.get("evidence");
    const news = client.evidence.filter((each) => !isAmong(known, each));
    // one client after the other has its own: none is lost with it
    if (news.length > 0) mirror.set("evidence", [...known, ...news].slice(-MAX_EVIDENCE));
    // whoever slept did not hear it: what that client has taken back is taken back here
    if (news.some(({ kind }) => kind === "finality")) {
      for (const field of TAKEN_BACK) if (client[field] === null) mirror.set(field, null);
    }
    mirror.set("sources", client.sources);
  }

  function setStatus(status: Status): void {
    if (mirror.set("status", status)) emitter.emit("status", () => status);
  }

  return {
    emitter,
    state: (field) => mirror.get(field),
    assertFresh: mirror.assertFresh,
    listenTo(client) {
      target = null;
      resubscribe();
      target = client;
      resubscribe();
      if (client === null) return;
      chain = internalsOf(client)?.chain() ?? chain;
      const { status, finalized, head, participation, checkpoint } = client;
      // a client that was stopped before is started again by whoever chose it
      if (status.state !== "stopped") takeStatus(status);
      takeLists(client);
      if (checkpoint !== null) takeCheckpoint(checkpoint);
      if (finalized !== null) takeHeader("finalized", finalized);
      if (head !== null) takeHeader("head", head);
      if (participation !== null) takeParticipation(participation);
    },
    setStatus,
    report,
  };
}

function isAmong(known: readonly Evidence[], { kind, received }: Evidence): boolean {
  return known.some((each) => each.kind === kind && each.received.root === received.root);
}
