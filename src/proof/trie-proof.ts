/**
 * Merkle-Patricia proofs: the nodes from a root to where a key is, or to where it would be. Sources: Ethereum Yellow
 * Paper, appendix D; EIP-1186.
 *
 * What a proof must be, to the byte: the nodes in order from the root, none missing, none too many, none twice. One
 * liberty, since servers differ and it proves nothing: a node below 32 bytes lies in its parent, and may be repeated
 * after it. An empty trie is proven by no nodes, or by the one of an empty string.
 */
import { SidelightError } from "../errors.js";
import { equalBytes, toHex } from "../ssz/bytes.js";
import { type BytesLike, optionBytes, placeIn, placeOf, sentBytes, sentList } from "./input.js";
import { EMPTY_TRIE_ROOT, keccak256 } from "./keccak.js";
import { MAX_RLP_BYTES, type RlpItem } from "./rlp.js";
import {
  decodeTrieNode,
  isEmptyChild,
  malformed,
  type NodePlace,
  nibbleAt,
  type TrieNode,
  type TriePath,
} from "./trie-node.js";

export interface TrieProofOptions {
  /** `Bytes32`: what is trusted. */
  readonly root: BytesLike;
  /** As the trie has it: of an account or a storage slot, the hash. */
  readonly key: Uint8Array;
  /** RLP of each node. */
  readonly proof: readonly BytesLike[];
  /** Of one node. @default 16 MiB */
  readonly maxNodeBytes?: number;
  /** What it is a proof of, for errors. @default "trie proof" */
  readonly name?: string;
}

/** What an empty trie is made of. */
const EMPTY_NODE = 0x80;

/**
 * The value that `key` has in the trie of `root`, or `null` if it is proven to have none.
 *
 * @throws OPTION_INVALID a root that is none
 * @throws DECODE_FAILED, INPUT_TOO_LARGE, RLP_INVALID, TRIE_NODE_MALFORMED a proof that is none
 * @throws TRIE_NODE_HASH_MISMATCH, TRIE_NODE_MISSING, TRIE_NODES_EXTRA a proof of something else
 */
export function verifyTrieProof(options: TrieProofOptions): Uint8Array | null {
  const { key, name = "trie proof" } = options;
  const root = optionBytes("root", options.root, 32);
  const nodes = takeNodes(options, name);
  const { value, used } = toHex(root) === EMPTY_TRIE_ROOT ? walkNothing(nodes) : walk(nodes, root, key, name);
  if (used === nodes.length) return value;
  const message = `${name}: expected ${used} nodes, got ${nodes.length}`;
  throw new SidelightError("TRIE_NODES_EXTRA", message, { proof: name, expected: used, actual: nodes.length });
}

interface Walked {
  readonly value: Uint8Array | null;
  /** Nodes of the proof that were needed. */
  readonly used: number;
}

function takeNodes({ key, proof, maxNodeBytes = MAX_RLP_BYTES }: TrieProofOptions, name: string): Uint8Array[] {
  const place = placeOf(name, "json-rpc");
  // every node but the last leads at least one nibble on
  const list = sentList(place, proof, 2 * key.length + 1);
  return Array.from(list, (node, i) => sentBytes(placeIn(place, i), node, maxNodeBytes));
}

function walkNothing(nodes: readonly Uint8Array[]): Walked {
  const [first] = nodes;
  return { value: null, used: first?.length === 1 && first[0] === EMPTY_NODE ? 1 : 0 };
}

function walk(nodes: readonly Uint8Array[], root: Uint8Array, key: Uint8Array, proof: string): Walked {
  const length = 2 * key.length;
  let used = 0;
  let at = 0;

  const takeHashed = (hash: Uint8Array): TrieNode => {
    const bytes = nodes[used];
    const place: NodePlace = { proof, index: used };
    if (bytes === undefined) throw missing(place, hash);
    assertHash(bytes, hash, place);
    if (used > 0 && bytes.length < 32) throw malformed(place, "a node of 32 bytes or more", `${bytes.length}`);
    used++;
    return decodeTrieNode(bytes, place);
  };
  const takeEmbedded = ({ raw }: RlpItem): TrieNode => {
    const node = decodeTrieNode(raw, { proof, index: used - 1 });
    if (nodes[used] !== undefined && equalBytes(nodes[used]!, raw)) used++;
    return node;
  };
  const take = (child: RlpItem) => (child.isList ? takeEmbedded(child) : takeHashed(child.payload));

  let node = takeHashed(root);
  for (;;) {
    if (node.kind === "leaf") {
      const isIt = node.path.length === length - at && leadsTo(node.path, key, at);
      return { value: isIt ? node.value : null, used };
    }
    if (node.kind === "extension") {
      if (!leadsTo(node.path, key, at)) return { value: null, used };
      at += node.path.length;
      node = take(node.child);
      if (node.kind !== "branch") {
        throw malformed({ proof, index: used - 1 }, "a branch below an extension", node.kind);
      }
    } else {
      if (at === length) return { value: node.value.length > 0 ? node.value : null, used };
      const child = node.children[nibbleAt(key, at++)]!;
      if (isEmptyChild(child)) return { value: null, used };
      node = take(child);
    }
  }
}

/** Does `path` agree with `key` from nibble `at` on? A path that is longer than the rest of the key does not. */
function leadsTo({ bytes, from, length }: TriePath, key: Uint8Array, at: number): boolean {
  if (at + length > 2 * key.length) return false;
  for (let i = 0; i < length; i++) if (nibbleAt(bytes, from + i) !== nibbleAt(key, at + i)) return false;
  return true;
}

function assertHash(bytes: Uint8Array, hash: Uint8Array, place: NodePlace): void {
  const actual = keccak256(bytes);
  if (equalBytes(actual, hash)) return;
  const details = { ...place, expected: toHex(hash), actual: toHex(actual) };
  const message = `${place.proof}, node ${place.index}: expected the hash ${details.expected}, got ${details.actual}`;
  throw new SidelightError("TRIE_NODE_HASH_MISMATCH", message, details);
}

function missing(place: NodePlace, hash: Uint8Array): SidelightError {
  const expected = toHex(hash);
  const message = `${place.proof} ends after ${place.index} nodes: expected one with the hash ${expected}`;
  return new SidelightError("TRIE_NODE_MISSING", message, { ...place, expected });
}
