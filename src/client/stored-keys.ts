/**
 * The committees' decompressed keys, kept beside the state: they save a resumed client some milliseconds, and nothing
 * depends on them. The backend checks each against the committee that it is said to be of.
 */
import type { Bls } from "../bls/port.js";
import type { Chain } from "../spec/chain.js";
import type { LightClientStore } from "../spec/store.js";
import type { SyncCommittee } from "../ssz/objects.js";
import type { CommitteeKeys, Snapshot } from "../store/snapshot.js";
import { MAX_COMMITTEE_KEYS_BYTES } from "../store/snapshot-types.js";

/** `undefined`: the backend exports none. @throws whatever a backend of somebody else's throws */
export function exportCommitteeKeys({ bls }: Chain, store: LightClientStore): CommitteeKeys | undefined {
  const keysOf = (committee: SyncCommittee | null): Uint8Array => {
    const bytes = committee === null ? undefined : bls.exportKeys?.(bls.committee(committee));
    const isUsable = bytes instanceof Uint8Array && bytes.length <= MAX_COMMITTEE_KEYS_BYTES;
    return isUsable ? bytes : new Uint8Array();
  };
  const [current, next] = [keysOf(store.currentSyncCommittee), keysOf(store.nextSyncCommittee)];
  return current.length + next.length === 0 ? undefined : { current, next };
}

/**
 * Hands stored keys to the backend.
 * @returns what became of them; `null` when there are none, or the backend takes none
 */
export function importCommitteeKeys({ bls }: Chain, { store, keys }: Snapshot): "reused" | "ignored" | null {
  if (keys === undefined || bls.importKeys === undefined) return null;
  const committees: [SyncCommittee | null, Uint8Array][] = [
    [store.currentSyncCommittee, keys.current],
    [store.nextSyncCommittee, keys.next],
  ];
  let outcome: "reused" | "ignored" = "reused";
  for (const [committee, bytes] of committees) {
    if (bytes.length === 0) continue;
    if (!isTaken(bls, committee, bytes)) outcome = "ignored";
  }
  return outcome;
}

/** Whatever a backend makes of bytes that are not its own, the state does not depend on them. */
function isTaken(bls: Bls, committee: SyncCommittee | null, bytes: Uint8Array): boolean {
  try {
    return committee !== null && bls.importKeys!(bls.committee(committee), bytes);
  } catch {
    return false;
  }
}
