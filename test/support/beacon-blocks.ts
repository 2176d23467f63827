/** Chains of whole beacon blocks that nobody voted in: enough for whoever fetches them by root and by slot. */
import { mainnet } from "../../src/networks/mainnet.js";
import { minimalPreset } from "../../src/networks/presets.js";
import type { Network } from "../../src/networks/types.js";
import { createBeaconTypes } from "../../src/proof/beacon/types.js";
import { fromHex, toHex } from "../../src/ssz/bytes.js";
import { fill } from "./fill.js";

/** Altair for ever, in epochs of eight slots. */
export const ALTAIR_NETWORK: Network = {
  ...mainnet,
  preset: minimalPreset,
  forks: Object.fromEntries(
    Object.entries(mainnet.forks).map(([name, fork]) => [name, { ...fork, epoch: name === "altair" ? 0 : Infinity }]),
  ) as Network["forks"],
};

export interface ChainBlock {
  readonly slot: number;
  readonly root: string;
  /** SSZ of the signed block. */
  readonly bytes: Uint8Array;
}

/**
 * Blocks at these slots, ascending, each the child of the one before.
 * @param seed of another branch
 * @param parent root of the block that the first is a child of
 */
export function chainOf(slots: readonly number[], seed = "chain", parent?: string): ChainBlock[] {
  const types = createBeaconTypes(minimalPreset).forks.altair;
  let parentRoot: Uint8Array = parent === undefined ? fill(seed, "parent") : fromHex(parent);
  return slots.map((slot) => {
    const message = { ...types.BeaconBlock.defaultValue(), slot, parentRoot, stateRoot: fill(seed, slot) };
    const bytes = types.SignedBeaconBlock.serialize({ message, signature: new Uint8Array(96) });
    parentRoot = types.BeaconBlock.hashTreeRoot(message);
    return { slot, root: toHex(parentRoot), bytes };
  });
}
