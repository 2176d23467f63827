/** A client that saves as often as it can, until it is killed: in a process of its own, or in a page. */
import { blstBls } from "../../../src/bls/blst/index.js";
import { createLightClient } from "../../../src/client/light-client.js";
import type { Clock } from "../../../src/clock.js";
import type { Network } from "../../../src/networks/types.js";
import { createChain } from "../../../src/spec/chain.js";
import type { CheckpointStore } from "../../../src/store/port.js";
import { snapshotCodec, snapshotKey } from "../../../src/store/snapshot.js";
import { type ChainData, EPOCH, slotOf, sourceOf } from "./data.js";

export interface Writing {
  readonly data: ChainData;
  readonly store: CheckpointStore;
  /** Called when a save has resolved, with the slot that is final in what was saved. */
  readonly confirm: (slot: number) => void;
}

/** Goes on from what the store holds; one more epoch becomes final with each step. */
export async function writeUntilTheEnd({ data, store, confirm }: Writing): Promise<void> {
  const { checkpoint } = data;
  const network = revived(data.network);
  const bls = blstBls();
  const chain = createChain(network, bls);
  const codec = snapshotCodec(chain);
  const stored = await store.load(snapshotKey(network));
  // one further than where the one before was killed
  let step = stored === null ? 0 : stepAfter(data, codec.decode(stored).store.finalizedHeader.beacon.slot);
  const clock: Clock = {
    nowMs: () => (network.genesisTime + (slotOf(data, step) * network.slotDurationMs) / 1000) * 1000 + 500,
    // nothing is slow here
    sleep: () => new Promise(() => {}),
  };
  const confirming: CheckpointStore = {
    load: (key) => store.load(key),
    clear: (key) => store.clear(key),
    async save(key, bytes) {
      await store.save(key, bytes);
      if (key === snapshotKey(network)) confirm(codec.decode(bytes).store.finalizedHeader.beacon.slot);
    },
  };
  const sources = [sourceOf(data, () => step)];
  const client = createLightClient({
    network,
    checkpoint,
    sources,
    bls,
    clock,
    store: confirming,
    staleCheckpoint: "allow",
  });
  for (; step < data.finality.length; step++) await client.syncOnce();
}

/** What became final at `slot` was signed two epochs later. */
function stepAfter({ fromEpoch }: ChainData, slot: number): number {
  return Math.max(0, slot / EPOCH + 2 - fromEpoch + 1);
}

/** JSON has no `Infinity`, which is when most forks are. */
function revived(network: Network): Network {
  const forks = Object.entries(network.forks).map(([name, fork]) => [name, { ...fork, epoch: fork.epoch ?? Infinity }]);
  return { ...network, forks: Object.fromEntries(forks) };
}
