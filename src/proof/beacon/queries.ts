/**
 * What people ask a state for: which parts of it must be proven, and what they say. Roots, keys and the like are `0x` hex,
 * amounts `bigint` in Gwei.
 */
import { optionInvalid } from "../../errors.js";
import { computeEpochAtSlot } from "../../networks/schedule.js";
import type { Network } from "../../networks/types.js";
import { toHex } from "../../ssz/bytes.js";
import type { Path } from "../../ssz/path.js";
import type { ProvenSsz } from "../ssz-proof.js";
import { statePreset } from "./preset.js";
import type { BeaconState } from "./types.js";

/** A question to a state. */
export interface StateQuery<T> {
  /** What a proof must prove, to answer it. */
  readonly paths: readonly Path<BeaconState>[];
  /** @throws MERKLE_NODE_MISSING a state of which not all {@link paths} are proven */
  readonly read: (state: ProvenSsz<BeaconState>, network: Network) => T;
}

/** beacon-APIs `types/api.yaml#ValidatorStatus` */
export type ValidatorStatus =
  | "pending_initialized"
  | "pending_queued"
  | "active_ongoing"
  | "active_exiting"
  | "active_slashed"
  | "exited_unslashed"
  | "exited_slashed"
  | "withdrawal_possible"
  | "withdrawal_done";

export interface ProvenValidator {
  readonly index: number;
  /** In the epoch of the state's slot. */
  readonly status: ValidatorStatus;
  readonly balanceGwei: bigint;
  readonly effectiveBalanceGwei: bigint;
  readonly slashed: boolean;
  /** `Bytes48` */
  readonly pubkey: string;
  /** `Bytes32` */
  readonly withdrawalCredentials: string;
  /** Where withdrawals go; `null` while the credentials are those of a BLS key (0x00). */
  readonly withdrawalAddress: string | null;
  /** Epochs; `null` is never, as far as the state knows. */
  readonly activationEligibilityEpoch: number | null;
  readonly activationEpoch: number | null;
  readonly exitEpoch: number | null;
  readonly withdrawableEpoch: number | null;
}

/** A validator by its index; `null`: it is proven that there are not so many. */
export function validatorAt(index: number): StateQuery<ProvenValidator | null> {
  return {
    paths: [["slot"], ["validators", index], ["balances", index]],
    read(state, network) {
      const validator = state.get(["validators", index]);
      const balanceGwei = state.get(["balances", index]);
      if (validator === null || balanceGwei === null) return null;
      const epoch = computeEpochAtSlot(network, state.get(["slot"]));
      const credentials = toHex(validator.withdrawalCredentials);
      return {
        index,
        status: statusAt(epoch, validator, balanceGwei),
        balanceGwei,
        effectiveBalanceGwei: validator.effectiveBalance,
        slashed: validator.slashed,
        pubkey: toHex(validator.pubkey),
        withdrawalCredentials: credentials,
        withdrawalAddress: /^0x0[123]/.test(credentials) ? `0x${credentials.slice(-40)}` : null,
        activationEligibilityEpoch: orNever(validator.activationEligibilityEpoch),
        activationEpoch: orNever(validator.activationEpoch),
        exitEpoch: orNever(validator.exitEpoch),
        withdrawableEpoch: orNever(validator.withdrawableEpoch),
      };
    },
  };
}

interface Lifetime {
  readonly slashed: boolean;
  readonly activationEligibilityEpoch: number;
  readonly activationEpoch: number;
  readonly exitEpoch: number;
  readonly withdrawableEpoch: number;
}

/** beacon-APIs `types/api.yaml#ValidatorStatus`, as its note on the validator status specification has it. */
function statusAt(epoch: number, validator: Lifetime, balanceGwei: bigint): ValidatorStatus {
  const { slashed, activationEligibilityEpoch, activationEpoch, exitEpoch, withdrawableEpoch } = validator;
  if (epoch < activationEpoch) {
    return activationEligibilityEpoch === Number.POSITIVE_INFINITY ? "pending_initialized" : "pending_queued";
  }
  if (epoch < exitEpoch) {
    if (exitEpoch === Number.POSITIVE_INFINITY) return "active_ongoing";
    return slashed ? "active_slashed" : "active_exiting";
  }
  if (epoch < withdrawableEpoch) return slashed ? "exited_slashed" : "exited_unslashed";
  return balanceGwei === 0n ? "withdrawal_done" : "withdrawal_possible";
}

function orNever(epoch: number): number | null {
  return epoch === Number.POSITIVE_INFINITY ? null : epoch;
}

export interface PendingDeposit {
  readonly pubkey: string;
  readonly withdrawalCredentials: string;
  readonly amountGwei: bigint;
  readonly signature: string;
  readonly slot: number;
}

/** From Electra on: deposits that are not yet credited, in their order. */
export const pendingDeposits: StateQuery<readonly PendingDeposit[]> = {
  paths: [["pendingDeposits"]],
  read: (state) =>
    state.get(["pendingDeposits"]).map(({ pubkey, withdrawalCredentials, amount, signature, slot }) => ({
      pubkey: toHex(pubkey),
      withdrawalCredentials: toHex(withdrawalCredentials),
      amountGwei: amount,
      signature: toHex(signature),
      slot,
    })),
};

export interface PendingWithdrawal {
  readonly validatorIndex: number;
  readonly amountGwei: bigint;
  readonly withdrawableEpoch: number;
}

/** From Electra on: partial withdrawals that were asked for and not yet made, in their order. */
export const pendingWithdrawals: StateQuery<readonly PendingWithdrawal[]> = {
  paths: [["pendingPartialWithdrawals"]],
  read: (state) =>
    state
      .get(["pendingPartialWithdrawals"])
      .map(({ amount, ...withdrawal }) => ({ ...withdrawal, amountGwei: amount })),
};

export interface ProvenCommittee {
  /** `Bytes48` each, by position. */
  readonly pubkeys: readonly string[];
  readonly aggregatePubkey: string;
}

/** The sync committee of the state's period, or of the next. */
export function syncCommittee(which: "current" | "next"): StateQuery<ProvenCommittee> {
  const path = [which === "current" ? "currentSyncCommittee" : "nextSyncCommittee"] as const;
  return {
    paths: [path],
    read(state) {
      const { pubkeys, aggregatePubkey } = state.get(path);
      return { pubkeys: pubkeys.map(toHex), aggregatePubkey: toHex(aggregatePubkey) };
    },
  };
}

export interface ProvenCheckpoint {
  readonly epoch: number;
  /** Root of the block; zero before the first. */
  readonly root: string;
}

/** What the state knows as final. */
export const finalizedCheckpoint: StateQuery<ProvenCheckpoint> = {
  paths: [["finalizedCheckpoint"]],
  read(state) {
    const { epoch, root } = state.get(["finalizedCheckpoint"]);
    return { epoch, root: toHex(root) };
  },
};

/**
 * The RANDAO mix of an epoch, as of its end; for the state's own epoch, as of the state. Give an epoch that the state still
 * has: of mainnet's, the last 65536.
 */
export function randaoMix(network: Network, epoch: number): StateQuery<string> {
  const size = statePreset(network.preset).epochsPerHistoricalVector;
  if (!Number.isSafeInteger(epoch) || epoch < 0) throw optionInvalid("epoch", "an integer from 0 on", epoch);
  const path = ["randaoMixes", epoch % size] as const;
  return {
    paths: [["slot"], path],
    read(state) {
      const current = computeEpochAtSlot(network, state.get(["slot"]));
      if (epoch > current || epoch <= current - size) {
        throw optionInvalid("epoch", `an epoch from ${Math.max(0, current - size + 1)} to ${current}`, epoch);
      }
      // a vector has all of its elements
      return toHex(state.get(path)!);
    },
  };
}

export interface ProvenFork {
  /** `Bytes4` */
  readonly previousVersion: string;
  readonly currentVersion: string;
  /** Of the current version: since when. */
  readonly epoch: number;
}

export const forkVersions: StateQuery<ProvenFork> = {
  paths: [["fork"]],
  read(state) {
    const { previousVersion, currentVersion, epoch } = state.get(["fork"]);
    return { previousVersion: toHex(previousVersion), currentVersion: toHex(currentVersion), epoch };
  },
};
