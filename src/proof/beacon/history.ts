/**
 * Roots of earlier blocks, from a state: of the last 8192 slots in `block_roots`; before, in the batches that
 * `historical_summaries` (from Capella on) and `historical_roots` (before) hold the roots of. Source: consensus-specs
 * `specs/{phase0,capella}/beacon-chain.md`.
 */
import { optionInvalid } from "../../errors.js";
import type { Network } from "../../networks/types.js";
import { toHex } from "../../ssz/bytes.js";
import type { CompactMultiproof } from "../compact-multiproof.js";
import { type Multiproof, type ProvenSsz, verifySszBytes, verifySszProof } from "../ssz-proof.js";
import { statePreset } from "./preset.js";
import type { BeaconState, BeaconTypes } from "./types.js";

/** Where a state has the root of an earlier block. */
export type BlockRootPlace =
  | { readonly via: "block_roots"; readonly paths: readonly (readonly ["blockRoots", number])[] }
  | {
      readonly via: "historical_summaries";
      readonly paths: readonly (readonly ["historicalSummaries", number, "blockSummaryRoot"])[];
      /** First slot of the batch; it has as many as `block_roots`. */
      readonly firstSlot: number;
    }
  | {
      readonly via: "historical_roots";
      readonly paths: readonly (readonly ["historicalRoots", number])[];
      readonly firstSlot: number;
    };

/**
 * Where a state of `stateSlot` has the root of the block of `slot`.
 * @throws OPTION_INVALID a slot that is not before that of the state
 */
export function blockRootPlace(network: Network, stateSlot: number, slot: number): BlockRootPlace {
  const { slotsPerHistoricalRoot: size, slotsPerEpoch } = statePreset(network.preset);
  if (!(Number.isSafeInteger(slot) && slot >= 0 && slot < stateSlot)) {
    throw optionInvalid("slot", `a slot from 0 to ${stateSlot - 1}, before that of the state`, slot);
  }
  if (slot + size >= stateSlot) return { via: "block_roots", paths: [["blockRoots", slot % size]] };
  const batch = Math.floor(slot / size);
  const firstSlot = batch * size;
  // historical_roots is frozen when Capella begins, with all batches that are whole by then
  const frozen = Math.floor((network.forks.capella.epoch * slotsPerEpoch) / size);
  return batch < frozen
    ? { via: "historical_roots", paths: [["historicalRoots", batch]], firstSlot }
    : {
        via: "historical_summaries",
        paths: [["historicalSummaries", batch - frozen, "blockSummaryRoot"]],
        firstSlot,
      };
}

export interface HistoricalBlockRootOptions {
  readonly types: BeaconTypes;
  readonly network: Network;
  /** Of which `slot`, and what {@link blockRootPlace} says, are proven. */
  readonly state: ProvenSsz<BeaconState>;
  /** Of which slot the block's root is wanted. */
  readonly slot: number;
  /**
   * For blocks that are no longer in `block_roots`: a proof of the root in the batch (of the type `HistoricalRoots`, or
   * `HistoricalBatch` for `historical_roots`), or the batch's whole SSZ.
   */
  readonly batch?: CompactMultiproof | Multiproof | Uint8Array;
}

/**
 * The root of the block of `slot`; where that slot has none, of the last one before it. `null`: it is proven that the
 * state does not have its batch yet.
 *
 * @throws OPTION_INVALID a slot that is not before that of the state; or no batch where one is needed
 * @throws MERKLE_NODE_MISSING, MERKLE_ROOT_MISMATCH, DECODE_FAILED, INPUT_TOO_LARGE a batch that is not the state's
 */
export function verifyHistoricalBlockRoot(options: HistoricalBlockRootOptions): string | null {
  const { types, network, state, slot, batch } = options;
  const place = blockRootPlace(network, state.get(["slot"]), slot);
  const index = slot % types.slotsPerHistoricalRoot;
  if (place.via === "block_roots") return toHex(state.get(place.paths[0]!)!);
  const root = place.via === "historical_summaries" ? state.get(place.paths[0]!) : state.get(place.paths[0]!);
  if (root === null) return null;
  if (batch === undefined) throw optionInvalid("batch", `a proof of ${place.via}, or the batch itself`, batch);
  if (place.via === "historical_summaries") {
    const name = "historical summary";
    const type = types.HistoricalRoots;
    const roots: ProvenSsz<readonly Uint8Array[]> =
      batch instanceof Uint8Array
        ? verifySszBytes({ type, root, bytes: batch, name })
        : verifySszProof({ type, root, proof: batch, name });
    return toHex(roots.get([index])!);
  }
  const name = "historical batch";
  const type = types.HistoricalBatch;
  const both =
    batch instanceof Uint8Array
      ? verifySszBytes({ type, root, bytes: batch, name })
      : verifySszProof({ type, root, proof: batch, name });
  return toHex(both.get(["blockRoots", index])!);
}
