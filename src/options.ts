/** Options of a client: what they mean, their defaults, and their validation. Nothing malformed is replaced by a default. */
import { herumiBls } from "./bls/herumi.js";
import type { Bls } from "./bls/port.js";
import { type Clock, systemClock } from "./clock.js";
import { describeValue, SidelightError } from "./errors.js";
import { type ForkName, LIGHT_CLIENT_FORKS, type Network } from "./networks/types.js";
import { fromHex, isHex, isZero } from "./ssz/bytes.js";
import { memoryStore } from "./store/memory.js";
import type { CheckpointStore } from "./store/port.js";
import type { Source } from "./transport/port.js";

export interface LightClientOptions {
  /** The chain to follow: `mainnet` and others from `sidelight/networks`, or a custom one. */
  readonly network: Network;
  /** Root of a finalized block (`0x` hex, 32 bytes) that you trust. The one thing you must trust; no default. */
  readonly checkpoint: string;
  /**
   * Who to ask, in order of preference (who failed or was behind lately comes last). Trusted for nothing. At least one.
   */
  readonly sources: readonly Source[];
  /**
   * Where the verified state is kept between runs.
   * @default memoryStore()
   */
  readonly store?: CheckpointStore;
  /**
   * Verifies signatures.
   * @default herumiBls()
   */
  readonly bls?: Bls;
  /**
   * The oldest checkpoint (or stored state) to start from, in seconds. Beyond it, validators that left since could have
   * signed another history (weak subjectivity, consensus-specs `specs/phase0/weak-subjectivity.md`).
   * @default 1_209_600 (14 days)
   */
  readonly maxCheckpointAgeSeconds?: number;
  /**
   * Start from an older checkpoint all the same.
   * @default false
   */
  readonly allowStaleCheckpoint?: boolean;
  /**
   * Age in slots beyond which a head is not handed out as current: `start` does not resolve with it, `syncOnce` rejects,
   * and the status is `stalled`. `Infinity` for data that is meant to be old.
   * @default one epoch
   */
  readonly maxHeadAgeSlots?: number;
  /**
   * How far the local clock may lag behind the signers', in milliseconds.
   * @default 2_000
   */
  readonly clockToleranceMs?: number;
  /**
   * When nothing was finalized for `UPDATE_TIMEOUT` slots, and every source was asked for the committee without which the
   * client would have to stand still, take the best update seen although fewer than 2/3 may have signed it. **Trades safety for liveness**; announced by `forced-update`, and marked in every trust label from then on.
   * @default false
   */
  readonly forceUpdate?: boolean;
  /**
   * Time, for tests and for verifying old data as of its own time.
   * @default systemClock()
   */
  readonly clock?: Clock;
}

export interface ResolvedOptions extends Required<Omit<LightClientOptions, "checkpoint">> {
  /** `Bytes32` */
  readonly checkpoint: Uint8Array;
}

/** @throws OPTION_INVALID */
export function resolveOptions(options: LightClientOptions): ResolvedOptions {
  if (typeof options !== "object" || options === null) throw invalid("options", "an object", options);
  const { network, checkpoint, sources } = options;
  assertNetwork(network);
  if (!isHex(checkpoint, 32)) throw invalid("checkpoint", "the root of a block: 0x hex of 32 bytes", checkpoint);
  const root = fromHex(checkpoint);
  if (isZero(root)) throw invalid("checkpoint", "the root of a block, not of zeroes", checkpoint);
  assertSources(sources);
  // Defaults are for what is absent: `null` is a mistake.
  const { bls = herumiBls(), store = memoryStore(), clock = systemClock() } = options;
  if (!hasMethods(bls, "ready", "committee", "verifySyncAggregate")) throw invalid("bls", "a BLS backend", bls);
  if (!hasMethods(store, "load", "save", "clear")) throw invalid("store", "a store with load, save and clear", store);
  if (!hasMethods(clock, "nowMs", "sleep")) throw invalid("clock", "a clock with nowMs and sleep", clock);
  return {
    network,
    checkpoint: root,
    sources,
    store,
    bls,
    clock,
    maxCheckpointAgeSeconds: positive("maxCheckpointAgeSeconds", options.maxCheckpointAgeSeconds, 1_209_600),
    allowStaleCheckpoint: boolean("allowStaleCheckpoint", options.allowStaleCheckpoint),
    maxHeadAgeSlots: positive("maxHeadAgeSlots", options.maxHeadAgeSlots, network.preset.slotsPerEpoch),
    clockToleranceMs: atLeastZero("clockToleranceMs", options.clockToleranceMs, 2_000),
    forceUpdate: boolean("forceUpdate", options.forceUpdate),
  };
}

const PRESET_NUMBERS = [
  "slotsPerEpoch",
  "epochsPerSyncCommitteePeriod",
  "syncCommitteeSize",
  "minSyncCommitteeParticipants",
  "updateTimeoutSlots",
] as const;

/** Shallow, but enough to notice a name, or a network of something else. */
function assertNetwork(network: Network): void {
  const forks: readonly ForkName[] = ["phase0", ...LIGHT_CLIENT_FORKS];
  const looksRight =
    typeof network === "object" &&
    network !== null &&
    typeof network.name === "string" &&
    PRESET_NUMBERS.every((field) => Number.isSafeInteger(network.preset?.[field]) && network.preset[field] > 0) &&
    Number.isFinite(network.genesisTime) &&
    Number.isFinite(network.slotDurationMs) &&
    network.slotDurationMs > 0 &&
    isHex(network.genesisValidatorsRoot, 32) &&
    Array.isArray(network.blobSchedule) &&
    forks.every((fork) => isHex(network.forks?.[fork]?.version, 4) && typeof network.forks[fork].epoch === "number");
  if (!looksRight) throw invalid("network", "a network, such as mainnet of sidelight/networks", network);
}

function assertSources(sources: readonly Source[]): void {
  if (!Array.isArray(sources) || sources.length === 0) throw invalid("sources", "at least one source", sources);
  const names = new Set<string>();
  sources.forEach((source: Source, i) => {
    const looksRight = hasMethods(source, "bootstrap", "updates", "finalityUpdate", "optimisticUpdate");
    if (!looksRight || typeof source.name !== "string") {
      throw invalid(`sources[${i}]`, "a source, such as restSource(url)", source);
    }
    if (names.has(source.name)) throw invalid(`sources[${i}].name`, "a name that no other source has", source.name);
    names.add(source.name);
  });
}

function hasMethods<T extends object>(value: T, ...names: (keyof T)[]): boolean {
  return typeof value === "object" && value !== null && names.every((name) => typeof value[name] === "function");
}

function positive(option: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  if (typeof value !== "number" || !(value > 0)) throw invalid(option, "a number above 0", value);
  return value;
}

function atLeastZero(option: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  if (!Number.isFinite(value) || value < 0) throw invalid(option, "a finite number of 0 or more", value);
  return value;
}

function boolean(option: string, value: boolean | undefined): boolean {
  if (value === undefined) return false;
  if (typeof value !== "boolean") throw invalid(option, "true or false", value);
  return value;
}

function invalid(option: string, expected: string, value: unknown): SidelightError<"OPTION_INVALID"> {
  const actual = describeValue(value);
  const message = `option ${option}: expected ${expected}, got ${actual}`;
  return new SidelightError("OPTION_INVALID", message, { option, expected, actual });
}
