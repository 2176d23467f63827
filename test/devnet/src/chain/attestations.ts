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

/**
 * The votes that a block at the state's slot can carry: those of every slot from the parent's on, which no block can
 * have carried before. `state` is the parent's post state, advanced to the slot of the new block.
 */
export function makeAttestations(
  state: CachedBeaconStateAllForks,
  parentSlot: number,
  keys: KeyRing,
  attests: Attests,
): Attestation[] {
  const seq = state.config.getForkSeq(state.slot);
  const limit = seq >= ForkSeq.electra ? MAX_ATTESTATIONS_ELECTRA : MAX_ATTESTATIONS;
  const attestations: Attestation[] = [];
  for (let slot = state.slot - 1; slot >= firstVotableSlot(state, parentSlot); slot--) {
    const made = seq >= ForkSeq.electra ? electraVotes(state, slot, keys, attests) : votes(state, slot, keys, attests);
    if (attestations.length + made.length > limit) break;
    attestations.push(...made);
  }
  return attestations;
}

/** Inclusion window: an epoch before Deneb, the previous epoch at most since (EIP-7045). */
function firstVotableSlot(state: CachedBeaconStateAllForks, parentSlot: number): number {
  const previousEpoch = Math.max(0, computeEpochAtSlot(state.slot) - 1);
  const inWindow = state.config.getForkSeq(state.slot) >= ForkSeq.deneb ? 0 : state.slot - SLOTS_PER_EPOCH;
  return Math.max(0, parentSlot, inWindow, computeStartSlotAtEpoch(previousEpoch));
}

function attestationData(state: CachedBeaconStateAllForks, slot: number, index: number): phase0.AttestationData {
  const epoch = computeEpochAtSlot(slot);
  const isCurrent = epoch === computeEpochAtSlot(state.slot);
  const source = isCurrent ? state.currentJustifiedCheckpoint : state.previousJustifiedCheckpoint;
  return {
    slot,
    index,
    beaconBlockRoot: getBlockRootAtSlot(state, slot),
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
function votes(state: CachedBeaconStateAllForks, slot: number, keys: KeyRing, attests: Attests): Attestation[] {
  return committeesAt(state, slot).flatMap((committee, index) => {
    const bits = committee.map((validator) => attests(validator, slot));
    const voters = committee.filter((_, i) => bits[i]);
    if (voters.length === 0) return [];
    const data = attestationData(state, slot, index);
    return [{ aggregationBits: BitArray.fromBoolArray(bits), data, signature: sign(state, data, voters, keys) }];
  });
}

/** One attestation a slot for all its committees (EIP-7549); a committee without a voter must not be listed. */
function electraVotes(state: CachedBeaconStateAllForks, slot: number, keys: KeyRing, attests: Attests): Attestation[] {
  const committees = committeesAt(state, slot)
    .map((members, index) => ({ index, members, bits: members.map((validator) => attests(validator, slot)) }))
    .filter(({ bits }) => bits.includes(true));
  if (committees.length === 0) return [];
  const voters = committees.flatMap(({ members, bits }) => members.filter((_, i) => bits[i]));
  const data = attestationData(state, slot, payloadIndex(state, slot));
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
function payloadIndex(state: CachedBeaconStateAllForks, slot: number): number {
  if (state.config.getForkSeq(state.slot) < ForkSeq.gloas || slot === 0) return 0;
  const isEmptySlot = sameBytes(getBlockRootAtSlot(state, slot), getBlockRootAtSlot(state, slot - 1));
  return isEmptySlot ? 1 : 0;
}
