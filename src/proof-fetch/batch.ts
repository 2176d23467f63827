/**
 * Roots of blocks that are no longer in a state's `block_roots`: the state keeps but the root of each batch of them
 * (`historical_summaries`, `historical_roots`). The batch itself is `block_roots` of the state at its end, whatever else
 * that state is: nobody has to prove it.
 */
import type { BlockRootPlace } from "../proof/beacon/history.js";
import type { BeaconState, BeaconTypes } from "../proof/beacon/types.js";
import { type CompactMultiproof, decodeCompactDescriptor, nodeMissing } from "../proof/compact-multiproof.js";
import { concatGindices, getHelperIndices } from "../proof/gindex.js";
import { nodesOf } from "../proof/merkle-proof.js";
import { decoding, getGeneralizedIndex, type Multiproof } from "../proof/ssz-proof.js";
import { bytesAt } from "../ssz/read.js";
import type { AnyType, SszType } from "../ssz/type.js";

/** A batch that is wanted for the root of one block. */
export interface WantedBatch {
  /** Slot of the state that has the batch. */
  readonly stateSlot: number;
  /** What to ask for of that state. */
  readonly gindices: readonly bigint[];
  /**
   * The batch out of what was answered: a proof of these nodes, or the whole state. Nothing of it is verified.
   * @throws DECODE_FAILED, INPUT_TOO_LARGE, MERKLE_PROOF_LENGTH_INVALID, MERKLE_NODE_MISSING an answer without it
   */
  batchOf(answer: CompactMultiproof | Uint8Array): Multiproof | Uint8Array;
}

/** The batch of `place`, for the block root of `slot` in it. `typeOf` is the type of the state at a slot. */
export function wantedBatch(
  types: BeaconTypes,
  typeOf: (slot: number) => SszType<BeaconState>,
  place: Exclude<BlockRootPlace, { via: "block_roots" }>,
  slot: number,
): WantedBatch {
  const size = types.slotsPerHistoricalRoot;
  const stateSlot = place.firstSlot + size;
  const state = typeOf(stateSlot);
  const blockRoots = getGeneralizedIndex(state, ["blockRoots"]).gindex;
  const stateRoots = getGeneralizedIndex(state, ["stateRoots"]).gindex;
  const isSummary = place.via === "historical_summaries";
  const inRoots = getGeneralizedIndex(types.HistoricalRoots, [slot % size]).gindex;
  const helpers = getHelperIndices([inRoots]);
  const wanted = [inRoots, ...helpers].map((gindex) => concatGindices(blockRoots, gindex));
  // a summary is of the block roots alone; a historical batch has the root of the state roots on its right
  const gindices = isSummary ? wanted : [...wanted, stateRoots];
  const leafIn = isSummary ? inRoots : concatGindices(2, inRoots);

  return {
    stateSlot,
    gindices,
    batchOf(answer) {
      const name = place.via.replace("_", " ");
      if (answer instanceof Uint8Array) {
        const part = (field: "blockRoots" | "stateRoots") =>
          decoding(name, () => bytesAt(state as unknown as AnyType, answer, [field]))!.bytes;
        return isSummary ? part("blockRoots") : Uint8Array.from([...part("blockRoots"), ...part("stateRoots")]);
      }
      const indices = decodeCompactDescriptor(answer.descriptor);
      const nodes = nodesOf(name, "leaves", answer.leaves, indices.length);
      const known = new Map(indices.map((gindex, i) => [gindex, nodes[i]!]));
      const [leaf, ...others] = gindices.map((gindex) => {
        const node = known.get(gindex);
        if (node === undefined) throw nodeMissing(name, gindex);
        return node;
      });
      // helpers go from the deepest up, and the state roots are the last: as `getHelperIndices` of the batch has them
      return { gindices: [leafIn], leaves: [leaf!], proof: others };
    },
  };
}
