/**
 * Which finalized checkpoints cannot both be of one chain. Follows from `get_block_root` (consensus-specs
 * `specs/phase0/beacon-chain.md`): the checkpoint of an epoch is the newest block up to the epoch's first slot.
 */
import type { Network } from "../networks/types.js";
import { equalBytes } from "../ssz/bytes.js";
import type { BeaconBlockHeader, LightClientUpdate } from "../ssz/objects.js";
import { beaconHeaderRoot } from "../ssz/roots.js";
import type { Chain } from "./chain.js";
import { finalizedRootGindexAtSlot } from "./gindices.js";
import { floorlog2 } from "./merkle.js";
import { isFinalityUpdate } from "./update.js";

/** A block that is final. */
export interface FinalBlock {
  readonly slot: number;
  /** `Bytes32` */
  readonly root: Uint8Array;
  /** Of the checkpoint that names it; `null` where that is not known (a block that a user trusts). */
  readonly epoch: number | null;
}

/** A block that is trusted to be final, whatever checkpoint names it. */
export function trustedFinalBlock({ types }: Chain, header: BeaconBlockHeader): FinalBlock {
  return { slot: header.slot, root: beaconHeaderRoot(types, header), epoch: null };
}

/**
 * What an update proves as final; `null` without finality, and where genesis is what is final. The epoch is proven with
 * it: it is the sibling of the root in `Checkpoint`, so the first node of the branch.
 */
export function finalBlockOf({ network, types }: Chain, update: LightClientUpdate): FinalBlock | null {
  const { finalizedHeader, attestedHeader, finalityBranch } = update;
  const { slot } = finalizedHeader.beacon;
  if (!isFinalityUpdate(update) || slot === 0) return null;
  const depth = floorlog2(finalizedRootGindexAtSlot(network, attestedHeader.beacon.slot));
  const node = finalityBranch[finalityBranch.length - depth]!;
  const epoch = Number(new DataView(node.buffer, node.byteOffset).getBigUint64(0, true));
  return { slot, root: beaconHeaderRoot(types, finalizedHeader.beacon), epoch };
}

/** Can they not both be final on one chain? What cannot be known is no contradiction. */
export function areContradictory(network: Network, a: FinalBlock, b: FinalBlock): boolean {
  if (equalBytes(a.root, b.root)) return false;
  if (a.slot === b.slot || (a.epoch !== null && a.epoch === b.epoch)) return true;
  return leavesOut(network, a, b) || leavesOut(network, b, a);
}

/** Would `other` have been the checkpoint of `final`'s epoch, being newer and early enough? */
function leavesOut({ preset }: Network, { slot, epoch }: FinalBlock, other: FinalBlock): boolean {
  return epoch !== null && other.slot > slot && other.slot <= epoch * preset.slotsPerEpoch;
}
