/**
 * The file: four bytes that name it, one that names its version, and SSZ. A chain of light-client objects from a checkpoint
 * to a finalized header, and what is proven by that.
 */
import { describeValue, SidelightError } from "../errors.js";
import { LIGHT_CLIENT_FORKS, type LightClientFork } from "../networks/types.js";
import type { ValueOf } from "../proof/beacon/types.js";
import { decoding } from "../proof/ssz-proof.js";
import { byteList, byteVector } from "../ssz/basic.js";
import { container } from "../ssz/composite.js";
import { list, uint8 } from "../ssz/list.js";
import type { RawObject } from "../ssz/raw-object.js";

/** "slpf" */
const MAGIC = [0x73, 0x6c, 0x70, 0x66] as const;
export const BUNDLE_VERSION = 1;
/** Ten years of updates are 20 MB. */
export const MAX_BUNDLE_BYTES = 1 << 26;
const MAX_OBJECT_BYTES = 1 << 17;
const MAX_UPDATES = 1 << 11;
const MAX_LEAVES = 1 << 16;
/** Of paths, and of slots. */
export const MAX_PATHS = 64;
export const MAX_PATH_BYTES = 512;

const bytes32 = /*#__PURE__*/ byteVector(32);

function bundleType() {
  const object = container("LightClientObject", { fork: uint8, data: byteList(MAX_OBJECT_BYTES) });
  const nodes = list(byteList(1024), 65);
  return container("ProofBundle", {
    genesisValidatorsRoot: bytes32,
    bootstrap: object,
    updates: list(object, MAX_UPDATES),
    finalityUpdate: object,
    /** Of each the JSON. */
    paths: list(byteList(MAX_PATH_BYTES), MAX_PATHS),
    descriptor: byteList(1 << 14),
    leaves: list(bytes32, MAX_LEAVES),
    /** None or one. */
    accounts: list(
      container("ProvenAccount", {
        /** RLP of the execution header. */
        header: byteList(8192),
        address: byteVector(20),
        accountProof: nodes,
        storage: list(container("ProvenSlot", { slot: bytes32, proof: nodes }), MAX_PATHS),
      }),
      1,
    ),
  });
}

export type BundleParts = ValueOf<ReturnType<typeof bundleType>>;
export type BundleObject = BundleParts["bootstrap"];

/** @throws SszError for more than fits */
export function encodeBundle(parts: BundleParts): Uint8Array {
  const body = bundleType().serialize(parts);
  const bytes = new Uint8Array(MAGIC.length + 1 + body.length);
  bytes.set(MAGIC);
  bytes[MAGIC.length] = BUNDLE_VERSION;
  bytes.set(body, MAGIC.length + 1);
  return bytes;
}

/** @throws DECODE_FAILED, INPUT_TOO_LARGE */
export function decodeBundle(bytes: Uint8Array): BundleParts {
  if (!(bytes instanceof Uint8Array)) throw unreadable("bytes", describeValue(bytes));
  if (bytes.length > MAX_BUNDLE_BYTES) {
    const message = `proof bundle: expected at most ${MAX_BUNDLE_BYTES} bytes, got ${bytes.length}`;
    const details = { object: "proof bundle", limit: MAX_BUNDLE_BYTES, actual: bytes.length };
    throw new SidelightError("INPUT_TOO_LARGE", message, details);
  }
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) throw unreadable("a file that begins with slpf", "another");
  const version = bytes[MAGIC.length];
  if (version !== BUNDLE_VERSION) throw unreadable(`version ${BUNDLE_VERSION}`, `version ${version}`);
  return decoding("proof bundle", () => bundleType().deserialize(bytes.subarray(MAGIC.length + 1)));
}

export function unreadable(expected: string, actual: string): SidelightError<"DECODE_FAILED"> {
  const details = { object: "proof bundle", fork: "", encoding: "ssz", path: "", expected, actual };
  return new SidelightError("DECODE_FAILED", `proof bundle: expected ${expected}, got ${actual}`, details);
}

/** @throws DECODE_FAILED */
export function rawOf({ fork, data }: BundleObject): RawObject {
  const name: LightClientFork | undefined = LIGHT_CLIENT_FORKS[fork];
  if (name === undefined) throw unreadable(`the number of a fork, below ${LIGHT_CLIENT_FORKS.length}`, String(fork));
  return { encoding: "ssz", bytes: data, fork: name };
}
