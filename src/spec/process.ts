/**
 * State changes of the light client: apply, process, force.
 * Source: consensus-specs `specs/altair/light-client/sync-protocol.md`.
 *
 * Each function gives the store that follows, or throws and the given one stands.
 */
import { SidelightError } from "../errors.js";
import { computeSyncCommitteePeriodAtSlot } from "../networks/schedule.js";
import type { LightClientFinalityUpdate, LightClientOptimisticUpdate, LightClientUpdate } from "../ssz/objects.js";
import { NEWEST_DEPTHS } from "../ssz/types.js";
import { emptyBranch, emptyHeader } from "../ssz/upgrade.js";
import type { Chain } from "./chain.js";
import { getSafetyThreshold, isNextSyncCommitteeKnown, type LightClientStore, storePeriod } from "./store.js";
import {
  countParticipants,
  hasSupermajority,
  isBetterUpdate,
  isFinalityUpdate,
  isSyncCommitteeUpdate,
} from "./update.js";
import { validateLightClientUpdate } from "./validate.js";

/**
 * `apply_light_client_update`: the update has been validated, and 2/3 signed it (or it is forced).
 * @throws FINALIZED_PERIOD_MISMATCH
 */
export function applyLightClientUpdate(
  chain: Chain,
  store: LightClientStore,
  update: LightClientUpdate,
): LightClientStore {
  const period = storePeriod(chain, store);
  const finalizedPeriod = computeSyncCommitteePeriodAtSlot(chain.network, update.finalizedHeader.beacon.slot);
  const next = { ...store };
  if (!isNextSyncCommitteeKnown(store)) {
    if (finalizedPeriod !== period) {
      const message = `update: finalizes period ${finalizedPeriod}, but the next committee of period ${period} is not known`;
      throw new SidelightError("FINALIZED_PERIOD_MISMATCH", message, { storePeriod: period, finalizedPeriod });
    }
    next.nextSyncCommittee = update.nextSyncCommittee;
  } else if (finalizedPeriod === period + 1) {
    next.currentSyncCommittee = store.nextSyncCommittee!;
    next.nextSyncCommittee = update.nextSyncCommittee;
    next.previousMaxActiveParticipants = store.currentMaxActiveParticipants;
    next.currentMaxActiveParticipants = 0;
  }
  if (update.finalizedHeader.beacon.slot > store.finalizedHeader.beacon.slot) {
    next.finalizedHeader = update.finalizedHeader;
    if (next.finalizedHeader.beacon.slot > next.optimisticHeader.beacon.slot) {
      next.optimisticHeader = next.finalizedHeader;
    }
  }
  return next;
}

/**
 * `process_light_client_update`
 * @throws whatever {@link validateLightClientUpdate} and {@link applyLightClientUpdate} throw
 */
export function processLightClientUpdate(
  chain: Chain,
  store: LightClientStore,
  update: LightClientUpdate,
  currentSlot: number,
): LightClientStore {
  validateLightClientUpdate(chain, store, update, currentSlot);

  const participants = countParticipants(update.syncAggregate);
  const size = update.syncAggregate.syncCommitteeBits.bitLen;
  const next = { ...store };

  // Update the best update in case we have to force-update to it if the timeout elapses
  if (next.bestValidUpdate === null || isBetterUpdate(chain, update, next.bestValidUpdate)) {
    next.bestValidUpdate = update;
  }
  // Track the maximum number of active participants in the committee signatures
  next.currentMaxActiveParticipants = Math.max(next.currentMaxActiveParticipants, participants);
  // Update the optimistic header
  if (
    participants > getSafetyThreshold(next) &&
    update.attestedHeader.beacon.slot > next.optimisticHeader.beacon.slot
  ) {
    next.optimisticHeader = update.attestedHeader;
  }
  // Update finalized header: normal update through 2/3 threshold
  const finalizedSlot = update.finalizedHeader.beacon.slot;
  if (
    hasSupermajority(participants, size) &&
    (finalizedSlot > next.finalizedHeader.beacon.slot || hasFinalizedNextSyncCommittee(chain, next, update))
  ) {
    return { ...applyLightClientUpdate(chain, next, update), bestValidUpdate: null };
  }
  return next;
}

/** `update_has_finalized_next_sync_committee` */
function hasFinalizedNextSyncCommittee(chain: Chain, store: LightClientStore, update: LightClientUpdate): boolean {
  const period = (slot: number) => computeSyncCommitteePeriodAtSlot(chain.network, slot);
  return (
    !isNextSyncCommitteeKnown(store) &&
    isSyncCommitteeUpdate(update) &&
    isFinalityUpdate(update) &&
    period(update.finalizedHeader.beacon.slot) === period(update.attestedHeader.beacon.slot)
  );
}

/** `process_light_client_finality_update` */
export function processLightClientFinalityUpdate(
  chain: Chain,
  store: LightClientStore,
  finalityUpdate: LightClientFinalityUpdate,
  currentSlot: number,
): LightClientStore {
  return processLightClientUpdate(chain, store, finalityUpdateAsUpdate(finalityUpdate), currentSlot);
}

/** `process_light_client_optimistic_update` */
export function processLightClientOptimisticUpdate(
  chain: Chain,
  store: LightClientStore,
  optimisticUpdate: LightClientOptimisticUpdate,
  currentSlot: number,
): LightClientStore {
  return processLightClientUpdate(chain, store, optimisticUpdateAsUpdate(optimisticUpdate), currentSlot);
}

/** A finality update as an update without a next committee. */
export function finalityUpdateAsUpdate(finalityUpdate: LightClientFinalityUpdate): LightClientUpdate {
  return {
    ...finalityUpdate,
    nextSyncCommittee: null,
    nextSyncCommitteeBranch: emptyBranch(NEWEST_DEPTHS.nextSyncCommittee),
  };
}

/** An optimistic update as an update without finality and without a next committee. */
export function optimisticUpdateAsUpdate(optimisticUpdate: LightClientOptimisticUpdate): LightClientUpdate {
  return finalityUpdateAsUpdate({
    ...optimisticUpdate,
    finalizedHeader: emptyHeader(),
    finalityBranch: emptyBranch(NEWEST_DEPTHS.finality),
  });
}

/**
 * `process_light_client_store_force_update`: when nothing was finalized for `UPDATE_TIMEOUT`, take the best update seen,
 * although fewer than 2/3 may have signed it, or it proves no finality. **Trades safety for liveness.**
 *
 * @returns the store that follows; the same object when there is nothing to force
 * @throws FINALIZED_PERIOD_MISMATCH
 */
export function processLightClientStoreForceUpdate(
  chain: Chain,
  store: LightClientStore,
  currentSlot: number,
): LightClientStore {
  const best = store.bestValidUpdate;
  const timeoutSlot = store.finalizedHeader.beacon.slot + chain.network.preset.updateTimeoutSlots;
  if (best === null || !(currentSlot > timeoutSlot)) return store;
  // Because the apply logic waits for finalized_header.slot to indicate sync committee finality, the attested header
  // may be treated as finalized in extended periods of non-finality, to guarantee progression into later periods.
  const forced =
    best.finalizedHeader.beacon.slot <= store.finalizedHeader.beacon.slot
      ? { ...best, finalizedHeader: best.attestedHeader }
      : best;
  return { ...applyLightClientUpdate(chain, store, forced), bestValidUpdate: null };
}
