/**
 * `validate_light_client_update`, a function a check, so that each has its own error and its own test.
 * Source: consensus-specs `specs/altair/light-client/sync-protocol.md`.
 */
import { SidelightError } from "../errors.js";
import { computeSyncCommitteePeriodAtSlot } from "../networks/schedule.js";
import { equalBytes, toHex, zeroBytes32 } from "../ssz/bytes.js";
import type { LightClientUpdate } from "../ssz/objects.js";
import { beaconHeaderRoot, syncCommitteeRoot } from "../ssz/roots.js";
import { isEmptyHeader } from "../ssz/upgrade.js";
import type { Chain } from "./chain.js";
import { finalizedRootGindexAtSlot, nextSyncCommitteeGindexAtSlot } from "./gindices.js";
import { assertValidLightClientHeader } from "./header.js";
import { isValidNormalizedMerkleBranch } from "./merkle.js";
import { computeSyncCommitteeSigningRoot } from "./signing.js";
import { isNextSyncCommitteeKnown, type LightClientStore, storePeriod } from "./store.js";
import { countParticipants, isFinalityUpdate, isSyncCommitteeUpdate } from "./update.js";

/** consensus-specs `specs/phase0/beacon-chain.md` */
const GENESIS_SLOT = 0;

/**
 * Checks an update against the store. Cheap checks come first, the signature last but one.
 *
 * Two departures from the specification's order, neither of which changes what is accepted: what is no news is told
 * first, and a next committee that contradicts the known one is reported after
 * the signature was verified, so that `NEXT_COMMITTEE_CONFLICT` is always evidence against the signers and never the
 * invention of whoever sent it.
 *
 * @param currentSlot the newest slot that may have been signed by now, from the caller's clock
 * @throws one code for each check, see `ErrorDetails`
 */
export function validateLightClientUpdate(
  chain: Chain,
  store: LightClientStore,
  update: LightClientUpdate,
  currentSlot: number,
): void {
  assertRelevant(chain, store, update);
  assertVerifiedUpdate(chain, store, update, currentSlot);
}

/** All of {@link validateLightClientUpdate} but whether it is news: true of what made the store as well. @internal */
export function assertVerifiedUpdate(
  chain: Chain,
  store: LightClientStore,
  update: LightClientUpdate,
  currentSlot: number,
): void {
  assertParticipants(chain, update);
  assertValidLightClientHeader(chain, "attested header", update.attestedHeader);
  assertSlots(update, currentSlot);
  assertPeriod(chain, store, update);
  assertFinality(chain, update);
  const nextRoot = assertNextSyncCommittee(chain, update);
  assertSignature(chain, store, update);
  if (nextRoot !== null) assertSameNextSyncCommittee(chain, store, update, nextRoot);
}

/** "Verify sync committee has sufficient participants" */
function assertParticipants({ network }: Chain, { syncAggregate }: LightClientUpdate): void {
  const required = network.preset.minSyncCommitteeParticipants;
  const participants = countParticipants(syncAggregate);
  if (participants >= required) return;
  const size = syncAggregate.syncCommitteeBits.bitLen;
  const message = `update: expected at least ${required} of ${size} participants, got ${participants}`;
  throw new SidelightError("PARTICIPATION_TOO_LOW", message, { participants, required, size });
}

/** `current_slot >= signature_slot > attested_slot >= finalized_slot` */
function assertSlots(update: LightClientUpdate, currentSlot: number): void {
  const { signatureSlot } = update;
  const attestedSlot = update.attestedHeader.beacon.slot;
  const finalizedSlot = update.finalizedHeader.beacon.slot;
  if (!(signatureSlot > attestedSlot && attestedSlot >= finalizedSlot)) {
    const message = `update: expected finalized slot <= attested slot < signature slot, got ${finalizedSlot}, ${attestedSlot}, ${signatureSlot}`;
    throw new SidelightError("SLOT_ORDER_INVALID", message, { finalizedSlot, attestedSlot, signatureSlot });
  }
  // written so that a clock that gives no number lets nothing through
  if (!(signatureSlot <= currentSlot)) {
    const message = `update: signed at slot ${signatureSlot}, but the local clock is at slot ${currentSlot}`;
    throw new SidelightError("UPDATE_FROM_FUTURE", message, { signatureSlot, currentSlot });
  }
}

/** "Verify update does not skip a sync committee period" */
function assertPeriod(chain: Chain, store: LightClientStore, { signatureSlot }: LightClientUpdate): void {
  const period = storePeriod(chain, store);
  const signaturePeriod = computeSyncCommitteePeriodAtSlot(chain.network, signatureSlot);
  const nextCommitteeKnown = isNextSyncCommitteeKnown(store);
  if (signaturePeriod === period || (nextCommitteeKnown && signaturePeriod === period + 1)) return;
  const expected = nextCommitteeKnown ? `${period} or ${period + 1}` : `${period}`;
  const message = `update: expected a signature of period ${expected}, got one of period ${signaturePeriod}`;
  throw new SidelightError("PERIOD_SKIPPED", message, { storePeriod: period, signaturePeriod, nextCommitteeKnown });
}

/** "Verify update is relevant" */
function assertRelevant(chain: Chain, store: LightClientStore, update: LightClientUpdate): void {
  const attestedSlot = update.attestedHeader.beacon.slot;
  const finalizedSlot = store.finalizedHeader.beacon.slot;
  const hasMissingCommittee =
    !isNextSyncCommitteeKnown(store) &&
    isSyncCommitteeUpdate(update) &&
    computeSyncCommitteePeriodAtSlot(chain.network, attestedSlot) === storePeriod(chain, store);
  if (attestedSlot > finalizedSlot || hasMissingCommittee) return;
  const message = `update: attests slot ${attestedSlot}, but slot ${finalizedSlot} is final already`;
  throw new SidelightError("UPDATE_IRRELEVANT", message, { attestedSlot, finalizedSlot });
}

/** The finalized header is the one in the attested state; a zero root only where genesis is what is final. */
function assertFinality(chain: Chain, update: LightClientUpdate): void {
  const { finalizedHeader, attestedHeader, finalityBranch } = update;
  const finalizedSlot = finalizedHeader.beacon.slot;
  const mustBeEmpty = !isFinalityUpdate(update) || finalizedSlot === GENESIS_SLOT;
  if (mustBeEmpty && !isEmptyHeader(finalizedHeader)) {
    const message = `update: a finalized header at slot ${finalizedSlot} without a branch that proves it`;
    throw new SidelightError("FINALIZED_HEADER_UNEXPECTED", message, { finalizedSlot });
  }
  if (!isFinalityUpdate(update)) return;
  if (!mustBeEmpty) assertValidLightClientHeader(chain, "finalized header", finalizedHeader);
  const leaf = mustBeEmpty ? zeroBytes32() : beaconHeaderRoot(chain.types, finalizedHeader.beacon);
  const { slot, stateRoot } = attestedHeader.beacon;
  const gindex = finalizedRootGindexAtSlot(chain.network, slot);
  if (isValidNormalizedMerkleBranch("finality branch", leaf, finalityBranch, gindex, stateRoot)) return;
  const message = `update: the header at slot ${finalizedSlot} is not what the state at slot ${slot} holds as finalized`;
  const details = { slot, gindex, finalizedSlot, stateRoot: toHex(stateRoot) };
  throw new SidelightError("FINALITY_BRANCH_INVALID", message, details);
}

/** The next committee, if there is one, is the one in the attested state. Gives its root. */
function assertNextSyncCommittee(chain: Chain, update: LightClientUpdate): Uint8Array | null {
  const { nextSyncCommittee, nextSyncCommitteeBranch, attestedHeader } = update;
  const { slot, stateRoot } = attestedHeader.beacon;
  if (!isSyncCommitteeUpdate(update)) {
    if (nextSyncCommittee === null) return null;
    const message = `update: a next sync committee without a branch that proves it (attested slot ${slot})`;
    throw new SidelightError("NEXT_COMMITTEE_UNEXPECTED", message, { attestedSlot: slot });
  }
  const leaf = syncCommitteeRoot(chain.types, nextSyncCommittee);
  const gindex = nextSyncCommitteeGindexAtSlot(chain.network, slot);
  if (isValidNormalizedMerkleBranch("next sync committee branch", leaf, nextSyncCommitteeBranch, gindex, stateRoot)) {
    return leaf;
  }
  const message = `update: its next sync committee is not the one in the state at slot ${slot}`;
  throw new SidelightError("NEXT_COMMITTEE_BRANCH_INVALID", message, { slot, gindex, stateRoot: toHex(stateRoot) });
}

/** "Verify sync committee aggregate signature" */
function assertSignature(chain: Chain, store: LightClientStore, update: LightClientUpdate): void {
  const { syncAggregate, attestedHeader, signatureSlot } = update;
  const signaturePeriod = computeSyncCommitteePeriodAtSlot(chain.network, signatureSlot);
  // assertPeriod has made sure that it is known when it is needed
  const committee =
    signaturePeriod === storePeriod(chain, store) ? store.currentSyncCommittee : store.nextSyncCommittee!;
  const signingRoot = computeSyncCommitteeSigningRoot(chain, attestedHeader.beacon, signatureSlot);
  const reason = chain.bls.verifySyncAggregate(
    chain.bls.committee(committee),
    syncAggregate.syncCommitteeBits,
    signingRoot,
    syncAggregate.syncCommitteeSignature,
  );
  if (reason === null) return;
  const attestedSlot = attestedHeader.beacon.slot;
  const participants = countParticipants(syncAggregate);
  const message = `update: the signature of slot ${signatureSlot} over slot ${attestedSlot} by ${participants} members does not verify (${reason})`;
  throw new SidelightError("SIGNATURE_INVALID", message, { reason, signatureSlot, attestedSlot, participants });
}

/** A period has one next committee: a second one, truly signed, is an attack and not an update. */
function assertSameNextSyncCommittee(
  chain: Chain,
  store: LightClientStore,
  update: LightClientUpdate,
  nextRoot: Uint8Array,
): void {
  const period = computeSyncCommitteePeriodAtSlot(chain.network, update.attestedHeader.beacon.slot);
  if (store.nextSyncCommittee === null || period !== storePeriod(chain, store)) return;
  const knownRoot = syncCommitteeRoot(chain.types, store.nextSyncCommittee);
  if (equalBytes(nextRoot, knownRoot)) return;
  const details = { period, known: toHex(knownRoot), received: toHex(nextRoot) };
  const message = `update: signed another next committee for period ${period}: known ${details.known}, got ${details.received}`;
  throw new SidelightError("NEXT_COMMITTEE_CONFLICT", message, details);
}
