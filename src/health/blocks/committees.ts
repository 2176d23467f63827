/**
 * Sizes of the committees of an epoch, from the attestations in its blocks alone.
 *
 * A light client does not know the shuffling, so it does not know who sits where. How large each committee is follows from
 * one number, the active validators: `compute_committee` cuts them into slices as even as can be (consensus-specs
 * `specs/phase0/beacon-chain.md`). From Electra on an attestation has the bits of several committees in a row (EIP-7549), and
 * only the sizes tell whose bits are whose. Each attestation's length narrows the number down.
 */

/** `TARGET_COMMITTEE_SIZE`, `MAX_COMMITTEES_PER_SLOT` */
export interface CommitteeLimits {
  readonly slotsPerEpoch: number;
  readonly targetCommitteeSize: number;
  readonly maxCommitteesPerSlot: number;
}

/** The bits of these committees of this slot (counted within the epoch) are so many in all. */
export interface LengthSeen {
  readonly slotInEpoch: number;
  readonly committees: readonly number[];
  readonly length: number;
}

export interface CommitteeSizes {
  /**
   * All active validators, or the middle of what is possible. Where several numbers fit all that was seen, sizes of
   * committees differ by one at most.
   */
  readonly activeValidators: number;
  readonly isExact: boolean;
  readonly committeesPerSlot: number;
  size(slotInEpoch: number, committee: number): number;
  /** Of all committees of a slot. */
  slotSize(slotInEpoch: number): number;
}

/** consensus-specs `specs/phase0/beacon-chain.md`, `get_committee_count_per_slot` */
function committeesPerSlot(active: number, limits: CommitteeLimits): number {
  const wanted = Math.floor(Math.floor(active / limits.slotsPerEpoch) / limits.targetCommitteeSize);
  return Math.max(1, Math.min(limits.maxCommitteesPerSlot, wanted));
}

export function committeeSizesOf(active: number, limits: CommitteeLimits, isExact = true): CommitteeSizes {
  const perSlot = committeesPerSlot(active, limits);
  const count = perSlot * limits.slotsPerEpoch;
  const startOf = (index: number) => Math.floor((active * index) / count);
  return {
    activeValidators: active,
    isExact,
    committeesPerSlot: perSlot,
    size: (slot, committee) => startOf(slot * perSlot + committee + 1) - startOf(slot * perSlot + committee),
    slotSize: (slot) => startOf((slot + 1) * perSlot) - startOf(slot * perSlot),
  };
}

/** @returns `null` if nothing was seen, or if no number of validators fits: no valid chain has such lengths */
export function solveCommitteeSizes(seen: readonly LengthSeen[], limits: CommitteeLimits): CommitteeSizes | null {
  const rules = distinct(seen);
  if (rules.length === 0) return null;
  const fits = (active: number) => {
    const sizes = committeeSizesOf(active, limits);
    return rules.every(({ slotInEpoch, committees, length }) => {
      let sum = 0;
      for (const committee of committees) {
        if (committee >= sizes.committeesPerSlot) return false;
        sum += sizes.size(slotInEpoch, committee);
      }
      return sum === length;
    });
  };
  // a committee of an index that nobody voted in throughout the epoch would go unseen; the least number that fits is taken
  const fewest = 1 + rules.reduce((max, { committees }) => Math.max(max, ...committees), 0);
  for (let perSlot = fewest; perSlot <= limits.maxCommitteesPerSlot; perSlot++) {
    const [from, to] = rangeOf(rules[0]!, perSlot, limits);
    const fitting: number[] = [];
    for (let active = from; active <= to; active++) if (fits(active)) fitting.push(active);
    // one that fits, not an average: whatever was seen has the lengths that it had
    const middle = fitting[fitting.length >> 1];
    if (middle !== undefined) return committeeSizesOf(middle, limits, fitting.length === 1);
  }
  return null;
}

/** The widest sets first: they leave the fewest numbers to try. */
function distinct(seen: readonly LengthSeen[]): LengthSeen[] {
  const byKey = new Map<string, LengthSeen>();
  for (const each of seen) {
    if (each.committees.length > 0) byKey.set(`${each.slotInEpoch}:${each.length}:${each.committees.join()}`, each);
  }
  return [...byKey.values()].sort((a, b) => b.committees.length - a.committees.length);
}

/** What one length leaves possible: each committee is the even share, give or take one. */
function rangeOf({ committees, length }: LengthSeen, perSlot: number, limits: CommitteeLimits): [number, number] {
  const { slotsPerEpoch, targetCommitteeSize, maxCommitteesPerSlot } = limits;
  const count = perSlot * slotsPerEpoch;
  const low = Math.ceil(count * (length / committees.length - 1));
  const high = Math.floor(count * (length / committees.length + 1));
  // only where so many validators make so many committees
  const first = perSlot === 1 ? 1 : perSlot * targetCommitteeSize * slotsPerEpoch;
  const last = perSlot === maxCommitteesPerSlot ? Infinity : (perSlot + 1) * targetCommitteeSize * slotsPerEpoch - 1;
  return [Math.max(low, first), Math.min(high, last)];
}
