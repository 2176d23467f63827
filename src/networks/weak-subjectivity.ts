/**
 * How old a checkpoint may be: the weak-subjectivity period. Within it, whoever signs a conflicting finality is still in
 * the validator set, or not out of it for long enough to take the stake away.
 *
 * The specification computes it from the state: how much is staked, and how fast that may change. A light client has no
 * state, so the amount is a lower bound, kept with the network: less stake, shorter period.
 */
import { computeEpochAtSlot, forkAtEpoch } from "./schedule.js";
import { LIGHT_CLIENT_FORKS, type Network, type ValidatorChurn } from "./types.js";

/** `SAFETY_DECAY`: percent of the safety margin of 1/3 that may be lost. consensus-specs `specs/phase0/weak-subjectivity.md`. */
const SAFETY_DECAY = 10n;

/** `MIN_VALIDATOR_WITHDRAWABILITY_DELAY`, the same in every configuration there is. `specs/phase0/beacon-chain.md`. */
const MIN_VALIDATOR_WITHDRAWABILITY_DELAY = 256;

/** `EFFECTIVE_BALANCE_INCREMENT`, the same in every preset there is. `specs/phase0/beacon-chain.md`. */
const GWEI_PER_ETH = 10n ** 9n;

/**
 * Epochs, `compute_weak_subjectivity_period` of consensus-specs v1.7.0-alpha.13: `specs/electra/weak-subjectivity.md`,
 * from Gloas on `specs/gloas/weak-subjectivity.md`. Electra's is used for the forks before it as well: where
 * `specs/phase0/weak-subjectivity.md` differs, its period is the longer one.
 *
 * @param totalActiveBalanceEth what is staked, at least; in whole units of the staked currency (on Gnosis Chain: mGNO)
 */
export function computeWeakSubjectivityPeriod(
  churn: ValidatorChurn,
  totalActiveBalanceEth: number,
  isGloas: boolean,
): number {
  const total = BigInt(Math.max(1, Math.floor(totalActiveBalanceEth))) * GWEI_PER_ETH;
  const perEpoch = isGloas ? gloasChurn(churn, total) : electraChurn(churn, total);
  if (perEpoch === null) return MIN_VALIDATOR_WITHDRAWABILITY_DELAY;
  return MIN_VALIDATOR_WITHDRAWABILITY_DELAY + Number((SAFETY_DECAY * total) / (2n * perEpoch * 100n));
}

/** `get_balance_churn_limit`, `specs/electra/beacon-chain.md`. */
function electraChurn({ minPerEpochEth, quotient }: ValidatorChurn, total: bigint): bigint {
  return wholeEth(atLeast(minPerEpochEth, total / BigInt(quotient)));
}

/** Exit churn for 2/3, activation churn for 1/3, consolidation churn in full (EIP-8061). */
function gloasChurn({ minPerEpochEth, gloas }: ValidatorChurn, total: bigint): bigint | null {
  if (gloas === undefined) return null;
  const exit = wholeEth(atLeast(minPerEpochEth, total / BigInt(gloas.quotient)));
  const cap = BigInt(gloas.maxActivationPerEpochEth) * GWEI_PER_ETH;
  const activation = exit < cap ? exit : cap;
  const consolidation = wholeEth(total / BigInt(gloas.consolidationQuotient));
  return (2n * exit) / 3n + activation / 3n + consolidation;
}

function atLeast(minimumEth: number, gwei: bigint): bigint {
  const minimum = BigInt(minimumEth) * GWEI_PER_ETH;
  return gwei > minimum ? gwei : minimum;
}

function wholeEth(gwei: bigint): bigint {
  return gwei - (gwei % GWEI_PER_ETH);
}

/**
 * Seconds, for a checkpoint that is to be used at `currentSlot`: by what is known of the network's stake, and the rules of
 * the fork then in force (no fork has slowed churn down). Of a network about whose stake nothing is known, the part that
 * does not depend on it: `MIN_VALIDATOR_WITHDRAWABILITY_DELAY`, 256 epochs.
 */
export function weakSubjectivityPeriodSeconds(network: Network, currentSlot: number): number {
  const epochs = weakSubjectivityPeriodEpochs(network, computeEpochAtSlot(network, currentSlot));
  return Math.floor((epochs * network.preset.slotsPerEpoch * network.slotDurationMs) / 1000);
}

function weakSubjectivityPeriodEpochs(network: Network, currentEpoch: number): number {
  const { stake } = network;
  if (stake === undefined) return MIN_VALIDATOR_WITHDRAWABILITY_DELAY;
  const fork = forkAtEpoch(network, currentEpoch);
  const isGloas = fork !== "phase0" && LIGHT_CLIENT_FORKS.indexOf(fork) >= LIGHT_CLIENT_FORKS.indexOf("gloas");
  return computeWeakSubjectivityPeriod(stake.churn, stake.activeBalanceFloorEth, isGloas);
}
