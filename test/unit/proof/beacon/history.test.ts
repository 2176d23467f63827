import { expect } from "chai";
import { mainnet } from "../../../../src/networks/index.js";
import { minimalPreset } from "../../../../src/networks/presets.js";
import { type BeaconState, createBeaconTypes, type ForkTypes } from "../../../../src/proof/beacon/types.js";
import {
  blockRootPlace,
  createSszProof,
  verifyHistoricalBlockRoot,
  verifySszProof,
} from "../../../../src/proof/index.js";
import { toHex } from "../../../../src/ssz/bytes.js";
import type { AnyType } from "../../../../src/ssz/type.js";
import { expectCode } from "../../../support/expect-code.js";
import { fill } from "../../../support/fill.js";
import { testNetwork } from "../../../support/networks.js";
import { randomValue } from "../../../support/random-ssz.js";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const types = createBeaconTypes(minimalPreset);
// Capella begins in the middle of a batch of 64 slots: two batches are whole before
const network = testNetwork({ forks: { altair: 0, capella: 20, gloas: 60 } });

const rootsOf = (batch: number, what = "block") => Array.from({ length: 64 }, (_, i) => fill(what, 64 * batch + i));
const rootOfBatch = (batch: number) =>
  types.HistoricalBatch.hashTreeRoot({ blockRoots: rootsOf(batch), stateRoots: rootsOf(batch, "state") });

/** A state that has all of its history: of the batches 0 and 1 as roots, of 2 to 6 as summaries. */
function stateAt(fork: "capella" | "gloas", slot: number) {
  const { BeaconState: type } = types.forks[fork] as unknown as ForkTypes;
  const value = randomValue(type as AnyType, "history") as Mutable<BeaconState>;
  value.slot = slot;
  value.blockRoots = Array.from({ length: 64 }, (_, i) => {
    const last = slot - 1 - ((((slot - 1 - i) % 64) + 64) % 64);
    return fill("block", last);
  });
  value.historicalRoots = [0, 1].map(rootOfBatch);
  value.historicalSummaries = Array.from({ length: Math.floor(slot / 64) - 2 }, (_, i) => ({
    blockSummaryRoot: types.HistoricalRoots.hashTreeRoot(rootsOf(2 + i)),
    stateSummaryRoot: fill("states", i),
  }));
  return { type, bytes: type.serialize(value) };
}

function proven({ type, bytes }: ReturnType<typeof stateAt>, stateSlot: number, slot: number) {
  const { paths } = blockRootPlace(network, stateSlot, slot);
  const proof = createSszProof({ type, bytes, paths: [["slot"], ...paths] });
  return verifySszProof({ type, root: proof.root, proof });
}

function batchOf(slot: number, index = slot % 64): { proof: ReturnType<typeof createSszProof>; bytes: Uint8Array } {
  const batch = Math.floor(slot / 64);
  if (batch < 2) {
    const type = types.HistoricalBatch;
    const bytes = type.serialize({ blockRoots: rootsOf(batch), stateRoots: rootsOf(batch, "state") });
    return { proof: createSszProof({ type, bytes, paths: [["blockRoots", index]] }), bytes };
  }
  const type = types.HistoricalRoots;
  const bytes = type.serialize(rootsOf(batch));
  return { proof: createSszProof({ type, bytes, paths: [[index]] }), bytes };
}

describe("verifyHistoricalBlockRoot", () => {
  for (const [fork, stateSlot] of [
    ["capella", 7 * 64 + 9],
    ["gloas", 8 * 64],
  ] as const) {
    it(`proves the root of every earlier block, from a state of ${fork}`, () => {
      const state = stateAt(fork, stateSlot);
      const ways = new Map<string, number>();
      for (let slot = 0; slot < stateSlot; slot += slot < stateSlot - 70 ? 31 : 9) {
        const { via } = blockRootPlace(network, stateSlot, slot);
        ways.set(via, (ways.get(via) ?? 0) + 1);
        const options = { types, network, state: proven(state, stateSlot, slot), slot };
        const { proof, bytes } = batchOf(slot);
        const root = toHex(fill("block", slot));
        expect(verifyHistoricalBlockRoot({ ...options, batch: proof }), `${slot} by proof`).to.equal(root);
        expect(verifyHistoricalBlockRoot({ ...options, batch: bytes }), `${slot} by its batch`).to.equal(root);
      }
      expect([...ways.keys()]).to.deep.equal(["historical_roots", "historical_summaries", "block_roots"]);
    });
  }

  it("refuses another batch, another place in it, a missing batch, and a slot that is not before the state's", () => {
    const state = stateAt("capella", 457);
    const of = (slot: number) => ({ types, network, state: proven(state, 457, slot), slot });
    for (const slot of [5, 200]) {
      expectCode("MERKLE_ROOT_MISMATCH", () =>
        verifyHistoricalBlockRoot({ ...of(slot), batch: batchOf(slot + 64).proof }),
      );
      expectCode("MERKLE_ROOT_MISMATCH", () =>
        verifyHistoricalBlockRoot({ ...of(slot), batch: batchOf(slot + 64).bytes }),
      );
      const elsewhere = batchOf(slot, (slot + 2) % 64).proof;
      expectCode("MERKLE_NODE_MISSING", () => verifyHistoricalBlockRoot({ ...of(slot), batch: elsewhere }));
      expectCode("OPTION_INVALID", () => verifyHistoricalBlockRoot(of(slot)));
    }
    for (const slot of [457, 458, -1, 0.5]) expectCode("OPTION_INVALID", () => blockRootPlace(network, 457, slot));
  });

  it("gives null for a batch that the state should have, and has not", () => {
    const { BeaconState: type } = types.forks.capella as unknown as ForkTypes;
    const value = randomValue(type as AnyType, "history") as Mutable<BeaconState>;
    const bytes = type.serialize({ ...value, slot: 457, historicalSummaries: [] });
    expect(verifyHistoricalBlockRoot({ types, network, state: proven({ type, bytes }, 457, 200), slot: 200 })).to.equal(
      null,
    );
  });

  it("knows where mainnet's frozen history ends: 758 batches before Capella", () => {
    const stateSlot = 11_476_992;
    const first = mainnet.forks.capella.epoch * 32;
    expect(blockRootPlace(mainnet, stateSlot, first - 1)).to.deep.include({ paths: [["historicalRoots", 757]] });
    expect(blockRootPlace(mainnet, stateSlot, 6_209_538)).to.deep.equal({
      via: "historical_summaries",
      paths: [["historicalSummaries", 0, "blockSummaryRoot"]],
      firstSlot: first,
    });
  });
});
