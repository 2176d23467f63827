/** Which gossip topics to be on: consensus-specs `specs/altair/light-client/p2p-interface.md`, and `phase0` for their names. */
import { computeEpochAtSlot, forkDigests, slotAtTime } from "../../networks/schedule.js";
import type { Network } from "../../networks/types.js";
import { sha256 } from "../../ssz/hash.js";
import type { SourceEvent } from "../port.js";

export interface Topic {
  readonly name: string;
  readonly type: SourceEvent["type"];
  /** `0x` hex. */
  readonly digest: string;
}

/**
 * Subscribed so long before a fork, and left so long after it: meshes take time to grow, and what attests to the last
 * block before the fork travels on the old topic.
 */
const EPOCHS_AROUND_FORK = 2;

const NAMES: readonly [type: SourceEvent["type"], name: string][] = [
  ["finality", "light_client_finality_update"],
  ["optimistic", "light_client_optimistic_update"],
];

/** The fork digest in force at a moment (in milliseconds of Unix time); genesis' before genesis. */
export function digestAt(network: Network, atMs: number): string {
  const epoch = Math.max(0, computeEpochAtSlot(network, slotAtTime(network, atMs)));
  return forkDigests(network, sha256).findLast((entry) => entry.epoch <= epoch)!.digest;
}

/** The topics of every digest that is in force now, was lately, or will be soon. */
export function topicsAt(network: Network, nowMs: number): Topic[] {
  const epoch = Math.max(0, computeEpochAtSlot(network, slotAtTime(network, nowMs)));
  const all = forkDigests(network, sha256);
  const wanted = all.filter((entry, i) => {
    const endEpoch = all[i + 1]?.epoch ?? Number.POSITIVE_INFINITY;
    return (
      entry.fork !== "phase0" && entry.epoch <= epoch + EPOCHS_AROUND_FORK && epoch < endEpoch + EPOCHS_AROUND_FORK
    );
  });
  return wanted.flatMap(({ digest }) =>
    NAMES.map(([type, name]) => ({ name: `/eth2/${digest.slice(2)}/${name}/ssz_snappy`, type, digest })),
  );
}
