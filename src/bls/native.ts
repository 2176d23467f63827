/**
 * BLS by blst itself, through a native addon: Node only, and only for who installs one. The library does not import
 * it; the caller hands it over.
 */

import { SidelightError, type SignatureFault } from "../errors.js";
import type { BitArray } from "../ssz/bit-array.js";
import { isZero } from "../ssz/bytes.js";
import type { SyncCommittee } from "../ssz/objects.js";
import { assertKnownAnswers } from "./known-answer.js";
import type { Bls, CommitteeHandle } from "./port.js";

/** A public key of the addon. */
interface NativePublicKey {
  /** Throws when infinite or outside the subgroup. */
  keyValidate(): void;
}

/** A signature of the addon. */
interface NativeSignature {
  /** Throws when infinite or outside the subgroup. */
  sigValidate(infinityCheck?: boolean): void;
}

/** What is used of `@chainsafe/blst` 2.x. */
export interface NativeBlst {
  PublicKey: { fromBytes(bytes: Uint8Array, validate?: boolean): NativePublicKey };
  Signature: { fromBytes(bytes: Uint8Array, validate?: boolean, infinityCheck?: boolean): NativeSignature };
  // methods, not properties: the addon's own classes are narrower than the two interfaces above
  aggregatePublicKeys(keys: NativePublicKey[], validate?: boolean): NativePublicKey;
  verify(
    message: Uint8Array,
    key: NativePublicKey,
    signature: NativeSignature,
    validateKey?: boolean,
    validateSignature?: boolean,
  ): boolean;
}

interface NativeHandle extends CommitteeHandle {
  readonly keys: Map<string, NativePublicKey>;
}

const NAME = "native";
const SIGN_BIT = 0x20;
const INFINITY_FLAGS = 0xc0;

/**
 * The backend on a native blst. What is handed over is tried when it starts: what is no blst is `BLS_UNAVAILABLE`.
 * @example
 * import * as blst from "@chainsafe/blst";
 * const bls = nativeBls(blst);
 */
export function nativeBls(blst: NativeBlst): Bls {
  const handles = new WeakMap<SyncCommittee, NativeHandle>();
  let isReady = false;

  function verify(
    handle: NativeHandle,
    bits: BitArray,
    signingRoot: Uint8Array,
    signature: Uint8Array,
  ): SignatureFault | null {
    if (signingRoot.length !== 32) return "mismatch";
    const decoded = decodeSignature(blst, signature);
    if (typeof decoded === "string") return decoded;
    const sum = sumParticipants(blst, handle, bits);
    if (typeof sum === "string") return sum;
    return blst.verify(signingRoot, sum, decoded, false, false) ? null : "mismatch";
  }

  return {
    name: NAME,
    async ready() {
      if (!isReady) {
        assertKnownAnswers(NAME, (committee, ...signed) => verify({ committee, keys: new Map() }, ...signed));
      }
      isReady = true;
    },
    committee(committee) {
      let handle = handles.get(committee);
      if (handle === undefined) {
        handle = { committee, keys: new Map() };
        handles.set(committee, handle);
      }
      return handle;
    },
    verifySyncAggregate(handle, bits, signingRoot, signature) {
      if (!isReady) {
        throw new SidelightError("BLS_NOT_READY", `${NAME}: used before ready() resolved`, { backend: NAME });
      }
      return verify(handle as NativeHandle, bits, signingRoot, signature);
    },
  };
}

function decodeSignature(blst: NativeBlst, bytes: Uint8Array): NativeSignature | SignatureFault {
  if (bytes.length !== 96) return "signature-encoding";
  if (bytes[0] === INFINITY_FLAGS && isZero(bytes.subarray(1))) return "signature-infinity";
  let signature: NativeSignature;
  try {
    signature = blst.Signature.fromBytes(bytes, false, false);
  } catch {
    return "signature-encoding";
  }
  try {
    signature.sigValidate(true);
  } catch {
    return "signature-subgroup";
  }
  return signature;
}

function sumParticipants(blst: NativeBlst, handle: NativeHandle, bits: BitArray): NativePublicKey | SignatureFault {
  const { pubkeys, aggregatePubkey } = handle.committee;
  const present = bits.getTrueBitIndexes();
  if (bits.bitLen !== pubkeys.length || present.length === 0) return "aggregate-invalid";
  const subtract = present.length * 2 > pubkeys.length;
  const keys: NativePublicKey[] = [];
  try {
    if (subtract) keys.push(decodeKey(blst, handle, "all", aggregatePubkey));
    for (let index = 0; index < pubkeys.length; index++) {
      if (bits.get(index) === subtract) continue;
      const key = pubkeys[index]!;
      keys.push(decodeKey(blst, handle, `${subtract ? "-" : "+"}${index}`, subtract ? negate(key) : key));
    }
  } catch {
    return "pubkey-invalid";
  }
  try {
    const sum = blst.aggregatePublicKeys(keys, false);
    sum.keyValidate();
    return sum;
  } catch {
    return "aggregate-invalid";
  }
}

/** `-P` has the other y: its compressed form differs in one bit. */
function negate(compressed: Uint8Array): Uint8Array {
  const negated = compressed.slice();
  if (negated.length > 0) negated[0]! ^= SIGN_BIT;
  return negated;
}

function decodeKey(blst: NativeBlst, handle: NativeHandle, name: string, bytes: Uint8Array): NativePublicKey {
  let key = handle.keys.get(name);
  if (key === undefined) {
    if (bytes.length !== 48 || (bytes[0]! & INFINITY_FLAGS) !== 0x80) throw new Error("no compressed key");
    key = blst.PublicKey.fromBytes(bytes, false);
    handle.keys.set(name, key);
  }
  return key;
}
