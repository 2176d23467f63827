/** The state of a client that is elsewhere, as it was told last. */

import { assertFreshSlot } from "../client/freshness.js";
import type { ChainInfo } from "../client/internals.js";
import type { VerifiedHeader } from "../client/types.js";
import type { Clock } from "../clock.js";
import type { ClientState } from "./protocol.js";

export interface Mirror {
  /** As it was told, but the ages of headers are of now: by this side's clock. */
  get<K extends keyof ClientState>(field: K): ClientState[K];
  /** @returns whether that is news */
  set<K extends keyof ClientState>(field: K, value: ClientState[K]): boolean;
  /** As `LightClient.assertFresh`, by this side's clock. @throws HEAD_STALLED, CLOCK_SKEWED */
  assertFresh(maxAgeSlots: number): VerifiedHeader;
}

export function createMirror(clock: Clock, chain: () => ChainInfo | null): Mirror {
  let state: ClientState = {
    status: { state: "idle" },
    head: null,
    finalized: null,
    participation: null,
    evidence: [],
    checkpoint: null,
    sources: [],
  };
  const toldMs = { head: 0, finalized: 0 };

  function get<K extends keyof ClientState>(field: K): ClientState[K] {
    if (!isHeaderField(field)) return state[field];
    const header: VerifiedHeader | null = state[field];
    // a header is what this field holds
    return (header && withAge(header, chain(), clock.nowMs(), toldMs[field])) as ClientState[K];
  }

  return {
    get,
    assertFresh(maxAgeSlots) {
      const head = get("head");
      assertFreshSlot(head?.slot ?? null, maxAgeSlots, chain(), clock.nowMs());
      return head!;
    },
    set(field, value) {
      const isNews = fingerprint(field, state[field]) !== fingerprint(field, value);
      state = { ...state, [field]: value };
      if (isHeaderField(field)) toldMs[field] = clock.nowMs();
      return isNews;
    },
  };
}

function isHeaderField(field: keyof ClientState): field is "head" | "finalized" {
  return field === "head" || field === "finalized";
}

function withAge(header: VerifiedHeader, chain: ChainInfo | null, nowMs: number, toldMs: number): VerifiedHeader {
  const { trust } = header;
  const checkpointAgeSeconds = trust.checkpointAgeSeconds + Math.max(0, Math.round((nowMs - toldMs) / 1000));
  if (chain === null) return { ...header, trust: { ...trust, checkpointAgeSeconds } };
  const slotStartMs = chain.genesisTime * 1000 + header.slot * chain.slotDurationMs;
  const ageSlots = Math.max(0, Math.floor((nowMs - slotStartMs) / chain.slotDurationMs));
  return { ...header, trust: { ...trust, ageSlots, checkpointAgeSeconds } };
}

/** Equal for what says the same. Ages pass by themselves: they are no news. */
function fingerprint<K extends keyof ClientState>(field: K, value: ClientState[K]): string {
  return JSON.stringify(value, (name, inner) =>
    field !== "status" && (name === "ageSlots" || name === "checkpointAgeSeconds") ? undefined : inner,
  );
}
