/**
 * Parts of SSZ values (states, blocks), proven against a root that you trust: from a multiproof, or from the whole value
 * when that is all there is. Sources: consensus-specs `ssz/merkle-proofs.md`, EIP-7495, EIP-7916.
 */
import { optionInvalid, SidelightError } from "../errors.js";
import { fromHex, toHex } from "../ssz/bytes.js";
import { type Location, locate, type Path, type ValueAt } from "../ssz/path.js";
import { bytesAt, readBytes, readUint64 } from "../ssz/read.js";
import { nodeAt, rootOfBytes, treeOf } from "../ssz/tree.js";
import { type AnyType, SszError, type SszType } from "../ssz/type.js";
import {
  type CompactMultiproof,
  computeCompactDescriptor,
  decodeCompactDescriptor,
  nodeMissing,
  verifyCompactNodes,
} from "./compact-multiproof.js";
import type { Gindex } from "./gindex.js";
import { type BytesLike, optionBytes } from "./input.js";
import { assertRoot, MAX_NODES, verifyMultiproofNodes } from "./merkle-proof.js";

/** What is at a path; `null` where an index is beyond the end of its list. */
export type Proven<T, P extends readonly unknown[]> =
  | ValueAt<T, P>
  | (Extract<P[number], number> extends never ? never : null);

/** A value of which some parts, or all, are proven. */
export interface ProvenSsz<T> {
  /** `Bytes32` as `0x` hex. */
  readonly root: string;
  /**
   * What is at `path`. Roots and other bytes are `Uint8Array`. `null`: it is proven that the list is shorter.
   *
   * @throws OPTION_INVALID there is no such path in this type
   * @throws MERKLE_NODE_MISSING the proof does not reach there
   * @throws DECODE_FAILED what is there is no value of the type
   */
  get<const P extends Path<T>>(path: P): Proven<T, P>;
}

/** The nodes at `gindices`, and those that prove them: the specification's form, of which a branch is one. */
export interface Multiproof {
  readonly gindices: readonly Gindex[];
  /** `Bytes32` each. */
  readonly leaves: readonly BytesLike[];
  /** `Bytes32` each. */
  readonly proof: readonly BytesLike[];
}

export interface SszProofOptions<T> {
  readonly type: SszType<T>;
  /** `Bytes32`, that you trust. */
  readonly root: BytesLike;
  /** As Lodestar's proof routes answer it, or as the specification has it. */
  readonly proof: CompactMultiproof | Multiproof;
  /** What it is a proof of, for errors. @default the type's name */
  readonly name?: string;
}

/**
 * What a proof proves of the value whose root is `root`.
 *
 * @throws OPTION_INVALID a root that is none
 * @throws DECODE_FAILED, INPUT_TOO_LARGE, MERKLE_PROOF_LENGTH_INVALID a proof that is none
 * @throws MERKLE_ROOT_MISMATCH a proof of something else
 */
export function verifySszProof<T>({ type, root, proof, name = type.name }: SszProofOptions<T>): ProvenSsz<T> {
  const nodes =
    "descriptor" in proof
      ? verifyCompactNodes({ ...proof, root, gindices: [], name })
      : verifyMultiproofNodes({ ...proof, root, name }).known;
  return provenByNodes(type, root, nodes, name);
}

/** A value of which `nodes`, by their generalized index, are proven. */
export function provenByNodes<T>(
  type: SszType<T>,
  root: BytesLike,
  nodes: ReadonlyMap<bigint, Uint8Array>,
  name = type.name,
): ProvenSsz<T> {
  return {
    root: toHex(optionBytes("root", root, 32)),
    get: (path) => {
      const { value, missing } = readPath(type, path, (gindex) => nodes.get(gindex), name);
      if (missing.length > 0) throw nodeMissing(name, missing[0]!);
      return value as never;
    },
  };
}

export interface SszBytesOptions<T> {
  readonly type: SszType<T>;
  /** `Bytes32`, that you trust. */
  readonly root: BytesLike;
  /** The whole value's encoding. It is not copied, and must not be changed any more. */
  readonly bytes: Uint8Array;
  /** What it is, for errors. @default the type's name */
  readonly name?: string;
}

/**
 * The value whose root is `root`, all of it. Its bytes are hashed as they lie: of a state no object is made, and parts
 * are decoded when they are asked for.
 *
 * @throws OPTION_INVALID a root that is none
 * @throws DECODE_FAILED bytes that are no value of the type
 * @throws MERKLE_ROOT_MISMATCH another value
 */
export function verifySszBytes<T>({ root, ...options }: SszBytesOptions<T>): ProvenSsz<T> {
  const expected = optionBytes("root", root, 32);
  const { type, name = type.name } = options;
  const read = readSszBytes(options);
  assertRoot(name, expected, fromHex(read.root));
  return read;
}

/**
 * The value that bytes are. It is as good as its `root`, which its sender may have made up.
 *
 * @throws DECODE_FAILED bytes that are no value of the type
 */
export function readSszBytes<T>({ type, bytes, name = type.name }: Omit<SszBytesOptions<T>, "root">): ProvenSsz<T> {
  const root = decoding(name, () => rootOfBytes(anyType(type), bytes));
  return {
    root: toHex(root),
    get: (path) => {
      locationOf(type, path);
      const found = decoding(name, () => bytesAt(anyType(type), bytes, path));
      return (found && decoding(name, () => found.type.deserialize(found.bytes))) as never;
    },
  };
}

/**
 * A proof of what is at `paths` of a value that is at hand: what a server answers.
 *
 * @throws OPTION_INVALID there is no such path
 * @throws DECODE_FAILED bytes that are no value of the type
 */
export function createSszProof<T>(options: {
  readonly type: SszType<T>;
  readonly bytes: Uint8Array;
  readonly paths: readonly Path<T>[];
}): { readonly root: string; readonly descriptor: Uint8Array; readonly leaves: readonly Uint8Array[] } {
  const { type, bytes, paths } = options;
  const tree = decoding(type.name, () => treeOf(anyType(type), bytes));
  const wanted = new Set<bigint>();
  for (const path of paths) {
    readPath(
      type,
      path,
      (gindex) => {
        wanted.add(gindex);
        return nodeAt(tree, gindex)?.hash();
      },
      type.name,
    );
  }
  const descriptor = computeCompactDescriptor([...wanted]);
  const leaves = decodeCompactDescriptor(descriptor).map((gindex) => nodeAt(tree, gindex)!.hash());
  return { root: toHex(tree.hash()), descriptor, leaves };
}

/** Where a path leads. */
export interface SszLocation {
  /** Of the chunk, or of the root of the subtree. */
  readonly gindex: bigint;
  /** Bytes before it in its chunk: elements of lists of integers lie several in one. */
  readonly offset: number;
  /** Bytes of its encoding; `null` where that depends on the value. */
  readonly size: number | null;
}

/**
 * `get_generalized_index` of a path.
 * @throws OPTION_INVALID there is no such path
 */
export function getGeneralizedIndex<T, const P extends Path<T>>(type: SszType<T>, path: P): SszLocation {
  const { gindex, offset, type: found } = locationOf(type, path);
  return { gindex, offset, size: found.fixedSize };
}

/**
 * Which nodes to ask for, to prove what is at `paths`. Of lists the lengths belong to it; those of lists that are read as
 * a whole must be known first, so that it may take two turns: `known` is what is proven already.
 *
 * @throws OPTION_INVALID there is no such path
 */
export function gindicesOfPaths<T>(
  type: SszType<T>,
  paths: readonly Path<T>[],
  known: ReadonlyMap<bigint, Uint8Array> = new Map(),
): bigint[] {
  const wanted = new Set<bigint>();
  for (const path of paths) {
    const { missing } = readPath(type, path, (gindex) => known.get(gindex), type.name);
    for (const gindex of missing) wanted.add(gindex);
  }
  return [...wanted];
}

/** Which of the nodes that are known are read, to tell what is at `paths`. */
export function readGindices<T>(
  type: SszType<T>,
  paths: readonly Path<T>[],
  known: ReadonlyMap<bigint, Uint8Array>,
): bigint[] {
  const used = new Set<bigint>();
  for (const path of paths) {
    readPath(
      type,
      path,
      (gindex) => {
        used.add(gindex);
        return known.get(gindex);
      },
      type.name,
    );
  }
  return [...used];
}

/** What is at a path, or which nodes would be needed to tell. */
function readPath(
  type: SszType<unknown>,
  path: readonly unknown[],
  nodeAtGindex: (gindex: bigint) => Uint8Array | undefined,
  name: string,
): { value: unknown; missing: bigint[] } {
  const missing: bigint[] = [];
  const read = (gindex: bigint): Uint8Array => {
    const node = nodeAtGindex(gindex);
    if (node !== undefined) return node;
    if (missing.length === MAX_NODES) throw tooManyNodes(name);
    missing.push(gindex);
    return new Uint8Array(32);
  };
  const { type: found, gindex, offset, lists } = locationOf(type, path);
  for (const list of lists) {
    const isKnown = nodeAtGindex(list.gindex) !== undefined;
    const length = readUint64(read(list.gindex));
    if (isKnown && BigInt(list.index) >= length) return { value: null, missing };
    // what is beyond the end cannot be asked for: a server would say that there is no such node
    if (!isKnown && !list.isBounded) return { value: null, missing };
  }
  const bytes = decoding(name, () => readBytes(found, gindex, offset, read));
  return { value: missing.length > 0 ? null : decoding(name, () => found.deserialize(bytes)), missing };
}

/** @throws OPTION_INVALID */
function locationOf(type: SszType<unknown>, path: unknown): Location {
  if (!Array.isArray(path)) throw optionInvalid("path", "an array of fields and indices", path);
  const found = locate(anyType(type), path);
  if ("gindex" in found) return found;
  throw optionInvalid(`path[${found.at}]`, found.expected, path[found.at]);
}

function tooManyNodes(name: string): SidelightError {
  const message = `${name}: expected at most ${MAX_NODES} nodes, got more`;
  return new SidelightError("INPUT_TOO_LARGE", message, { object: name, limit: MAX_NODES, actual: MAX_NODES + 1 });
}

/** @throws DECODE_FAILED where `step` throws an `SszError` */
export function decoding<R>(name: string, step: () => R): R {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof SszError)) throw error;
    const { path, expected, actual } = error;
    const details = { object: name, fork: "beacon", encoding: "ssz", path, expected, actual };
    const where = path === "" ? name : `${name} at ${path}`;
    throw new SidelightError("DECODE_FAILED", `${where} (SSZ): expected ${expected}, got ${actual}`, details);
  }
}

/** Every type is one of the kinds. */
function anyType(type: SszType<unknown>): AnyType {
  return type as AnyType;
}
