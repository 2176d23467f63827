/** What nodes say to each other besides light-client data: consensus-specs `specs/phase0/p2p-interface.md` and later. */
import { toHex } from "../../../ssz/bytes.js";
import type { Fail } from "./reader.js";

/** `Status`, version 1 (phase0) or 2 (Fulu: with the slot from which on the node has blocks). */
export interface Status {
  /** `Bytes4` as `0x` hex. */
  readonly forkDigest: string;
  /** `Bytes32`. */
  readonly finalizedRoot: Uint8Array;
  readonly finalizedEpoch: bigint;
  readonly headRoot: Uint8Array;
  readonly headSlot: bigint;
}

export type StatusVersion = 1 | 2;
export type MetadataVersion = 1 | 2 | 3;

export const STATUS_BYTES: Readonly<Record<StatusVersion, number>> = { 1: 84, 2: 92 };
/** `MetaData`: `seq_number` and `attnets`; from Altair on `syncnets`; from Fulu on `custody_group_count`. */
export const METADATA_BYTES: Readonly<Record<MetadataVersion, number>> = { 1: 16, 2: 17, 3: 25 };
export const ROOT_BYTES = 32;
export const UINT64_BYTES = 8;
export const RANGE_REQUEST_BYTES = 16;

/** Why a connection ends: phase0's reasons, and those above 127 that implementations have agreed on. */
export const GOODBYE_REASONS = {
  clientShutdown: 1,
  irrelevantNetwork: 2,
  faultOrError: 3,
  unableToVerifyNetwork: 128,
  tooManyPeers: 129,
  badScore: 250,
  banned: 251,
} as const;

const REASON_TEXTS: ReadonlyMap<bigint, string> = /*#__PURE__*/ new Map([
  [1n, "it shuts down"],
  [2n, "another network"],
  [3n, "a fault or an error"],
  [128n, "it cannot verify the network"],
  [129n, "it has too many peers"],
  [250n, "a bad score"],
  [251n, "we are banned"],
]);

export function describeGoodbye(reason: bigint): string {
  return REASON_TEXTS.get(reason) ?? `reason ${reason}`;
}

/** A node of no blocks and no columns: nothing is asked of one that claims nothing. */
export function encodeStatus(status: Status, version: StatusVersion): Uint8Array {
  const out = new Uint8Array(STATUS_BYTES[version]);
  const view = new DataView(out.buffer);
  view.setUint32(0, Number.parseInt(status.forkDigest.slice(2), 16));
  out.set(status.finalizedRoot, 4);
  view.setBigUint64(36, status.finalizedEpoch, true);
  out.set(status.headRoot, 44);
  view.setBigUint64(76, status.headSlot, true);
  // `earliest_available_slot`: no block is, so none before the head
  if (version === 2) view.setBigUint64(84, status.headSlot, true);
  return out;
}

/** @throws by `fail` */
export function decodeStatus(bytes: Uint8Array, version: StatusVersion, fail: Fail): Status {
  assertBytes(bytes, STATUS_BYTES[version], fail);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return {
    forkDigest: toHex(bytes.subarray(0, 4)),
    finalizedRoot: bytes.slice(4, 36),
    finalizedEpoch: view.getBigUint64(36, true),
    headRoot: bytes.slice(44, 76),
    headSlot: view.getBigUint64(76, true),
  };
}

/** Of a node without attestation subnets, sync subnets and custody; the sequence number never moves. */
export function encodeMetadata(version: MetadataVersion): Uint8Array {
  return new Uint8Array(METADATA_BYTES[version]);
}

export function encodeUint64(value: number | bigint): Uint8Array {
  const out = new Uint8Array(UINT64_BYTES);
  new DataView(out.buffer).setBigUint64(0, BigInt(value), true);
  return out;
}

/** @throws by `fail` */
export function decodeUint64(bytes: Uint8Array, fail: Fail): bigint {
  assertBytes(bytes, UINT64_BYTES, fail);
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
}

export interface UpdatesRange {
  readonly startPeriod: bigint;
  readonly count: bigint;
}

/** `LightClientUpdatesByRange`: `specs/altair/light-client/p2p-interface.md`. */
export function encodeUpdatesRange(startPeriod: number, count: number): Uint8Array {
  const out = new Uint8Array(RANGE_REQUEST_BYTES);
  out.set(encodeUint64(startPeriod));
  out.set(encodeUint64(count), UINT64_BYTES);
  return out;
}

/** @throws by `fail` */
export function decodeUpdatesRange(bytes: Uint8Array, fail: Fail): UpdatesRange {
  assertBytes(bytes, RANGE_REQUEST_BYTES, fail);
  return {
    startPeriod: decodeUint64(bytes.subarray(0, UINT64_BYTES), fail),
    count: decodeUint64(bytes.subarray(UINT64_BYTES), fail),
  };
}

export function assertBytes(bytes: Uint8Array, length: number, fail: Fail): void {
  if (bytes.length !== length) throw fail(`${length} bytes`, `${bytes.length}`);
}
