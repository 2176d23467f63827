import { expect } from "chai";
import { mainnetPreset, minimalPreset } from "../../../../src/networks/presets.js";
import type { LightClientFork } from "../../../../src/networks/types.js";
import { type BeaconState, createBeaconTypes, type ForkTypes } from "../../../../src/proof/beacon/types.js";
import {
  createSszProof,
  finalizedCheckpoint,
  forkVersions,
  type ProvenValidator,
  pendingDeposits,
  pendingWithdrawals,
  randaoMix,
  type StateQuery,
  syncCommittee,
  validatorAt,
  verifySszProof,
} from "../../../../src/proof/index.js";
import { toHex } from "../../../../src/ssz/bytes.js";
import type { AnyType } from "../../../../src/ssz/type.js";
import { expectCode } from "../../../support/expect-code.js";
import { fillBytes } from "../../../support/fill.js";
import { testNetwork } from "../../../support/networks.js";
import { randomValue } from "../../../support/random-ssz.js";

const NEVER = Number.POSITIVE_INFINITY;
const network = testNetwork({ forks: { electra: 0 } });
const types = createBeaconTypes(minimalPreset);

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function stateOf(fork: LightClientFork, change: (state: Mutable<BeaconState>) => void = () => {}) {
  const { BeaconState: type } = types.forks[fork] as unknown as ForkTypes;
  const value = randomValue(type as AnyType, "some 6") as Mutable<BeaconState>;
  value.slot = 8 * 100 + 3;
  change(value);
  return { type, value, bytes: type.serialize(value) };
}

/** The answer, from a proof of nothing else than what the query says. */
function ask<T>({ type, bytes }: ReturnType<typeof stateOf>, query: StateQuery<T>): T {
  const proof = createSszProof({ type, bytes, paths: query.paths });
  return query.read(verifySszProof({ type, root: proof.root, proof }), network);
}

describe("validatorAt", () => {
  const lifetime = { activationEligibilityEpoch: 5, activationEpoch: 10, exitEpoch: NEVER, withdrawableEpoch: NEVER };
  const exited = { ...lifetime, exitEpoch: 50, withdrawableEpoch: 60 };
  const CASES: readonly [status: ProvenValidator["status"], validator: object, balance?: bigint][] = [
    ["pending_initialized", { activationEligibilityEpoch: NEVER, activationEpoch: NEVER }],
    ["pending_queued", { activationEpoch: NEVER }],
    ["pending_queued", { activationEpoch: 101 }],
    ["active_ongoing", { activationEpoch: 100 }],
    ["active_exiting", { exitEpoch: 101 }],
    ["active_slashed", { exitEpoch: 101, slashed: true }],
    ["exited_unslashed", { ...exited, exitEpoch: 100, withdrawableEpoch: 101 }],
    ["exited_slashed", { ...exited, withdrawableEpoch: 101, slashed: true }],
    ["withdrawal_possible", { ...exited, withdrawableEpoch: 100 }, 1n],
    ["withdrawal_done", exited, 0n],
  ];
  for (const fork of ["altair", "gloas"] as const) {
    it(`tells every status, by the epoch of the state (${fork})`, () => {
      const state = stateOf(fork, (value) => {
        const [sample] = value.validators;
        value.validators = CASES.map(([, change]) => ({ ...sample!, ...lifetime, slashed: false, ...change }));
        value.balances = CASES.map(([, , balance = 32n]) => balance);
      });
      expect(CASES.map((_, i) => ask(state, validatorAt(i))?.status)).to.deep.equal(CASES.map(([status]) => status));
    });
  }

  it("gives what the state has, in hex and Gwei, and null for never", () => {
    const state = stateOf("deneb", (value) => {
      value.validators = value.validators.map((validator) => ({ ...validator, ...lifetime, slashed: true }));
    });
    const { validators, balances } = state.value;
    const credentials = (first: number) =>
      Uint8Array.of(first, ...new Uint8Array(11), ...new Uint8Array(20).fill(0xaa));
    const withAddress = stateOf("deneb", (value) => {
      value.validators = [1, 2, 0].map((first) => ({ ...validators[0]!, withdrawalCredentials: credentials(first) }));
    });
    expect(ask(state, validatorAt(3))).to.deep.equal({
      index: 3,
      status: "active_ongoing",
      balanceGwei: balances[3],
      effectiveBalanceGwei: validators[3]!.effectiveBalance,
      slashed: true,
      pubkey: toHex(validators[3]!.pubkey),
      withdrawalCredentials: toHex(validators[3]!.withdrawalCredentials),
      withdrawalAddress: null,
      activationEligibilityEpoch: 5,
      activationEpoch: 10,
      exitEpoch: null,
      withdrawableEpoch: null,
    });
    const address = `0x${"aa".repeat(20)}`;
    expect([0, 1, 2].map((i) => ask(withAddress, validatorAt(i))?.withdrawalAddress)).to.deep.equal([
      address,
      address,
      null,
    ]);
  });

  it("gives null for an index that no validator has, which is proven", () => {
    expect(ask(stateOf("deneb"), validatorAt(23))).to.equal(null);
    expect(ask(stateOf("gloas"), validatorAt(1_000_000))).to.equal(null);
  });
});

describe("queries of a state", () => {
  it("pendingDeposits, pendingWithdrawals", () => {
    const state = stateOf("electra", (value) => {
      const bytes = (length: number) => fillBytes(length, "deposit");
      const keys = { pubkey: bytes(48), withdrawalCredentials: bytes(32), signature: bytes(96) };
      value.pendingDeposits = [5n, 6n].map((amount) => ({ ...keys, amount, slot: 7 }));
    });
    const deposits = ask(state, pendingDeposits);
    expect(deposits.map(({ pubkey }) => pubkey)).to.deep.equal(
      state.value.pendingDeposits.map(({ pubkey }) => toHex(pubkey)),
    );
    expect(deposits.map(({ amountGwei }) => amountGwei)).to.deep.equal(
      state.value.pendingDeposits.map(({ amount }) => amount),
    );
    expect(deposits.length).to.be.above(0);
    expect(ask(state, pendingWithdrawals)).to.deep.equal(
      state.value.pendingPartialWithdrawals.map(({ validatorIndex, amount, withdrawableEpoch }) => ({
        validatorIndex,
        withdrawableEpoch,
        amountGwei: amount,
      })),
    );
    expectCode("OPTION_INVALID", () => ask(stateOf("deneb"), pendingDeposits));
  });

  it("syncCommittee, finalizedCheckpoint, forkVersions", () => {
    const state = stateOf("gloas");
    const { currentSyncCommittee, nextSyncCommittee, finalizedCheckpoint: checkpoint, fork } = state.value;
    expect(ask(state, syncCommittee("current")).pubkeys).to.deep.equal(currentSyncCommittee.pubkeys.map(toHex));
    expect(ask(state, syncCommittee("next")).aggregatePubkey).to.equal(toHex(nextSyncCommittee.aggregatePubkey));
    expect(ask(state, finalizedCheckpoint)).to.deep.equal({ epoch: checkpoint.epoch, root: toHex(checkpoint.root) });
    expect(ask(state, forkVersions)).to.deep.equal({
      previousVersion: toHex(fork.previousVersion),
      currentVersion: toHex(fork.currentVersion),
      epoch: fork.epoch,
    });
  });

  it("randaoMix of an epoch that the state still has", () => {
    const state = stateOf("fulu");
    // at epoch 100, of 64
    for (const epoch of [37, 64, 100]) {
      expect(ask(state, randaoMix(network, epoch))).to.equal(toHex(state.value.randaoMixes[epoch % 64]!));
    }
    for (const epoch of [36, 101, -1, 0.5]) expectCode("OPTION_INVALID", () => ask(state, randaoMix(network, epoch)));
    expect(randaoMix({ ...network, preset: mainnetPreset }, 65_537).paths[1]).to.deep.equal(["randaoMixes", 1]);
  });
});
