/** Blocks and headers of the beacon chain whose root is known. Source: consensus-specs `specs/phase0/beacon-chain.md`. */
import { describeValue, optionInvalid, SidelightError } from "../../errors.js";
import type { Network } from "../../networks/types.js";
import { toHex } from "../../ssz/bytes.js";
import { decodeJson } from "../../ssz/json.js";
import { readUint64 } from "../../ssz/read.js";
import { type BytesLike, optionBytes, placeOf, sentBytes } from "../input.js";
import { assertRoot } from "../merkle-proof.js";
import { decoding, type ProvenSsz, readSszBytes, verifySszBytes } from "../ssz-proof.js";
import { type BeaconBlock, type BeaconTypes, beaconTypesAtSlot } from "./types.js";

/** A header, proven. Roots are `Bytes32` as `0x` hex. */
export interface ProvenBeaconHeader {
  /** Of the block. */
  readonly root: string;
  readonly slot: number;
  readonly proposerIndex: number;
  readonly parentRoot: string;
  readonly stateRoot: string;
  readonly bodyRoot: string;
}

export interface BeaconHeaderOptions {
  readonly types: BeaconTypes;
  /** `Bytes32`, that you trust: of the block. */
  readonly root: BytesLike;
  /** `header.message` of the Beacon API's `headers` route, or the header's SSZ. */
  readonly header: unknown;
}

const HEADER_BYTES = 112;

/**
 * The header of the block whose root is `root`. With it, state and body can be proven; and the parent, and so on.
 *
 * @throws OPTION_INVALID a root that is none
 * @throws DECODE_FAILED, INPUT_TOO_LARGE a header that is none
 * @throws MERKLE_ROOT_MISMATCH another block's
 */
export function verifyBeaconHeader({ types, root, header }: BeaconHeaderOptions): ProvenBeaconHeader {
  const expected = optionBytes("root", root, 32);
  const type = types.BeaconBlockHeader;
  const isSsz = typeof header === "string" || header instanceof Uint8Array;
  const decoded = isSsz
    ? decoding(type.name, () => type.deserialize(sentBytes(placeOf(type.name, "json-rpc"), header, HEADER_BYTES)))
    : decodeJson(type, header, { object: type.name, fork: "beacon" });
  assertRoot(type.name, expected, type.hashTreeRoot(decoded));
  return {
    root: toHex(expected),
    slot: decoded.slot,
    proposerIndex: decoded.proposerIndex,
    parentRoot: toHex(decoded.parentRoot),
    stateRoot: toHex(decoded.stateRoot),
    bodyRoot: toHex(decoded.bodyRoot),
  };
}

/** More than anybody's patience: 27 hours of blocks. */
const MAX_HEADERS = 8192;

/**
 * A block's header and those of its parent, grandparent and so on, in that order: each is the one whose root the one
 * before it names.
 *
 * @throws as {@link verifyBeaconHeader}
 */
export function verifyBeaconHeaderChain(options: {
  readonly types: BeaconTypes;
  /** `Bytes32`, that you trust: of the first. */
  readonly root: BytesLike;
  readonly headers: readonly unknown[];
}): ProvenBeaconHeader[] {
  const { types, headers } = options;
  if (!Array.isArray(headers) || headers.length > MAX_HEADERS) {
    throw optionInvalid("headers", `an array of at most ${MAX_HEADERS}`, headers);
  }
  let root = options.root;
  return Array.from(headers, (header) => {
    const proven = verifyBeaconHeader({ types, root, header });
    root = proven.parentRoot;
    return proven;
  });
}

export interface BeaconBlockOptions {
  readonly types: BeaconTypes;
  readonly network: Network;
  /** `Bytes32`, that you trust: of the block. */
  readonly root: BytesLike;
  /** SSZ of the block, signed (as the Beacon API's `blocks` route answers it) or not. */
  readonly bytes: Uint8Array;
}

/** More than any block has had. */
const MAX_BLOCK_BYTES = 1 << 26;
/** An offset and a signature: before a signed block's message. */
const SIGNED_PREFIX_BYTES = 100;

/**
 * The whole block whose root is `root`, any part of which can be had from what is given. The proposer's signature is no
 * part of the root, and is not looked at.
 *
 * @throws OPTION_INVALID a root that is none
 * @throws DECODE_FAILED, INPUT_TOO_LARGE bytes that are no block
 * @throws FORK_MISMATCH a block of phase 0
 * @throws MERKLE_ROOT_MISMATCH another block
 */
export function verifyBeaconBlock({ types, network, root, bytes }: BeaconBlockOptions): ProvenSsz<BeaconBlock> {
  return verifySszBytes({ ...messageOf(types, network, bytes), root });
}

/**
 * The block that bytes are, whoever made it up. It is proven once its `root` is found to be that of a verified header.
 *
 * @throws DECODE_FAILED, INPUT_TOO_LARGE bytes that are no block
 * @throws FORK_MISMATCH a block of phase 0
 */
export function readBeaconBlock({ types, network, bytes }: Omit<BeaconBlockOptions, "root">): ProvenSsz<BeaconBlock> {
  return readSszBytes(messageOf(types, network, bytes));
}

function messageOf(types: BeaconTypes, network: Network, bytes: Uint8Array) {
  const data = sentBytes(placeOf("BeaconBlock", "json-rpc"), bytes, MAX_BLOCK_BYTES);
  // a block's last field is the only one of a variable size: its offset, at 80, is 84. A signed one begins with an offset
  const isSigned = data.length > SIGNED_PREFIX_BYTES && data[0] === SIGNED_PREFIX_BYTES && !isBlock(data);
  const message = isSigned ? data.subarray(SIGNED_PREFIX_BYTES) : data;
  if (message.length < 84) throw notABlock(data);
  const slot = Number(readUint64(message));
  return { type: beaconTypesAtSlot(types, network, slot).BeaconBlock, bytes: message };
}

function isBlock(data: Uint8Array): boolean {
  return new DataView(data.buffer, data.byteOffset).getUint32(80, true) === 84;
}

function notABlock(data: Uint8Array): SidelightError {
  const [expected, actual] = ["a block, signed or not", describeValue(data)];
  const details = { object: "BeaconBlock", fork: "beacon", encoding: "ssz", path: "", expected, actual };
  return new SidelightError("DECODE_FAILED", `BeaconBlock (SSZ): expected ${expected}, got ${actual}`, details);
}
