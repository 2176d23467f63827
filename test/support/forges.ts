/** Forges that many tests share: making keys is what takes time. They keep no state that a test could change. */
import type { LightClientFork } from "../../src/networks/types.js";
import { initializeLightClientStore } from "../../src/spec/initialize.js";
import type { LightClientStore } from "../../src/spec/store.js";
import { createForge, type Forge } from "./forge.js";
import { networkAtFork, staggeredNetwork } from "./networks.js";
import { stubBls } from "./stub-bls.js";

const forges = new Map<string, Promise<Forge>>();

function cached(key: string, make: () => Promise<Forge>): Promise<Forge> {
  const forge = forges.get(key) ?? make();
  forges.set(key, forge);
  return forge;
}

/** A chain that is at `fork` from genesis on. */
export function forgeAt(fork: LightClientFork): Promise<Forge> {
  return cached(fork, () => createForge({ network: networkAtFork(fork) }));
}

/** A chain that goes through all forks, 21 epochs each, with every boundary inside a period. */
export function staggeredForge(): Promise<Forge> {
  return cached("staggered", () => createForge({ network: staggeredNetwork() }));
}

/** The staggered chain where every signature is accepted: for what does not depend on signatures. */
export function unsignedForge(): Promise<Forge> {
  return cached("unsigned", () => createForge({ network: staggeredNetwork(), bls: stubBls() }));
}

/** Store of a client that starts at the block of `slot`. */
export function storeAt(forge: Forge, slot: number): LightClientStore {
  const { root, value } = forge.bootstrap(slot);
  return initializeLightClientStore(forge.chain, root, value());
}

/** The same, knowing the next committee already. */
export function storeWithNext(forge: Forge, slot: number): LightClientStore {
  return { ...storeAt(forge, slot), nextSyncCommittee: forge.committee(forge.periodOf(slot) + 1).value };
}
