/**
 * BLS by herumi's mcl in WASM (`bls-eth-wasm`, what `@chainsafe/bls` runs in a browser), without the wrapper: it costs
 * a top-level await, a key generator, and decodes every signature three times.
 *
 * How a typical update is made cheap: with more than half of the committee present, the sum of the participants is the
 * committee's `aggregate_pubkey` less the absent, so min(p, 513 - p) keys are decompressed, and remembered.
 */

import bls from "bls-eth-wasm";
import { messageOf, SidelightError, type SignatureFault } from "../errors.js";
import type { BitArray } from "../ssz/bit-array.js";
import { isZero } from "../ssz/bytes.js";
import type { SyncCommittee } from "../ssz/objects.js";
import { assertKnownAnswers } from "./known-answer.js";
import type { Bls, CommitteeHandle } from "./port.js";

type Point = InstanceType<typeof bls.PublicKey>;

interface HerumiHandle extends CommitteeHandle {
  /** The sum of all members, once needed. */
  aggregate: Point | null;
  /** Members' keys by index, as needed. */
  readonly keys: (Point | undefined)[];
  /** The same, negated: for subtracting. */
  readonly negatedKeys: (Point | undefined)[];
}

const NAME = "herumi";

const PUBKEY_BYTES = 48;
const SIGNATURE_BYTES = 96;

/** The flag bits of a compressed G1 point (ZCash serialization): which of the two square roots y is. */
const SIGN_BIT = 0x20;

// The WASM instance is one per process, whoever asks for it: so is its start.
let starting: Promise<void> | undefined;

/**
 * The backend on herumi's WASM. About 6 ms for a typical signature of 505 of 512 in Node; 94 KiB (brotli) of WASM.
 */
export function herumiBls(): Bls {
  const handles = new WeakMap<SyncCommittee, HerumiHandle>();
  let isReady = false;
  return {
    name: NAME,
    async ready() {
      starting ??= start();
      const attempt = starting;
      try {
        await attempt;
      } catch (error) {
        if (starting === attempt) starting = undefined;
        throw error;
      }
      isReady = true;
    },
    committee(committee) {
      let handle = handles.get(committee);
      if (handle === undefined) {
        handle = createHandle(committee);
        handles.set(committee, handle);
      }
      return handle;
    },
    verifySyncAggregate(handle, bits, signingRoot, signature) {
      if (!isReady) {
        throw new SidelightError("BLS_NOT_READY", `${NAME}: used before ready() resolved`, { backend: NAME });
      }
      return verify(handle as HerumiHandle, bits, signingRoot, signature);
    },
  };
}

function createHandle(committee: SyncCommittee): HerumiHandle {
  return { committee, aggregate: null, keys: [], negatedKeys: [] };
}

function verify(
  handle: HerumiHandle,
  bits: BitArray,
  signingRoot: Uint8Array,
  signature: Uint8Array,
): SignatureFault | null {
  // the WASM takes what it is given: other lengths are other messages, or run out of its stack
  if (signingRoot.length !== 32) return "mismatch";
  const decoded = decodeSignature(signature);
  if (typeof decoded === "string") return decoded;
  const sum = sumParticipants(handle, bits);
  if (typeof sum === "string") return sum;
  return sum.verify(decoded, signingRoot) ? null : "mismatch";
}

async function start(): Promise<void> {
  try {
    // Another user of the same package may have started it; a second start would throw away the first's instance.
    if (!("mod" in bls) || bls.mod === undefined) await bls.init(bls.BLS12_381);
    // they may have started it for another curve, or another draft of the scheme
    assertKnownAnswers(NAME, (committee, ...signed) => verify(createHandle(committee), ...signed));
  } catch (cause) {
    const message = messageOf(cause);
    const details = { backend: NAME, message };
    throw new SidelightError("BLS_UNAVAILABLE", `${NAME}: WASM did not start: ${message}`, details, { cause });
  }
}

function decodeSignature(bytes: Uint8Array): InstanceType<typeof bls.Signature> | SignatureFault {
  if (bytes.length !== SIGNATURE_BYTES) return "signature-encoding";
  const signature = new bls.Signature();
  // Decode without the subgroup check, then check once: that tells the two faults apart.
  bls.verifySignatureOrder(false);
  try {
    signature.deserialize(bytes);
  } catch {
    return "signature-encoding";
  } finally {
    bls.verifySignatureOrder(true);
  }
  if (signature.isZero()) return "signature-infinity";
  return signature.isValidOrder() ? signature : "signature-subgroup";
}

/** Sum of the participants' keys; its subgroup membership stands for that of each (see the port). */
function sumParticipants(handle: HerumiHandle, bits: BitArray): Point | SignatureFault {
  const size = handle.committee.pubkeys.length;
  const present = bits.getTrueBitIndexes();
  if (bits.bitLen !== size || present.length === 0) return "aggregate-invalid";
  // The order of a key is not checked one by one; the switch is global, so it is put back for other users.
  bls.verifyPublicKeyOrder(false);
  try {
    const sum = present.length * 2 > size ? subtractAbsent(handle, bits) : addPresent(handle, present);
    return sum.isZero() || !sum.isValidOrder() ? "aggregate-invalid" : sum;
  } catch {
    return "pubkey-invalid";
  } finally {
    bls.verifyPublicKeyOrder(true);
  }
}

function addPresent(handle: HerumiHandle, present: number[]): Point {
  const sum = new bls.PublicKey();
  for (const index of present) {
    const key = handle.keys[index] ?? decodeKey(handle.committee.pubkeys[index]!);
    handle.keys[index] = key;
    sum.add(key);
  }
  return sum;
}

function subtractAbsent(handle: HerumiHandle, bits: BitArray): Point {
  handle.aggregate ??= decodeKey(handle.committee.aggregatePubkey);
  const sum = handle.aggregate.clone();
  for (let index = 0; index < bits.bitLen; index++) {
    if (bits.get(index)) continue;
    const key = handle.negatedKeys[index] ?? decodeKey(negate(handle.committee.pubkeys[index]!));
    handle.negatedKeys[index] = key;
    sum.add(key);
  }
  return sum;
}

/** `-P` has the other y: its compressed form differs in one bit. */
function negate(compressed: Uint8Array): Uint8Array {
  const negated = compressed.slice();
  negated[0]! ^= SIGN_BIT;
  return negated;
}

/** Throws when the bytes are no point of the curve, or infinity: no validator has that key. */
function decodeKey(compressed: Uint8Array): Point {
  if (compressed.length !== PUBKEY_BYTES) throw new Error("a public key of another length");
  const key = new bls.PublicKey();
  key.deserialize(compressed);
  if (key.isZero() || isZero(compressed)) throw new Error("a public key at infinity");
  return key;
}
