/**
 * Multiproofs as Lodestar's proof routes have them: all nodes from left to right, and a descriptor that says where they
 * are. It is the tree from the root down, left before right, one bit a node: 1 for one that is given, 0 for one whose
 * children follow; then zeros up to a whole byte.
 */
import { SidelightError } from "../errors.js";
import { toHex } from "../ssz/bytes.js";
import { hashPair } from "../ssz/hash.js";
import { type Gindex, getHelperIndices, MAX_DEPTH, toGindices } from "./gindex.js";
import { type BytesLike, decodeFailure, optionBytes, type Place, placeIn, placeOf, sentBytes } from "./input.js";
import { assertRoot, MAX_NODES, nodesOf } from "./merkle-proof.js";

/** `descriptor` and `leaves`, as the route answers them. */
export interface CompactMultiproof {
  readonly descriptor: BytesLike;
  /** `Bytes32` each. */
  readonly leaves: readonly BytesLike[];
}

export interface CompactMultiproofOptions extends CompactMultiproof {
  /** `Bytes32`, that you trust. */
  readonly root: BytesLike;
  /** Which of the nodes are wanted; none twice, none above another. */
  readonly gindices: readonly Gindex[];
  /** What it is a proof of, for errors. @default "compact multiproof" */
  readonly name?: string;
}

/** Twice as many bits as nodes, less one. */
const MAX_DESCRIPTOR_BYTES = (2 * MAX_NODES) / 8;

/**
 * The nodes at `gindices` of the tree of `root`, in that order.
 *
 * @throws OPTION_INVALID a root or an index that is none
 * @throws DECODE_FAILED, INPUT_TOO_LARGE a descriptor or leaves that are none
 * @throws MERKLE_PROOF_LENGTH_INVALID another number of leaves than the descriptor has
 * @throws MERKLE_ROOT_MISMATCH they are not in this tree
 * @throws MERKLE_NODE_MISSING the proof is right, and without one that is wanted
 */
export function verifyCompactMultiproof(options: CompactMultiproofOptions): string[] {
  const { gindices, name = "compact multiproof" } = options;
  const wanted = toGindices(gindices);
  const nodes = verifyCompactNodes({ ...options, gindices: wanted, name });
  return wanted.map((gindex) => toHex(nodes.get(gindex)!));
}

/** All nodes of a proof by their generalized index, proven to be of the tree of `root`; those at `gindices` among them. */
export function verifyCompactNodes({
  root,
  descriptor,
  leaves,
  gindices,
  name,
}: Omit<CompactMultiproofOptions, "gindices"> & {
  readonly gindices: readonly bigint[];
  readonly name: string;
}): Map<bigint, Uint8Array> {
  const expected = optionBytes("root", root, 32);
  const indices = indicesOf(descriptor, name);
  const nodes = nodesOf(name, "leaves", leaves, indices.length);
  assertRoot(name, expected, rootFromLeft(indices, nodes));
  const known = new Map(indices.map((gindex, i) => [gindex, nodes[i]!]));
  for (const gindex of gindices) if (!known.has(gindex)) throw nodeMissing(name, gindex);
  return known;
}

export function nodeMissing(name: string, gindex: bigint): SidelightError {
  const message = `${name}: expected a node at the generalized index ${gindex}, got none`;
  return new SidelightError("MERKLE_NODE_MISSING", message, { proof: name, gindex: String(gindex) });
}

/**
 * What to ask for, to get the nodes at `gindices`.
 * @throws OPTION_INVALID
 */
export function computeCompactDescriptor(gindices: readonly Gindex[]): Uint8Array {
  const wanted = toGindices(gindices);
  const given = new Set([...wanted, ...getHelperIndices(wanted)]);
  let bits = "";
  const open = [1n];
  for (let gindex = open.pop(); gindex !== undefined; gindex = open.pop()) {
    const isGiven = given.has(gindex);
    bits += isGiven ? "1" : "0";
    if (!isGiven) open.push(2n * gindex + 1n, 2n * gindex);
  }
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  for (let i = 0; i < bits.length; i++) if (bits[i] === "1") bytes[i >> 3]! |= 0x80 >> (i & 7);
  return bytes;
}

/**
 * Which nodes a descriptor says are given, from left to right.
 * @throws DECODE_FAILED, INPUT_TOO_LARGE
 */
export function decodeCompactDescriptor(descriptor: BytesLike): bigint[] {
  return indicesOf(descriptor, "compact multiproof");
}

function indicesOf(descriptor: BytesLike, name: string): bigint[] {
  const place = placeIn(placeOf(name, "json-rpc"), "descriptor");
  const bytes = sentBytes(place, descriptor, MAX_DESCRIPTOR_BYTES);
  const indices: bigint[] = [];
  const open = [1n];
  let at = 0;
  for (let gindex = open.pop(); gindex !== undefined; gindex = open.pop(), at++) {
    if (at === 8 * bytes.length) throw decodeFailure(place, "a tree with an end", bytes);
    if (bitAt(bytes, at)) indices.push(gindex);
    else open.push(2n * gindex + 1n, 2n * gindex);
    // what is open is at most as deep as this, plus one
    assertDepth(gindex, place);
  }
  assertPadding(bytes, at, place);
  return indices;
}

function bitAt(bytes: Uint8Array, at: number): boolean {
  return (bytes[at >> 3]! & (0x80 >> (at & 7))) !== 0;
}

function assertDepth(gindex: bigint, place: Place): void {
  if (gindex >> BigInt(MAX_DEPTH + 1) !== 0n) throw decodeFailure(place, `a depth of at most ${MAX_DEPTH}`, gindex);
}

/** One form for each tree: no byte more than it needs, and nothing after its end. */
function assertPadding(bytes: Uint8Array, from: number, place: Place): void {
  let isZero = bytes.length === Math.ceil(from / 8);
  for (let at = from; at < 8 * bytes.length && isZero; at++) isZero = !bitAt(bytes, at);
  if (!isZero) throw decodeFailure(place, `nothing after ${from} bits but zeros up to a byte`, bytes);
}

/** Of nodes from left to right: two that are siblings make one, as long as there are such. */
function rootFromLeft(indices: readonly bigint[], nodes: readonly Uint8Array[]): Uint8Array {
  const stack: { gindex: bigint; node: Uint8Array }[] = [];
  indices.forEach((index, i) => {
    let [gindex, node] = [index, nodes[i]!];
    while (gindex !== 1n && stack.at(-1)?.gindex === (gindex ^ 1n)) {
      node = hashPair(stack.pop()!.node, node);
      gindex >>= 1n;
    }
    stack.push({ gindex, node });
  });
  return stack[0]!.node;
}

/**
 * From SSZ, as the route answers it: `Container(leaves: List[Bytes32], descriptor: ByteList)`. Not verified.
 * @throws DECODE_FAILED, INPUT_TOO_LARGE
 */
export function decodeCompactMultiproofSsz(bytes: Uint8Array): { descriptor: Uint8Array; leaves: Uint8Array[] } {
  const place = placeOf("compact multiproof", "json-rpc");
  const data = sentBytes(place, bytes, 8 + 32 * MAX_NODES + MAX_DESCRIPTOR_BYTES);
  if (data.length < 8) throw decodeFailure(place, "8 bytes of offsets", data);
  const view = new DataView(data.buffer, data.byteOffset);
  const [first, second] = [view.getUint32(0, true), view.getUint32(4, true)];
  if (first !== 8 || second < first || second > data.length || (second - first) % 32 !== 0) {
    throw decodeFailure(place, "offsets of leaves and of a descriptor", data.subarray(0, 8));
  }
  const leaves: Uint8Array[] = [];
  for (let at = first; at < second; at += 32) leaves.push(data.subarray(at, at + 32));
  return { descriptor: data.subarray(second), leaves };
}
