/**
 * A committee's keys as this backend keeps them: decompressed when first needed, remembered by index, in JavaScript's
 * memory. The WASM holds none between calls, so a committee that is let go is gone.
 */

import type { SignatureFault } from "../../errors.js";
import type { BitArray } from "../../ssz/bit-array.js";
import type { SyncCommittee } from "../../ssz/objects.js";
import type { CommitteeHandle } from "../port.js";
import { type Engine, INFINITE, read, VALID, write } from "./engine.js";

export interface BlstHandle extends CommitteeHandle {
  /** `aggregatePubkey` in the engine's own form, once needed. */
  aggregate: Uint8Array | undefined;
  /** Members' keys in the engine's own form, as needed. */
  readonly keys: (Uint8Array | undefined)[];
}

const PUBKEY_BYTES = 48;
const UNCOMPRESSED_BYTES = 96;
/** Of an exported key: its index, big-endian, then the uncompressed point. */
const RECORD_BYTES = 2 + UNCOMPRESSED_BYTES;
/** Index of `aggregatePubkey` in an export. */
const AGGREGATE_INDEX = 0xffff;

/** Flag of a compressed point: y is the larger of the two square roots. */
const SIGN_FLAG = 0x20;
const COMPRESSED_FLAG = 0x80;

/** (p - 1) / 2, the largest y that is not the larger one: as bytes. */
const HALF_MODULUS = Uint8Array.from(
  "0d0088f51cbff34d258dd3db21a5d66bb23ba5c279c2895fb39869507b587b120f55ffff58a9ffffdcff7fffffffd555".match(/../g)!,
  (pair) => Number.parseInt(pair, 16),
);

export function createHandle(committee: SyncCommittee): BlstHandle {
  return { committee, aggregate: undefined, keys: [] };
}

/**
 * Sums the participants' keys in the engine: the present, or all less the absent, whichever are fewer. Members that are
 * there twice count twice in both.
 */
export function sumParticipants(engine: Engine, handle: BlstHandle, bits: BitArray): SignatureFault | null {
  const size = handle.committee.pubkeys.length;
  const present = bits.getTrueBitIndexes();
  if (bits.bitLen !== size || present.length === 0) return "aggregate-invalid";
  engine.clearSum();
  const subtract = present.length * 2 > size;
  if (subtract) {
    handle.aggregate ??= decodeKey(engine, handle.committee.aggregatePubkey);
    if (handle.aggregate === undefined) return "pubkey-invalid";
    addKey(engine, handle.aggregate, 0);
  }
  for (let index = 0; index < size; index++) {
    if (bits.get(index) === subtract) continue;
    handle.keys[index] ??= decodeKey(engine, handle.committee.pubkeys[index]!);
    const key = handle.keys[index];
    if (key === undefined) return "pubkey-invalid";
    addKey(engine, key, subtract ? 1 : 0);
  }
  return engine.finishSum() === VALID ? null : "aggregate-invalid";
}

function addKey(engine: Engine, key: Uint8Array, negate: 0 | 1): void {
  new Uint8Array(engine.memory.buffer).set(key, engine.key());
  engine.addKey(negate);
}

/** The key in the engine's form; nothing when it is no point of the curve, or infinity. */
function decodeKey(engine: Engine, compressed: Uint8Array): Uint8Array | undefined {
  if (compressed.length !== PUBKEY_BYTES) return undefined;
  write(engine, compressed);
  return engine.decodeKey() === VALID ? read(engine, engine.key(), engine.keyBytes()) : undefined;
}

/** See `Bls.exportKeys`. */
export function exportKeys(engine: Engine, handle: BlstHandle): Uint8Array {
  const known: [number, Uint8Array][] = [];
  if (handle.aggregate !== undefined) known.push([AGGREGATE_INDEX, handle.aggregate]);
  handle.keys.forEach((key, index) => {
    if (key !== undefined) known.push([index, key]);
  });
  const bytes = new Uint8Array(known.length * RECORD_BYTES);
  known.forEach(([index, key], i) => {
    new Uint8Array(engine.memory.buffer).set(key, engine.key());
    engine.exportKey();
    bytes[i * RECORD_BYTES] = index >> 8;
    bytes[i * RECORD_BYTES + 1] = index & 0xff;
    bytes.set(read(engine, engine.io(), UNCOMPRESSED_BYTES), i * RECORD_BYTES + 2);
  });
  return bytes;
}

/** See `Bls.importKeys`. */
export function importKeys(engine: Engine, handle: BlstHandle, bytes: Uint8Array): boolean {
  const { pubkeys, aggregatePubkey } = handle.committee;
  if (bytes.length % RECORD_BYTES !== 0) return false;
  const keys = new Map<number, Uint8Array>();
  for (let offset = 0; offset < bytes.length; offset += RECORD_BYTES) {
    const index = bytes[offset]! * 256 + bytes[offset + 1]!;
    const compressed = index === AGGREGATE_INDEX ? aggregatePubkey : pubkeys[index];
    const point = bytes.subarray(offset + 2, offset + RECORD_BYTES);
    if (compressed === undefined || !isPointOf(compressed, point)) return false;
    write(engine, point);
    if (engine.importKey() !== VALID) return false;
    keys.set(index, read(engine, engine.key(), engine.keyBytes()));
  }
  for (const [index, key] of keys) {
    if (index === AGGREGATE_INDEX) handle.aggregate = key;
    else handle.keys[index] = key;
  }
  return true;
}

/** Same x, and the y that the flag names: with the point on the curve there is no other. */
function isPointOf(compressed: Uint8Array, point: Uint8Array): boolean {
  if (compressed.length !== PUBKEY_BYTES) return false;
  const flags = COMPRESSED_FLAG | (isLarger(point.subarray(PUBKEY_BYTES)) ? SIGN_FLAG : 0);
  if (compressed[0] !== (point[0]! | flags)) return false;
  for (let i = 1; i < PUBKEY_BYTES; i++) if (compressed[i] !== point[i]) return false;
  return true;
}

function isLarger(y: Uint8Array): boolean {
  for (let i = 0; i < PUBKEY_BYTES; i++) if (y[i] !== HALF_MODULUS[i]) return y[i]! > HALF_MODULUS[i]!;
  return false;
}

/** A signature into the engine: decoded, not infinite, inside the subgroup. */
export function decodeSignature(engine: Engine, signature: Uint8Array): SignatureFault | null {
  if (signature.length !== 96) return "signature-encoding";
  write(engine, signature);
  const result = engine.decodeSignature();
  if (result === VALID) return null;
  if (result === INFINITE) return "signature-infinity";
  return result === 1 ? "signature-encoding" : "signature-subgroup";
}
