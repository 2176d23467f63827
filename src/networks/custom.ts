/**
 * Networks that the library does not ship: local chains, devnets, and public ones younger than this release. What comes
 * in is somebody's file or a node's answer, so all of it is checked and a fault is refused by the name of its field.
 *
 * A network made from a node's answer is as trustworthy as that node: the genesis validators root is part of what sync
 * committees sign, the fork schedule decides what is verified by which rules. Take it from where the checkpoint comes
 * from.
 */
import { own, type Range, readEpoch, readInteger, readRecord, readRoot, readVersion, refuse } from "./config-values.js";
import { gnosisPreset, mainnetPreset, minimalPreset } from "./presets.js";
import {
  type BlobParameters,
  type ForkInfo,
  type ForkName,
  LIGHT_CLIENT_FORKS,
  type Network,
  type Preset,
} from "./types.js";

/**
 * A configuration: keys and values as in consensus-specs `configs/*.yaml`. Integers as numbers, bigints or decimal
 * strings; versions as `0x` hex, or as the integer a YAML parser made of them. Other keys are ignored, except that a
 * later fork must not be scheduled.
 */
export type ConfigValues = Readonly<Record<string, unknown>>;

/** What a configuration file does not say. */
export interface GenesisValues {
  /** Unix time of slot 0, in seconds: not `MIN_GENESIS_TIME`. */
  readonly genesisTime: number | bigint | string;
  /** `Bytes32` as `0x` hex. */
  readonly genesisValidatorsRoot: string;
}

/** Two answers of a beacon node, parsed from JSON, with or without the outer `data`. */
export interface BeaconNodeAnswers {
  /** `/eth/v1/config/spec` */
  readonly spec: unknown;
  /** `/eth/v1/beacon/genesis` */
  readonly genesis: unknown;
}

/**
 * The version of a fork that a configuration does not mention. No network uses it; zeroes would be mainnet's genesis
 * version, and a search by version would find the wrong fork.
 */
export const UNKNOWN_FORK_VERSION = "0xffffffff";

/** The spec's limit for a blob schedule is `MAX_BLOB_COMMITMENTS_PER_BLOCK` (presets `deneb.yaml`, both presets). */
const BLOBS: Range = { min: 0, max: 4096 };
/** The end of the range (year 5138) is there to notice a time in milliseconds. */
const GENESIS_TIME: Range = { min: 0, max: 100_000_000_000 };
/** The start of the range is there to notice a duration in seconds. */
const SLOT_DURATION_MS: Range = { min: 100, max: 600_000 };
const SECONDS_PER_SLOT: Range = { min: 1, max: 600 };
const SLOTS_PER_EPOCH: Range = { min: 1, max: 4096 };
const EPOCHS_PER_PERIOD: Range = { min: 1, max: 65_536 };
/**
 * Public keys to be decoded: the end of the range bounds what a hostile answer can make a client allocate. Twice mainnet's is
 * what stores, evidence and the port of a worker have room for.
 */
const SYNC_COMMITTEE_SIZE: Range = { min: 8, max: 1024 };
const UPDATE_TIMEOUT: Range = { min: 1, max: 0xffffffff };
const MAX_SCHEDULE_ENTRIES = 1000;

/**
 * Makes a network of a configuration, for instance of a parsed `config.yaml`.
 *
 * `PRESET_BASE` picks the preset; preset values beside it (`SLOTS_PER_EPOCH`, `SYNC_COMMITTEE_SIZE`, …) override it. A
 * fork without a version and an epoch is not scheduled, and has {@link UNKNOWN_FORK_VERSION}.
 * `MAX_BLOBS_PER_BLOCK_ELECTRA` and `BLOB_SCHEDULE` are only required once Fulu is scheduled: no digest depends on them
 * before (without them: 0, empty).
 *
 * @throws `NETWORK_CONFIG_INVALID` naming the field
 */
export function networkFromConfig(values: ConfigValues, genesis: GenesisValues): Network {
  const config = readRecord("config", values);
  const { genesisTime, genesisValidatorsRoot } = readRecord("genesis", genesis);
  return createNetwork(config, {
    genesisTime: readInteger("genesisTime", genesisTime, GENESIS_TIME),
    genesisValidatorsRoot: readRoot("genesisValidatorsRoot", genesisValidatorsRoot),
  });
}

/**
 * Makes a network of what a beacon node says of itself.
 *
 * Trusts the node: see the head of this file.
 *
 * @throws `NETWORK_CONFIG_INVALID` naming the field, also where the two answers are not of one chain
 */
export function networkFromBeaconNode(answers: BeaconNodeAnswers): Network {
  const { spec, genesis } = readRecord("answers", answers);
  const config = readAnswer("spec", spec);
  const start = readAnswer("genesis", genesis);
  const network = createNetwork(config, {
    genesisTime: readInteger("genesis_time", own(start, "genesis_time"), GENESIS_TIME),
    genesisValidatorsRoot: readRoot("genesis_validators_root", own(start, "genesis_validators_root")),
  });
  const version = readVersion("genesis_fork_version", own(start, "genesis_fork_version"));
  const expected = network.forks.phase0.version;
  if (version !== expected) refuse("genesis_fork_version", `GENESIS_FORK_VERSION ${expected}`, version);
  return network;
}

function readAnswer(field: string, answer: unknown): ConfigValues {
  const outer = readRecord(field, answer);
  return Object.hasOwn(outer, "data") ? readRecord(`${field}.data`, outer["data"]) : outer;
}

function createNetwork(
  config: ConfigValues,
  genesis: { readonly genesisTime: number; readonly genesisValidatorsRoot: string },
): Network {
  const preset = readPreset(config);
  const maxEpoch = Math.floor(Number.MAX_SAFE_INTEGER / preset.slotsPerEpoch);
  const forks = readForks(config, maxEpoch);
  const fuluScheduled = forks.fulu.epoch !== Infinity;
  const electraBlobs = own(config, "MAX_BLOBS_PER_BLOCK_ELECTRA");
  return {
    name: readName(own(config, "CONFIG_NAME")),
    preset,
    ...genesis,
    slotDurationMs: readSlotDuration(config),
    forks,
    maxBlobsPerBlockElectra:
      electraBlobs === undefined && !fuluScheduled
        ? 0
        : readInteger("MAX_BLOBS_PER_BLOCK_ELECTRA", electraBlobs, BLOBS),
    blobSchedule: readBlobSchedule(own(config, "BLOB_SCHEDULE"), forks.fulu.epoch, maxEpoch),
  };
}

function readName(value: unknown): string {
  // The spec asks for [a-z0-9\-]; devnets also use capitals, dots and underscores.
  if (typeof value !== "string" || !/^[A-Za-z0-9._-]{1,64}$/.test(value)) {
    refuse("CONFIG_NAME", "1 to 64 letters, digits, dots, dashes or underscores", value);
  }
  return value;
}

function readPreset(config: ConfigValues): Preset {
  const name = own(config, "PRESET_BASE");
  const base = [mainnetPreset, minimalPreset, gnosisPreset].find((preset) => preset.name === name);
  if (base === undefined) refuse("PRESET_BASE", "mainnet, minimal or gnosis", name);

  const read = (key: string, range: Range, inherited: number): number => {
    const value = own(config, key);
    return value === undefined ? inherited : readInteger(key, value, range);
  };
  const syncCommitteeSize = read("SYNC_COMMITTEE_SIZE", SYNC_COMMITTEE_SIZE, base.syncCommitteeSize);
  // Participation bits fill whole bytes in every preset there is; other sizes would need padding bits to be checked.
  if (syncCommitteeSize % 8 !== 0) refuse("SYNC_COMMITTEE_SIZE", "a multiple of 8", syncCommitteeSize);
  const participants: Range = { min: 1, max: syncCommitteeSize };
  const preset: Preset = {
    name: base.name,
    slotsPerEpoch: read("SLOTS_PER_EPOCH", SLOTS_PER_EPOCH, base.slotsPerEpoch),
    epochsPerSyncCommitteePeriod: read(
      "EPOCHS_PER_SYNC_COMMITTEE_PERIOD",
      EPOCHS_PER_PERIOD,
      base.epochsPerSyncCommitteePeriod,
    ),
    syncCommitteeSize,
    minSyncCommitteeParticipants: read(
      "MIN_SYNC_COMMITTEE_PARTICIPANTS",
      participants,
      base.minSyncCommitteeParticipants,
    ),
    updateTimeoutSlots: read("UPDATE_TIMEOUT", UPDATE_TIMEOUT, base.updateTimeoutSlots),
  };
  // The spec derives it from the length of a period: inherited beside another period length it would be a guess.
  const periodChanged =
    preset.slotsPerEpoch !== base.slotsPerEpoch ||
    preset.epochsPerSyncCommitteePeriod !== base.epochsPerSyncCommitteePeriod;
  if (periodChanged && own(config, "UPDATE_TIMEOUT") === undefined) {
    refuse("UPDATE_TIMEOUT", "a value, as the period is not that of PRESET_BASE", undefined);
  }
  return (Object.keys(preset) as (keyof Preset)[]).every((key) => preset[key] === base[key]) ? base : preset;
}

function readSlotDuration(config: ConfigValues): number {
  const ms = own(config, "SLOT_DURATION_MS");
  const seconds = own(config, "SECONDS_PER_SLOT");
  // SECONDS_PER_SLOT is the older name: files have the one, the other, or both.
  if (seconds === undefined) return readInteger("SLOT_DURATION_MS", ms, SLOT_DURATION_MS);
  const fromSeconds = readInteger("SECONDS_PER_SLOT", seconds, SECONDS_PER_SLOT) * 1000;
  if (ms === undefined) return fromSeconds;
  const durationMs = readInteger("SLOT_DURATION_MS", ms, SLOT_DURATION_MS);
  if (durationMs !== fromSeconds) refuse("SLOT_DURATION_MS", `${fromSeconds}, as SECONDS_PER_SLOT says`, ms);
  return durationMs;
}

function readForks(config: ConfigValues, maxEpoch: number): Record<ForkName, ForkInfo> {
  const phase0 = { version: readVersion("GENESIS_FORK_VERSION", own(config, "GENESIS_FORK_VERSION")), epoch: 0 };
  const forks: Partial<Record<ForkName, ForkInfo>> = { phase0 };
  const scheduled = new Map([[phase0.version, "GENESIS_FORK_VERSION"]]);
  let previous = { key: "genesis", epoch: 0 };
  for (const name of LIGHT_CLIENT_FORKS) {
    const fork = readFork(config, name, maxEpoch);
    forks[name] = fork;
    const key = `${name.toUpperCase()}_FORK_EPOCH`;
    if (fork.epoch < previous.epoch) {
      const limit = previous.epoch === Infinity ? "no epoch" : `an epoch from ${previous.epoch} on`;
      refuse(key, `${limit}, as ${previous.key} says`, fork.epoch);
    }
    previous = { key, epoch: fork.epoch };
    if (fork.epoch === Infinity) continue;
    const versionKey = `${name.toUpperCase()}_FORK_VERSION`;
    const taken = scheduled.get(fork.version);
    if (taken !== undefined) refuse(versionKey, `another version than that of ${taken}`, fork.version);
    scheduled.set(fork.version, versionKey);
  }
  refuseForksBeyond(config, maxEpoch);
  return forks as Record<ForkName, ForkInfo>;
}

function readFork(config: ConfigValues, name: ForkName, maxEpoch: number): ForkInfo {
  const versionKey = `${name.toUpperCase()}_FORK_VERSION`;
  const epochKey = `${name.toUpperCase()}_FORK_EPOCH`;
  const version = own(config, versionKey);
  const epoch = own(config, epochKey);
  // Written before the fork had a name. Only one of the two is a mistake, not a choice.
  if (version === undefined && epoch === undefined) return { version: UNKNOWN_FORK_VERSION, epoch: Infinity };
  return { version: readVersion(versionKey, version), epoch: readEpoch(epochKey, epoch, maxEpoch) };
}

/**
 * A scheduled fork that this release does not know changes the fork version, the digests, perhaps the containers: the
 * network could be followed up to that epoch only, and would then look as if every source lied.
 */
function refuseForksBeyond(config: ConfigValues, maxEpoch: number): void {
  for (const key of Object.keys(config)) {
    const name = /^([A-Z0-9]+)_FORK_EPOCH$/.exec(key)?.[1]?.toLowerCase();
    if (name === undefined || (LIGHT_CLIENT_FORKS as readonly string[]).includes(name)) continue;
    if (readEpoch(key, config[key], maxEpoch) !== Infinity) {
      refuse(key, `no epoch, as this release knows no fork after ${LIGHT_CLIENT_FORKS.at(-1)}`, config[key]);
    }
  }
}

/** The rules are those of consensus-specs `specs/fulu/beacon-chain.md`, "Blob schedule". */
function readBlobSchedule(value: unknown, fuluEpoch: number, maxEpoch: number): readonly BlobParameters[] {
  if (value === undefined && fuluEpoch === Infinity) return [];
  if (!Array.isArray(value) || value.length > MAX_SCHEDULE_ENTRIES) {
    refuse("BLOB_SCHEDULE", `an array of at most ${MAX_SCHEDULE_ENTRIES} entries`, value);
  }
  const schedule: BlobParameters[] = [];
  for (const [i, item] of value.entries()) {
    const field = `BLOB_SCHEDULE[${i}]`;
    const entry = readRecord(field, item);
    const epoch = readEpoch(`${field}.EPOCH`, own(entry, "EPOCH"), maxEpoch);
    const maxBlobsPerBlock = readInteger(`${field}.MAX_BLOBS_PER_BLOCK`, own(entry, "MAX_BLOBS_PER_BLOCK"), BLOBS);
    // Devnet templates write changes that never come as FAR_FUTURE_EPOCH.
    if (epoch === Infinity) continue;
    if (epoch < fuluEpoch) {
      const limit = fuluEpoch === Infinity ? "no epoch" : `an epoch from ${fuluEpoch} on`;
      refuse(`${field}.EPOCH`, `${limit}, as FULU_FORK_EPOCH says`, epoch);
    }
    if (schedule.some((other) => other.epoch === epoch))
      refuse(`${field}.EPOCH`, "an epoch that no other entry has", epoch);
    schedule.push({ epoch, maxBlobsPerBlock });
  }
  return schedule.sort((a, b) => a.epoch - b.epoch);
}
