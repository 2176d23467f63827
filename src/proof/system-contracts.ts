/**
 * What the protocol itself writes into storage: roots of beacon blocks (EIP-4788), from the execution to the beacon chain,
 * and hashes of older execution blocks (EIP-2935).
 */
import { optionInvalid } from "../errors.js";
import { verifyGetProof } from "./get-proof.js";
import { type ExecutionHeader, verifyExecutionHeader } from "./header.js";
import type { BytesLike } from "./input.js";

/** EIP-4788: roots of beacon blocks. */
export const BEACON_ROOTS_ADDRESS = "0x000f3df6d732807ef1319fb7b8bb8522d0beac02";
/** EIP-2935: hashes of execution blocks. */
export const HISTORY_STORAGE_ADDRESS = "0x0000f90827f1c53a10cb7a02335b175320002935";

/** Of both contracts: how many entries they keep. */
const RING = 8191n;

/**
 * Storage slots of the entry of an execution block's time: of its time, and of the root of its beacon block's parent.
 * @throws OPTION_INVALID
 */
export function beaconRootSlots(timestamp: number): [timestampSlot: bigint, rootSlot: bigint] {
  if (timestamp === 0) throw optionInvalid("timestamp", "a time after 1970", timestamp);
  const slot = toInteger("timestamp", timestamp) % RING;
  return [slot, slot + RING];
}

export interface BeaconRootOptions {
  /** `Bytes32`, of an execution header that you trust. */
  readonly stateRoot: BytesLike;
  /** Of an execution block of the last 8191: Unix time in seconds. */
  readonly timestamp: number;
  /** Of `eth_getProof` for {@link BEACON_ROOTS_ADDRESS} and {@link beaconRootSlots}, in that order. */
  readonly answer: unknown;
}

/**
 * From an execution state to the beacon chain: the root of the parent of the beacon block whose payload has this
 * timestamp. `null`: the state has no entry of that time (no block had it, or a later one took its place).
 *
 * @throws what {@link verifyGetProof} does
 */
export function verifyBeaconRoot({ stateRoot, timestamp, answer }: BeaconRootOptions): string | null {
  const slots = beaconRootSlots(timestamp);
  const { storage } = verifyGetProof({ stateRoot, address: BEACON_ROOTS_ADDRESS, slots, answer });
  if (storage[0]!.value !== BigInt(timestamp)) return null;
  return word(storage[1]!.value);
}

/**
 * Storage slot of an execution block's hash.
 * @throws OPTION_INVALID
 */
export function historyStorageSlot(blockNumber: number): bigint {
  return toInteger("blockNumber", blockNumber) % RING;
}

export interface HistoricalBlockHashOptions {
  /** `Bytes32`, of an execution header that you trust. */
  readonly stateRoot: BytesLike;
  /** Number of that header's block. */
  readonly stateBlockNumber: number;
  /** Number of the block whose hash is wanted: one of the 8191 before. */
  readonly blockNumber: number;
  /** Of `eth_getProof` for {@link HISTORY_STORAGE_ADDRESS} and {@link historyStorageSlot}. */
  readonly answer: unknown;
}

/**
 * The hash of an earlier execution block (EIP-2935, from Prague on). `null`: the state does not have it, since it is of
 * before Prague.
 *
 * @throws OPTION_INVALID a block that is not among the 8191 before the state's
 * @throws what {@link verifyGetProof} does
 */
export function verifyHistoricalBlockHash(options: HistoricalBlockHashOptions): string | null {
  const { stateRoot, stateBlockNumber, blockNumber, answer } = options;
  const last = toInteger("stateBlockNumber", stateBlockNumber) - 1n;
  const slot = historyStorageSlot(blockNumber);
  if (blockNumber > last || BigInt(blockNumber) <= last - RING) {
    const expected = `one of the ${RING} blocks before ${stateBlockNumber}`;
    throw optionInvalid("blockNumber", expected, blockNumber);
  }
  const { storage } = verifyGetProof({ stateRoot, address: HISTORY_STORAGE_ADDRESS, slots: [slot], answer });
  const hash = storage[0]!.value;
  return hash === 0n ? null : word(hash);
}

/** More than anybody's patience: a day of blocks. */
const MAX_HEADERS = 8192;

/**
 * An execution block's header and those of its parent, grandparent and so on, in that order: each is the one whose hash the
 * one before it names.
 *
 * @throws as {@link verifyExecutionHeader}
 */
export function verifyExecutionHeaderChain(options: {
  /** `Bytes32`, that you trust: of the first. */
  readonly blockHash: BytesLike;
  readonly headers: readonly unknown[];
}): ExecutionHeader[] {
  const { headers } = options;
  if (!Array.isArray(headers) || headers.length > MAX_HEADERS) {
    throw optionInvalid("headers", `an array of at most ${MAX_HEADERS}`, headers);
  }
  let blockHash = options.blockHash;
  return Array.from(headers, (header) => {
    const proven = verifyExecutionHeader({ blockHash, header });
    blockHash = proven.parentHash;
    return proven;
  });
}

function word(value: bigint): string {
  return `0x${value.toString(16).padStart(64, "0")}`;
}

function toInteger(option: string, value: unknown): bigint {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return BigInt(value as number);
  throw optionInvalid(option, "an integer from 0 on", value);
}
