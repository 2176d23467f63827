import { type ChainConfig, type ChainForkConfig, createChainForkConfig } from "@lodestar/config";
import { ACTIVE_PRESET, EPOCHS_PER_SYNC_COMMITTEE_PERIOD, SLOTS_PER_EPOCH } from "@lodestar/params";
import { type DevnetOptions, FORK_NAMES, type ScheduledFork } from "../api-types.ts";

/** Options with every default filled in. */
export type ChainOptions = Required<Omit<DevnetOptions, "executionStateRoot" | "forks">> & {
  forks: Record<ScheduledFork, number>;
  executionStateRoot: string | null;
};

const SCHEDULED = FORK_NAMES.filter((name): name is ScheduledFork => name !== "phase0");
const DEFAULT_FORKS: NonNullable<DevnetOptions["forks"]> = { electra: 0 };
const MANUAL_GENESIS_TIME = 1_700_000_000;

/** A fork that is not named was always there if a later one is named; otherwise it never comes. */
export function resolveForks(
  forks: NonNullable<DevnetOptions["forks"]> = DEFAULT_FORKS,
): Record<ScheduledFork, number> {
  const named = SCHEDULED.map((name) => forks[name]);
  const lastNamed = named.findLastIndex((epoch) => epoch !== undefined && epoch !== Infinity);
  const epochs = named.map((epoch, i) => epoch ?? (i < lastNamed ? 0 : Infinity));
  assertSchedule(epochs);
  return Object.fromEntries(SCHEDULED.map((name, i) => [name, epochs[i]])) as Record<ScheduledFork, number>;
}

function assertSchedule(epochs: readonly number[]): void {
  for (const [i, epoch] of epochs.entries()) {
    const name = SCHEDULED[i];
    if (epoch !== Infinity && !(Number.isSafeInteger(epoch) && epoch >= 0)) {
      throw new Error(`fork ${name}: expected an epoch, got ${epoch}`);
    }
    const before = i === 0 ? 0 : (epochs[i - 1] as number);
    if (epoch < before) {
      throw new Error(`fork ${name} at epoch ${epoch} comes before the one it builds on, at ${before}: name them all`);
    }
    // The signature domain of the first block after the boundary would follow the last but one fork in the state and
    // the first one in a light client: no real network has done this.
    if (i > 0 && epoch === before && epoch !== 0 && epoch !== Infinity) {
      throw new Error(`fork ${name} and the fork before it are both at epoch ${epoch}: only possible at genesis`);
    }
  }
}

export function resolveOptions(options: DevnetOptions, nowSeconds: number): ChainOptions {
  const preset = options.preset ?? "minimal";
  if (preset !== ACTIVE_PRESET) throw new Error(`preset ${preset} asked for, but the process runs ${ACTIVE_PRESET}`);
  const mode = options.mode ?? "manual";
  const secondsPerSlot = options.secondsPerSlot ?? (mode === "live" ? 1 : preset === "mainnet" ? 12 : 6);
  // Three periods of the minimal preset take half a second, of the mainnet one a minute: finality has to do there.
  const liveEpochs = preset === "mainnet" ? 8 : 3 * EPOCHS_PER_SYNC_COMMITTEE_PERIOD;
  const preSlots = options.preSlots ?? (mode === "live" ? liveEpochs * SLOTS_PER_EPOCH : 0);
  const genesisTime =
    options.genesisTime ?? (mode === "live" ? nowSeconds - preSlots * secondsPerSlot : MANUAL_GENESIS_TIME);
  return {
    preset,
    mode,
    secondsPerSlot,
    preSlots,
    genesisTime,
    forks: resolveForks(options.forks),
    blobSchedule: options.blobSchedule ?? [],
    validators: options.validators ?? (preset === "mainnet" ? 512 : 64),
    seed: options.seed ?? 0,
    patterns: options.patterns ?? [],
    stateWindow: options.stateWindow ?? 64,
    executionStateRoot: options.executionStateRoot ?? null,
    strict: options.strict ?? false,
  };
}

/** Versions that no public network uses: fork number, zeros, 0xd1. */
function forkVersion(index: number): Uint8Array {
  return Uint8Array.from([index, 0, 0, 0xd1]);
}

export function createDevnetConfig(options: ChainOptions): ChainForkConfig {
  const forks = Object.fromEntries(
    FORK_NAMES.flatMap((name, i) => {
      if (name === "phase0") return [["GENESIS_FORK_VERSION", forkVersion(0)]];
      const prefix = name.toUpperCase();
      return [
        [`${prefix}_FORK_VERSION`, forkVersion(i)],
        [`${prefix}_FORK_EPOCH`, options.forks[name]],
      ];
    }),
  ) as Partial<ChainConfig>;

  return createChainForkConfig({
    ...forks,
    PRESET_BASE: ACTIVE_PRESET,
    CONFIG_NAME: "sidelight-devnet",
    MIN_GENESIS_ACTIVE_VALIDATOR_COUNT: options.validators,
    MIN_GENESIS_TIME: options.genesisTime,
    GENESIS_DELAY: 0,
    SECONDS_PER_SLOT: options.secondsPerSlot,
    SLOT_DURATION_MS: options.secondsPerSlot * 1000,
    HEZE_FORK_EPOCH: Infinity,
    TERMINAL_TOTAL_DIFFICULTY: 0n,
    BLOB_SCHEDULE: options.blobSchedule.map((entry) => ({
      EPOCH: entry.epoch,
      MAX_BLOBS_PER_BLOCK: entry.maxBlobsPerBlock,
    })),
  });
}
