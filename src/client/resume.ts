/**
 * A stored state is checked again before it is used: what a store gives back may be corrupt, of another network, of
 * another checkpoint, or not what it says.
 *
 * Checked: each committee is in the state of the block it came with, and the first one's block is the checkpoint; what is
 * final is proven by a signature of that committee. Not checkable without the periods in between: that those blocks
 * descend from the checkpoint. Whoever can write the store can already run code here (see SECURITY.md).
 */
import { SidelightError } from "../errors.js";
import { computeSyncCommitteePeriodAtSlot } from "../networks/schedule.js";
import type { Chain } from "../spec/chain.js";
import { currentSyncCommitteeGindexAtSlot, nextSyncCommitteeGindexAtSlot } from "../spec/gindices.js";
import { assertValidLightClientHeader } from "../spec/header.js";
import { isValidNormalizedMerkleBranch } from "../spec/merkle.js";
import { finalityUpdateAsUpdate, optimisticUpdateAsUpdate } from "../spec/process.js";
import { storePeriod } from "../spec/store.js";
import { countParticipants, hasSupermajority } from "../spec/update.js";
import { assertVerifiedUpdate } from "../spec/validate.js";
import { equalBytes, toHex } from "../ssz/bytes.js";
import type { LightClientHeader, SyncCommittee } from "../ssz/objects.js";
import { beaconHeaderRoot, syncCommitteeRoot } from "../ssz/roots.js";
import type { CommitteeProof, Snapshot } from "../store/snapshot.js";
import type { Provenance, VerifiedState } from "./state.js";

/** Name that trust labels give as the source of resumed data. */
export const STORE_SOURCE = "store";

/**
 * Whatever the local clock says: that a signature is from its future is about the clock, and the caller's to check.
 *
 * @param checkpoint the root that the caller trusts now
 * @throws SNAPSHOT_INVALID
 */
export function stateFromSnapshot(chain: Chain, checkpoint: Uint8Array, snapshot: Snapshot): VerifiedState {
  if (!equalBytes(snapshot.checkpoint, checkpoint)) {
    throw invalid("another checkpoint", toHex(checkpoint), toHex(snapshot.checkpoint));
  }
  const { store } = snapshot;
  try {
    assertHeader(chain, "stored finalized header", store.finalizedHeader);
    assertHeader(chain, "stored optimistic header", store.optimisticHeader);
    assertPeriods(chain, snapshot);
    assertOrigin(chain, snapshot);
    assertNumbers(chain, snapshot);
    assertCommitteeProof(chain, store.currentSyncCommittee, snapshot.currentCommitteeProof);
    if (store.nextSyncCommittee !== null) {
      assertCommitteeProof(chain, store.nextSyncCommittee, snapshot.nextCommitteeProof!);
    }
    assertFinalized(chain, snapshot);
  } catch (cause) {
    if (!(cause instanceof SidelightError) || cause.code === "SNAPSHOT_INVALID") throw cause;
    throw invalid(cause.message, "a state that verifies", cause.code, cause);
  }
  const resumed: Provenance = {
    source: STORE_SOURCE,
    participation: snapshot.finality && {
      count: countParticipants(snapshot.finality.syncAggregate),
      size: snapshot.finality.syncAggregate.syncCommitteeBits.bitLen,
    },
    forced: isForced(chain, snapshot),
  };
  // The optimistic header comes without its signature: go on from what is final, a newer head is a request away.
  return {
    checkpoint: snapshot.checkpoint,
    checkpointSlot: snapshot.checkpointSlot,
    forced: snapshot.forced,
    store: { ...store, optimisticHeader: store.finalizedHeader, bestValidUpdate: null },
    currentCommitteeProof: snapshot.currentCommitteeProof,
    nextCommitteeProof: snapshot.nextCommitteeProof,
    finality: snapshot.finality,
    finalizedBy: resumed,
    optimisticBy: resumed,
    nextCommitteeBy: store.nextSyncCommittee && resumed,
    bestUpdateBy: null,
  };
}

function assertHeader(chain: Chain, name: string, header: LightClientHeader): void {
  assertValidLightClientHeader(chain, name, header);
}

/** Each committee comes from a block of the right period: a current one's, or the one before's next. */
function assertPeriods(chain: Chain, { store, currentCommitteeProof, nextCommitteeProof }: Snapshot): void {
  const period = storePeriod(chain, { ...store, bestValidUpdate: null });
  const proofPeriod = (proof: CommitteeProof) =>
    computeSyncCommitteePeriodAtSlot(chain.network, proof.header.slot) + (proof.kind === "next" ? 1 : 0);
  if (proofPeriod(currentCommitteeProof) !== period) {
    throw invalid("current committee of another period", `${period}`, `${proofPeriod(currentCommitteeProof)}`);
  }
  if ((store.nextSyncCommittee === null) !== (nextCommitteeProof === null)) {
    throw invalid("next committee without its proof", "both or neither", "one of them");
  }
  if (nextCommitteeProof !== null && proofPeriod(nextCommitteeProof) !== period + 1) {
    throw invalid("next committee of another period", `${period + 1}`, `${proofPeriod(nextCommitteeProof)}`);
  }
}

/** The committee that no other one signed for is that of the checkpoint's own state. */
function assertOrigin({ types }: Chain, { checkpoint, currentCommitteeProof, nextCommitteeProof }: Snapshot): void {
  for (const proof of [currentCommitteeProof, nextCommitteeProof]) {
    if (proof?.kind !== "current") continue;
    const root = beaconHeaderRoot(types, proof.header);
    if (equalBytes(root, checkpoint)) continue;
    throw invalid("a committee of the state of another block than the checkpoint", toHex(checkpoint), toHex(root));
  }
}

/** Is what counts as final only attested, or signed by too few? */
function isForced({ types }: Chain, { store, finality }: Snapshot): boolean {
  if (finality === null) return false;
  const { syncCommitteeBits } = finality.syncAggregate;
  const root = beaconHeaderRoot(types, store.finalizedHeader.beacon);
  return (
    !equalBytes(root, beaconHeaderRoot(types, finality.finalizedHeader.beacon)) ||
    !hasSupermajority(countParticipants(finality.syncAggregate), syncCommitteeBits.bitLen)
  );
}

/** Numbers that nothing proves, but that can be impossible. */
function assertNumbers({ network }: Chain, { store, checkpointSlot }: Snapshot): void {
  const size = network.preset.syncCommitteeSize;
  const most = Math.max(store.previousMaxActiveParticipants, store.currentMaxActiveParticipants);
  if (most > size) throw invalid("more participants than members", `at most ${size}`, `${most}`);
  const finalizedSlot = store.finalizedHeader.beacon.slot;
  if (checkpointSlot <= finalizedSlot) return;
  throw invalid("a checkpoint after what is final", `slot ${finalizedSlot} or before`, `slot ${checkpointSlot}`);
}

/** @throws SNAPSHOT_INVALID */
export function assertCommitteeProof(
  chain: Chain,
  committee: SyncCommittee,
  { header, kind, branch }: CommitteeProof,
): void {
  const { slot, stateRoot } = header;
  const gindex =
    kind === "current"
      ? currentSyncCommitteeGindexAtSlot(chain.network, slot)
      : nextSyncCommitteeGindexAtSlot(chain.network, slot);
  const leaf = syncCommitteeRoot(chain.types, committee);
  if (isValidNormalizedMerkleBranch(`stored ${kind} committee branch`, leaf, branch, gindex, stateRoot)) return;
  throw invalid("a committee that its proof does not prove", toHex(stateRoot), toHex(leaf));
}

/** The finalized header is the checkpoint's, or signed for. */
function assertFinalized(chain: Chain, snapshot: Snapshot): void {
  const { finality, checkpoint, forced } = snapshot;
  const store = { ...snapshot.store, bestValidUpdate: null };
  const root = beaconHeaderRoot(chain.types, store.finalizedHeader.beacon);
  if (finality === null) {
    if (equalBytes(root, checkpoint) && snapshot.checkpointSlot === store.finalizedHeader.beacon.slot) return;
    throw invalid("finalized header without a signature", toHex(checkpoint), toHex(root));
  }
  const isFinalized = equalBytes(beaconHeaderRoot(chain.types, finality.finalizedHeader.beacon), root);
  const isForced = forced && equalBytes(beaconHeaderRoot(chain.types, finality.attestedHeader.beacon), root);
  if (!isFinalized && !isForced)
    throw invalid("finalized header that nothing proves", "its finality update", "another");
  const participants = countParticipants(finality.syncAggregate);
  const size = finality.syncAggregate.syncCommitteeBits.bitLen;
  if (!forced && !hasSupermajority(participants, size)) {
    throw invalid("finality by too few", `at least 2/3 of ${size}`, `${participants}`);
  }
  const update = isFinalized ? finalityUpdateAsUpdate(finality) : optimisticUpdateAsUpdate(finality);
  assertVerifiedUpdate(chain, store, update, finality.signatureSlot);
}

function invalid(reason: string, expected: string, actual: string, cause?: unknown) {
  const message = `stored state: ${reason}: expected ${expected}, got ${actual}`;
  return new SidelightError("SNAPSHOT_INVALID", message, { reason, expected, actual }, { cause });
}
