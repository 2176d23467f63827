/** Options of a client: what they mean, their defaults, and their validation. Nothing malformed is replaced by a default. */
import { blstBls } from "./bls/blst/index.js";
import type { Bls } from "./bls/port.js";
import type { CheckpointProvider } from "./checkpoint/port.js";
import { type Clock, systemClock } from "./clock.js";
import { optionInvalid } from "./errors.js";
import { type ForkName, LIGHT_CLIENT_FORKS, type Network } from "./networks/types.js";
import { fromHex, isHex, isZero } from "./ssz/bytes.js";
import { memoryStore } from "./store/memory.js";
import type { CheckpointStore } from "./store/port.js";
import type { Source } from "./transport/port.js";
import { documentVisibility, type Visibility } from "./visibility.js";

export interface LightClientOptions {
  /** The chain to follow: `mainnet` and others from `sidelight/networks`, or a custom one. */
  readonly network: Network;
  /**
   * The one thing you must trust; no default. One of:
   * - the root of a finalized block (`0x` hex, 32 bytes)
   * - `"stored"`: only what the store holds, from whatever checkpoint that began; an error if it holds nothing that verifies
   * - someone who tells a root, such as `checkpointQuorum` of `sidelight/checkpoint`. Asked only when the store holds nothing
   *   that can be used
   */
  readonly checkpoint: string | CheckpointProvider;
  /**
   * Who to ask, in order of preference: among sources that are about as fast and reliable, the first is asked (see
   * docs/requests.md). Trusted for nothing. At least one.
   */
  readonly sources: readonly Source[];
  /**
   * Where the verified state is kept between runs.
   * @default memoryStore()
   */
  readonly store?: CheckpointStore;
  /**
   * Verifies signatures.
   * @default blstBls()
   */
  readonly bls?: Bls;
  /**
   * The oldest checkpoint (or stored state) to start from, in seconds. Beyond it, validators that left since could have
   * signed another history (weak subjectivity, consensus-specs `specs/phase0/weak-subjectivity.md`).
   * @default the network's weak-subjectivity period (`weakSubjectivityPeriodSeconds`), at most 1_209_600 (14 days)
   */
  readonly maxCheckpointAgeSeconds?: number;
  /**
   * What to do with an older one: `"refuse"` it (`CHECKPOINT_TOO_OLD`), start from it and `"warn"` (the same error, as an
   * event), or `"allow"` it. In each case the event `checkpoint` tells whether it is stale.
   * @default "refuse"
   */
  readonly staleCheckpoint?: StaleCheckpoint;
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
   * Bytes (uncompressed) that may come from all sources together in any hour; then nothing is asked until some of it is
   * longer ago, and the status is `throttled`. A client that follows by a stream gets about 2 MB an hour on mainnet.
   * @default Infinity
   */
  readonly maxBytesPerHour?: number;
  /**
   * How to follow while the page is hidden, from a slot after it was:
   * - `"slow"`: no stream, and a look every 8 slots (a quarter of an epoch; half of `maxHeadAgeSlots` if that is less);
   * - `"pause"`: nothing is asked for, the status is `paused`;
   * - `"follow"`: as if it were visible.
   *
   * Once it is visible again what was missed is asked for at once. Where nobody can see anything (Node, a worker that no
   * page is connected to) it is followed as if visible.
   * @default "slow"
   */
  readonly whenHidden?: WhenHidden;
  /**
   * Who knows whether the page is hidden, and when it wakes.
   * @default documentVisibility()
   */
  readonly visibility?: Visibility;
  /**
   * Time, for tests and for verifying old data as of its own time.
   * @default systemClock()
   */
  readonly clock?: Clock;
}

export type WhenHidden = "follow" | "slow" | "pause";

const WHEN_HIDDEN: readonly WhenHidden[] = ["follow", "slow", "pause"];

export type StaleCheckpoint = "refuse" | "warn" | "allow";

export interface ResolvedOptions extends Required<Omit<LightClientOptions, "checkpoint" | "maxCheckpointAgeSeconds">> {
  /** A root is `Bytes32`. */
  readonly checkpoint: Uint8Array | "stored" | CheckpointProvider;
  /** `null`: the default, which depends on the fork in force. */
  readonly maxCheckpointAgeSeconds: number | null;
}

/** @throws OPTION_INVALID */
export function resolveOptions(options: LightClientOptions): ResolvedOptions {
  if (typeof options !== "object" || options === null) throw optionInvalid("options", "an object", options);
  const { network, checkpoint, sources } = options;
  assertNetwork(network);
  const resolvedCheckpoint = resolveCheckpoint(checkpoint);
  assertSources(sources);
  // Defaults are for what is absent: `null` is a mistake.
  const { bls = blstBls(), store = memoryStore(), clock = systemClock() } = options;
  const { whenHidden = "slow", visibility = documentVisibility() } = options;
  if (!hasMethods(bls, "ready", "committee", "verifySyncAggregate")) throw optionInvalid("bls", "a BLS backend", bls);
  if (!hasMethods(store, "load", "save", "clear"))
    throw optionInvalid("store", "a store with load, save and clear", store);
  if (!hasMethods(clock, "nowMs", "sleep")) throw optionInvalid("clock", "a clock with nowMs and sleep", clock);
  if (!WHEN_HIDDEN.includes(whenHidden)) throw optionInvalid("whenHidden", '"follow", "slow" or "pause"', whenHidden);
  if (!hasMethods(visibility, "state", "watch"))
    throw optionInvalid("visibility", "an object with state and watch", visibility);
  return {
    network,
    checkpoint: resolvedCheckpoint,
    sources,
    store,
    bls,
    clock,
    whenHidden,
    visibility,
    maxCheckpointAgeSeconds: positive("maxCheckpointAgeSeconds", options.maxCheckpointAgeSeconds, null),
    staleCheckpoint: resolveStale(options.staleCheckpoint),
    maxHeadAgeSlots: positive("maxHeadAgeSlots", options.maxHeadAgeSlots, network.preset.slotsPerEpoch),
    clockToleranceMs: atLeastZero("clockToleranceMs", options.clockToleranceMs, 2_000),
    maxBytesPerHour: positive("maxBytesPerHour", options.maxBytesPerHour, Number.POSITIVE_INFINITY),
    forceUpdate: boolean("forceUpdate", options.forceUpdate),
  };
}

function resolveCheckpoint(checkpoint: string | CheckpointProvider): ResolvedOptions["checkpoint"] {
  if (checkpoint === "stored") return checkpoint;
  if (typeof checkpoint === "object" && hasMethods(checkpoint, "checkpoint")) {
    if (typeof checkpoint.name === "string") return checkpoint;
    throw optionInvalid("checkpoint.name", "a name", checkpoint.name);
  }
  const expected = 'the root of a block: 0x hex of 32 bytes, "stored", or a provider';
  if (!isHex(checkpoint, 32)) throw optionInvalid("checkpoint", expected, checkpoint);
  const root = fromHex(checkpoint);
  if (isZero(root)) throw optionInvalid("checkpoint", "the root of a block, not of zeroes", checkpoint);
  return root;
}

function resolveStale(value: StaleCheckpoint | undefined): StaleCheckpoint {
  if (value === undefined) return "refuse";
  if (value !== "refuse" && value !== "warn" && value !== "allow") {
    throw optionInvalid("staleCheckpoint", '"refuse", "warn" or "allow"', value);
  }
  return value;
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
  if (!looksRight) throw optionInvalid("network", "a network, such as mainnet of sidelight/networks", network);
}

function assertSources(sources: readonly Source[]): void {
  if (!Array.isArray(sources) || sources.length === 0) throw optionInvalid("sources", "at least one source", sources);
  const names = new Set<string>();
  sources.forEach((source: Source, i) => {
    const looksRight = hasMethods(source, "bootstrap", "updates", "finalityUpdate", "optimisticUpdate");
    if (!looksRight || typeof source.name !== "string") {
      throw optionInvalid(`sources[${i}]`, "a source, such as restSource(url)", source);
    }
    if (names.has(source.name))
      throw optionInvalid(`sources[${i}].name`, "a name that no other source has", source.name);
    names.add(source.name);
  });
}

function hasMethods<T extends object>(value: T, ...names: (keyof T)[]): boolean {
  return typeof value === "object" && value !== null && names.every((name) => typeof value[name] === "function");
}

function positive<T extends number | null>(option: string, value: number | undefined, fallback: T): number | T {
  if (value === undefined) return fallback;
  if (typeof value !== "number" || !(value > 0)) throw optionInvalid(option, "a number above 0", value);
  return value;
}

function atLeastZero(option: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  if (!Number.isFinite(value) || value < 0) throw optionInvalid(option, "a finite number of 0 or more", value);
  return value;
}

function boolean(option: string, value: boolean | undefined): boolean {
  if (value === undefined) return false;
  if (typeof value !== "boolean") throw optionInvalid(option, "true or false", value);
  return value;
}
