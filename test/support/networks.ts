/** Networks for tests: any fork at genesis, forks one after the other, blob schedules. Cheap to make, none is public. */
import { mainnetPreset, minimalPreset } from "../../src/networks/presets.js";
import {
  type BlobParameters,
  type ForkInfo,
  type ForkName,
  LIGHT_CLIENT_FORKS,
  type LightClientFork,
  type Network,
  type Preset,
} from "../../src/networks/types.js";
import { toHex } from "../../src/ssz/bytes.js";
import { fill } from "./fill.js";

export type { LightClientFork, Network, Preset };
export { LIGHT_CLIENT_FORKS, mainnetPreset, minimalPreset };

/** Forks at which the shape of light-client data, or a generalized index, changes. */
export const DISTINCT_FORKS = ["altair", "capella", "deneb", "electra", "gloas"] as const;

export interface TestNetworkOptions {
  /** @default "test" */
  readonly name?: string;
  /** @default minimalPreset */
  readonly preset?: Preset;
  /** Fork epochs; a fork that is not named starts at the epoch of the next one named after it, or never. */
  readonly forks: Partial<Record<LightClientFork, number>>;
  readonly blobSchedule?: readonly BlobParameters[];
  /** @default 9 */
  readonly maxBlobsPerBlockElectra?: number;
  /** Unix time in seconds. @default 1_700_000_000 */
  readonly genesisTime?: number;
  /** @default 6_000 */
  readonly slotDurationMs?: number;
}

/** A network of the given fork schedule. */
export function testNetwork(options: TestNetworkOptions): Network {
  const { name = "test", preset = minimalPreset, forks, blobSchedule = [] } = options;
  const schedule: Partial<Record<ForkName, ForkInfo>> = { phase0: { version: "0x00000001", epoch: 0 } };
  let epoch = Infinity;
  for (let i = LIGHT_CLIENT_FORKS.length - 1; i >= 0; i--) {
    const fork = LIGHT_CLIENT_FORKS[i]!;
    epoch = Math.min(forks[fork] ?? epoch, epoch);
    schedule[fork] = { version: `0x0${i + 1}000001`, epoch };
  }
  return {
    name,
    preset,
    genesisTime: options.genesisTime ?? 1_700_000_000,
    genesisValidatorsRoot: toHex(fill(name, "genesis_validators_root")),
    slotDurationMs: options.slotDurationMs ?? 6_000,
    forks: schedule as Record<ForkName, ForkInfo>,
    maxBlobsPerBlockElectra: options.maxBlobsPerBlockElectra ?? 9,
    blobSchedule,
  };
}

/** A network that is at `fork` from genesis on and never leaves it. */
export function networkAtFork(fork: LightClientFork, preset: Preset = minimalPreset): Network {
  return testNetwork({ name: `all-${fork}`, preset, forks: { [fork]: 0 } });
}

/**
 * A network with one fork after the other: Altair at `start`, each next fork `step` epochs later.
 * The defaults put every fork (but Altair) inside a sync-committee period of the minimal preset, none at its start.
 */
export function staggeredNetwork({
  start = 0,
  step = 21,
  preset = minimalPreset,
  first = "altair" as LightClientFork,
} = {}) {
  const forks: Partial<Record<LightClientFork, number>> = {};
  const from = LIGHT_CLIENT_FORKS.indexOf(first);
  LIGHT_CLIENT_FORKS.forEach((fork, i) => {
    forks[fork] = start + Math.max(0, i - from) * step;
  });
  return testNetwork({ name: "staggered", preset, forks });
}

/** Fulu from genesis with two later changes of the blob limit, then Gloas. */
export function blobScheduleNetwork(): Network {
  return testNetwork({
    name: "blobs",
    forks: { fulu: 0, gloas: 60 },
    blobSchedule: [
      { epoch: 10, maxBlobsPerBlock: 15 },
      { epoch: 30, maxBlobsPerBlock: 21 },
    ],
  });
}

/** First slot of a fork. */
export function firstSlotOf({ forks, preset }: Network, fork: LightClientFork): number {
  return forks[fork].epoch * preset.slotsPerEpoch;
}

/** First slot of a sync-committee period. */
export function firstSlotOfPeriod({ preset }: Network, period: number): number {
  return period * preset.epochsPerSyncCommitteePeriod * preset.slotsPerEpoch;
}

/** Period of a slot: the tests' own arithmetic. */
export function periodOf({ preset }: Network, slot: number): number {
  return Math.floor(slot / (preset.slotsPerEpoch * preset.epochsPerSyncCommitteePeriod));
}
