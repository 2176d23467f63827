// What happens on the demo's chain: a calm that is not quite even, and one incident after the other.

/** Epochs from the beginning of one round of incidents to that of the next. */
export const ROUND_EPOCHS = 24;

/** A few are always offline, some now and then; once in a while a slot is empty. */
const WAVE = { offline: 0.035, swing: 0.012, missedEvery: 61 };

/** By epoch of the round; patterns as `SlotPattern` in test/devnet/src/api-types.ts. */
export const INCIDENTS = [
  { epoch: 3, epochs: 2, name: "more than a third is offline", pattern: { offline: 0.36 } },
  { epoch: 8, epochs: 1, name: "blocks come late", pattern: { offline: WAVE.offline, lateBlock: true, voteDelay: 1 } },
  { epoch: 12, epochs: 1, name: "half of the slots are empty", pattern: { offline: WAVE.offline, missed: 2 } },
  { epoch: 16, epochs: 0, name: "a proposer is slashed", pattern: { offline: WAVE.offline, slashing: "proposer" } },
  { epoch: 20, epochs: 0, name: "the chain is reorganised", reorg: 6 },
];

/**
 * @param {{ firstEpoch: number, rounds: number, slotsPerEpoch: number, calmEpochs?: number }} options `calmEpochs` of
 *   uneven calm before the first epoch
 * @returns {{ patterns: object[], reorgs: { slot: number, depth: number }[] }} ranges of slots, the last that matches
 *   counts; and when the chain is reorganised how deep
 */
export function incidents({ firstEpoch, rounds, slotsPerEpoch, calmEpochs = 0 }) {
  const from = (firstEpoch - calmEpochs) * slotsPerEpoch;
  const to = (firstEpoch + rounds * ROUND_EPOCHS) * slotsPerEpoch;
  const patterns = [];
  for (let slot = from; slot < to; slot += 2) {
    const offline = WAVE.offline + WAVE.swing * Math.max(0, Math.sin(slot / 3) + Math.sin(slot / 7));
    patterns.push({ from: slot, to: slot + 1, offline });
  }
  for (let slot = from; slot < to; slot += WAVE.missedEvery) patterns.push({ from: slot, to: slot, missed: true });
  const reorgs = [];
  for (let round = 0; round < rounds; round++) {
    for (const { epoch, epochs, pattern, reorg } of INCIDENTS) {
      const start = (firstEpoch + round * ROUND_EPOCHS + epoch) * slotsPerEpoch;
      const middle = start + slotsPerEpoch / 2;
      // late in its epoch, so that what it replaces is of that epoch
      if (reorg !== undefined) reorgs.push({ slot: start + slotsPerEpoch - 2, depth: reorg });
      else if (epochs === 0) patterns.push({ from: middle, to: middle, ...pattern });
      else patterns.push({ from: start, to: start + epochs * slotsPerEpoch - 1, ...pattern });
    }
  }
  return { patterns, reorgs };
}
