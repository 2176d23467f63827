/** What the votes of one epoch say, from all the blocks that can carry them. */
import type { BitArray } from "../../ssz/bit-array.js";
import { toHex } from "../../ssz/bytes.js";
import type { MetricValues } from "../metrics.js";
import { type CommitteeLimits, type CommitteeSizes, type LengthSeen, solveCommitteeSizes } from "./committees.js";
import type { Attestation } from "./decode-block.js";

/** An attestation, with no more than is counted. */
export interface Vote {
  readonly slot: number;
  readonly head: string;
  readonly target: string;
  /** Epoch and root of the source. */
  readonly source: string;
  readonly committees: readonly number[];
  readonly bits: BitArray;
}

/** A canonical block and the votes in it. */
export interface LinkedBlock {
  readonly slot: number;
  readonly root: string;
  readonly votes: readonly Vote[];
}

export interface VoteTally {
  readonly values: MetricValues;
  /** Seats of all committees of the epoch, and how many of them voted in a canonical block. */
  readonly seats: number;
  readonly voted: number;
  /** Are the committees' sizes certain? `null` without votes. */
  readonly isExact: boolean | null;
}

export function voteOf({ aggregationBits, committeeBits, data }: Attestation): Vote {
  return {
    slot: data.slot,
    head: toHex(data.beaconBlockRoot),
    target: toHex(data.target.root),
    source: `${data.source.epoch}:${toHex(data.source.root)}`,
    // before Electra the index is the committee
    committees: committeeBits === undefined ? [data.index] : committeeBits.getTrueBitIndexes(),
    bits: aggregationBits,
  };
}

/** What the chain says at a slot: the votes are held against it. */
export interface CanonicalView {
  /** Root of the newest canonical block up to a slot. */
  rootAt(slot: number): string;
  /** Slot of the first canonical block after a slot. */
  nextBlockAfter(slot: number): number;
}

/**
 * @param blocks ascending: all that can carry a vote of the epoch
 */
export function tallyVotes(
  epoch: number,
  blocks: readonly LinkedBlock[],
  view: CanonicalView,
  limits: CommitteeLimits,
): VoteTally {
  const { slotsPerEpoch } = limits;
  const start = epoch * slotsPerEpoch;
  const ofEpoch = ({ slot }: Vote) => slot >= start && slot < start + slotsPerEpoch;
  const carried = blocks.flatMap(({ slot, votes }) =>
    votes.filter(ofEpoch).map((vote) => ({ vote, includedAt: slot })),
  );
  // none of however many seats: the worst that can be, and known
  if (carried.length === 0) {
    return { values: { voteParticipation: 0, effectiveness: 0 }, seats: 0, voted: 0, isExact: null };
  }
  const sizes = solveCommitteeSizes(
    carried.map(({ vote }) => lengthOf(vote, start)),
    limits,
  );
  if (sizes === null) return { values: {}, seats: 0, voted: 0, isExact: null };

  const targetRoot = view.rootAt(start);
  const sums = { voted: 0, distance: 0, effectiveness: 0, head: 0, target: 0 };
  const sources = new Map<string, number>();
  const taken = new Map<number, Uint8Array>();
  for (const { vote, includedAt } of carried) {
    // in the order of the blocks: a seat's first inclusion counts
    const count = takeSeats(taken, vote, vote.slot - start, sizes);
    if (count === 0) continue;
    const distance = includedAt - vote.slot;
    sums.voted += count;
    sums.distance += count * distance;
    sums.effectiveness += (count * (view.nextBlockAfter(vote.slot) - vote.slot)) / distance;
    if (vote.head === view.rootAt(vote.slot)) sums.head += count;
    if (vote.target === targetRoot) sums.target += count;
    sources.set(vote.source, (sources.get(vote.source) ?? 0) + count);
  }
  let seats = 0;
  for (let slot = 0; slot < slotsPerEpoch; slot++) seats += sizes.slotSize(slot);
  const { voted } = sums;
  return {
    seats,
    voted,
    isExact: sizes.isExact,
    values: {
      voteParticipation: voted / seats,
      effectiveness: sums.effectiveness / seats,
      ...(voted === 0
        ? {}
        : {
            inclusionDistance: sums.distance / voted,
            headAccuracy: sums.head / voted,
            targetAccuracy: sums.target / voted,
            sourceAccuracy: Math.max(...sources.values()) / voted,
          }),
    },
  };
}

function lengthOf({ slot, committees, bits }: Vote, start: number): LengthSeen {
  return { slotInEpoch: slot - start, committees, length: bits.bitLen };
}

/** Marks the seats of a vote. @returns how many were not marked before */
function takeSeats(
  taken: Map<number, Uint8Array>,
  { committees, bits }: Vote,
  slot: number,
  sizes: CommitteeSizes,
): number {
  let count = 0;
  let offset = 0;
  for (const committee of committees) {
    const size = sizes.size(slot, committee);
    const key = slot * sizes.committeesPerSlot + committee;
    const seats = taken.get(key) ?? new Uint8Array(size);
    taken.set(key, seats);
    const { uint8Array } = bits;
    for (let seat = 0, bit = offset; seat < size; seat++, bit++) {
      if (seats[seat] === 0 && ((uint8Array[bit >> 3]! >> (bit & 7)) & 1) === 1) {
        seats[seat] = 1;
        count++;
      }
    }
    offset += size;
  }
  return count;
}
