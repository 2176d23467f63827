import { BitArray } from "@chainsafe/ssz";
import {
  DOMAIN_BEACON_ATTESTER,
  ForkSeq,
  MAX_ATTESTATIONS,
  MAX_ATTESTATIONS_ELECTRA,
  MAX_COMMITTEES_PER_SLOT,
  SLOTS_PER_EPOCH,
} from "@lodestar/params";
import {
  type CachedBeaconStateAllForks,
  computeEpochAtSlot,
  computeSigningRoot,
  computeStartSlotAtEpoch,
  getBlockRootAtSlot,
} from "@lodestar/state-transition";
import { type Attestation, type electra, type phase0, ssz } from "@lodestar/types";
import type { KeyRing } from "./keys.ts";
import { sameBytes } from "./ssz-types.ts";

type Attests = (validator: number, slot: number) => boolean;

/** What went wrong in a slot, for those who attest in it. */
export type SlotTrouble = (slot: number) => { readonly lateBlock?: boolean; readonly voteDelay?: number };

/**
 * The votes that a block at the state's slot can carry: those of every slot from the parent's on, which no block can
 * have carried before. `state` is the parent's post state, advanced to the slot of the new block.
 */
export function makeAttestations(
  state: CachedBeaconStateAllForks,
  parentSlot: number,
  keys: KeyRing,
  attests: Attests,
  troubleAt: SlotTrouble,
): Attestation[] {
  const seq = state.config.getForkSeq(state.slot);
  const limit = seq >= ForkSeq.electra ? MAX_ATTESTATIONS_ELECTRA : MAX_ATTESTATIONS;
  const attestations: Attestation[] = [];
  const isHeldBack = (slot: number, until: number): boolean => slot + 1 + (troubleAt(slot).voteDelay ?? 0) > until;
  for (let slot = state.slot - 1; slot >= firstVotableSlot(state, parentSlot, troubleAt); slot--) {
    // held back still, or carried by the parent already
    if (isHeldBack(slot, state.slot) || (slot < parentSlot && !isHeldBack(slot, parentSlot))) continue;
    const isLate = troubleAt(slot).lateBlock ?? false;
    const made =
      seq >= ForkSeq.electra
        ? electraVotes(state, slot, keys, attests, isLate)
        : votes(state, slot, keys, attests, isLate);
    if (attestations.length + made.length > limit) break;
    attestations.push(...made);
  }
  return attestations;
}

/** Inclusion window: an epoch before Deneb, the previous epoch at most since (EIP-7045). */
function firstVotableSlot(state: CachedBeaconStateAllForks, parentSlot: number, troubleAt: SlotTrouble): number {
  const previousEpoch = Math.max(0, computeEpochAtSlot(state.slot) - 1);
  const inWindow = state.config.getForkSeq(state.slot) >= ForkSeq.deneb ? 0 : state.slot - SLOTS_PER_EPOCH;
  const first = Math.max(0, inWindow, computeStartSlotAtEpoch(previousEpoch));
  for (let slot = first; slot < parentSlot; slot++) if ((troubleAt(slot).voteDelay ?? 0) > 0) return first;
  return Math.max(first, parentSlot);
}

function attestationData(
  state: CachedBeaconStateAllForks,
  slot: number,
  index: number,
  isLate: boolean,
): phase0.AttestationData {
  const epoch = computeEpochAtSlot(slot);
  const isCurrent = epoch === computeEpochAtSlot(state.slot);
  const source = isCurrent ? state.currentJustifiedCheckpoint : state.previousJustifiedCheckpoint;
  return {
    slot,
    index,
    beaconBlockRoot: getBlockRootAtSlot(state, isLate && slot > 0 ? slot - 1 : slot),
    source: { epoch: source.epoch, root: source.root },
    target: { epoch, root: getBlockRootAtSlot(state, computeStartSlotAtEpoch(epoch)) },
  };
}

function sign(
  state: CachedBeaconStateAllForks,
  data: phase0.AttestationData,
  voters: readonly number[],
  keys: KeyRing,
): Uint8Array {
  const domain = state.config.getDomain(state.slot, DOMAIN_BEACON_ATTESTER, data.slot);
  return keys.signAll(voters, computeSigningRoot(ssz.phase0.AttestationData, data, domain));
}

function committeesAt(state: CachedBeaconStateAllForks, slot: number): number[][] {
  const count = state.epochCtx.getCommitteeCountPerSlot(computeEpochAtSlot(slot));
  return Array.from({ length: count }, (_, index) => Array.from(state.epochCtx.getBeaconCommittee(slot, index)));
}

/** One attestation a committee. */
function votes(
  state: CachedBeaconStateAllForks,
  slot: number,
  keys: KeyRing,
  attests: Attests,
  isLate: boolean,
): Attestation[] {
  return committeesAt(state, slot).flatMap((committee, index) => {
    const bits = committee.map((validator) => attests(validator, slot));
    const voters = committee.filter((_, i) => bits[i]);
    if (voters.length === 0) return [];
    const data = attestationData(state, slot, index, isLate);
    return [{ aggregationBits: BitArray.fromBoolArray(bits), data, signature: sign(state, data, voters, keys) }];
  });
}

/** One attestation a slot for all its committees (EIP-7549); a committee without a voter must not be listed. */
function electraVotes(
  state: CachedBeaconStateAllForks,
  slot: number,
  keys: KeyRing,
  attests: Attests,
  isLate: boolean,
): Attestation[] {
  const committees = committeesAt(state, slot)
    .map((members, index) => ({ index, members, bits: members.map((validator) => attests(validator, slot)) }))
    .filter(({ bits }) => bits.includes(true));
  if (committees.length === 0) return [];
  const voters = committees.flatMap(({ members, bits }) => members.filter((_, i) => bits[i]));
  const data = attestationData(state, slot, payloadIndex(state, slot, isLate), isLate);
  const attestation: electra.Attestation = {
    aggregationBits: BitArray.fromBoolArray(committees.flatMap(({ bits }) => bits)),
    data,
    signature: sign(state, data, voters, keys),
    committeeBits: BitArray.fromBoolArray(
      Array.from({ length: MAX_COMMITTEES_PER_SLOT }, (_, i) => committees.some(({ index }) => index === i)),
    ),
  };
  return [attestation];
}

/**
 * Gloas gives `index` a new meaning: 0 for a vote on the block of the same slot, else whether the payload of the block
 * voted for is there (specs/gloas/beacon-chain.md, `get_attestation_participation_flag_indices`).
 */
function payloadIndex(state: CachedBeaconStateAllForks, slot: number, isLate: boolean): number {
  if (state.config.getForkSeq(state.slot) < ForkSeq.gloas || slot === 0) return 0;
  // a vote for an older block says that its payload came, as it did
  if (isLate) return 1;
  const isEmptySlot = sameBytes(getBlockRootAtSlot(state, slot), getBlockRootAtSlot(state, slot - 1));
  return isEmptySlot ? 1 : 0;
}
