/**
 * What is around the SSZ of a stored snapshot: `SLSN`, the format's version (uint16 LE), SHA-256 of the body, the body.
 * The checksum finds accidents, not attackers.
 */
import { SidelightError } from "../errors.js";
import { equalBytes, toHex } from "../ssz/bytes.js";
import { sha256 } from "../ssz/hash.js";
import { MAX_SNAPSHOT_BYTES } from "./snapshot-types.js";

/** "SLSN" */
const MAGIC = /*#__PURE__*/ Uint8Array.of(0x53, 0x4c, 0x53, 0x4e);
/** What is written. Every version before it can still be read. */
const VERSION = 2;

/** Versions of what is inside: 2 has room for the committees' keys. */
export type SnapshotVersion = 1 | 2;
const CHECKSUM_OFFSET = 6;
const BODY_OFFSET = 38;

/** Puts the envelope around a body. */
export function sealEnvelope(body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(BODY_OFFSET + body.length);
  bytes.set(MAGIC);
  new DataView(bytes.buffer).setUint16(MAGIC.length, VERSION, true);
  bytes.set(sha256(body), CHECKSUM_OFFSET);
  bytes.set(body, BODY_OFFSET);
  return bytes;
}

/**
 * Checks the envelope and gives the body, a view of the same memory.
 * @throws SNAPSHOT_INVALID
 */
export function openEnvelope(bytes: Uint8Array): { version: SnapshotVersion; body: Uint8Array } {
  if (bytes.length < BODY_OFFSET) throw invalid("too short", `at least ${BODY_OFFSET} bytes`, `${bytes.length} bytes`);
  if (bytes.length > MAX_SNAPSHOT_BYTES) {
    throw invalid("too large", `at most ${MAX_SNAPSHOT_BYTES} bytes`, `${bytes.length} bytes`);
  }
  const magic = bytes.subarray(0, MAGIC.length);
  if (!equalBytes(magic, MAGIC)) throw invalid("not a snapshot", `${toHex(MAGIC)} at the start`, toHex(magic));
  const version = new DataView(bytes.buffer, bytes.byteOffset).getUint16(MAGIC.length, true);
  if (version !== 1 && version !== VERSION) {
    const reason = version > VERSION ? "written by a newer version of this library" : "version";
    throw invalid(reason, `format version 1 to ${VERSION}`, `format version ${version}`);
  }
  const body = bytes.subarray(BODY_OFFSET);
  const checksum = sha256(body);
  const stored = bytes.subarray(CHECKSUM_OFFSET, BODY_OFFSET);
  if (!equalBytes(stored, checksum)) throw invalid("checksum", toHex(checksum), toHex(stored));
  return { version, body };
}

/** @param reason what is wrong, in a few words */
export function invalid(
  reason: string,
  expected: string,
  actual: string,
  cause?: unknown,
): SidelightError<"SNAPSHOT_INVALID"> {
  const message = `snapshot: ${reason}: expected ${expected}, got ${actual}`;
  return new SidelightError("SNAPSHOT_INVALID", message, { reason, expected, actual }, { cause });
}
