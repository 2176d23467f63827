/**
 * The tries of a block's lists (transactions, receipts, withdrawals): item `i` under the RLP of `i`. Built from the whole
 * list to get their root, or to prove an item. Sources: Ethereum Yellow Paper, 4.3.1 and appendix D; EIP-2718.
 */
import { keccak256 } from "./keccak.js";
import { encodeRlp, integerToBytes, type RlpValue } from "./rlp.js";
import { nibbleAt } from "./trie-node.js";

/** A node with what is below it; `raw` is its encoding. */
interface BuiltNode {
  readonly raw: Uint8Array;
  /** What its parent has of it: its hash, or itself if it is shorter than that. */
  readonly reference: RlpValue;
  /** Where a key leads from here. */
  readonly follow: (key: Uint8Array) => BuiltNode | undefined;
}

interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export interface OrderedTrie {
  /** `Bytes32` */
  readonly root: Uint8Array;
  /** The nodes from the root to item `index`, or to where it would be. */
  readonly prove: (index: number) => Uint8Array[];
}

const EMPTY = /*#__PURE__*/ new Uint8Array(0);

/** The key of item `index` in the tries of a block. */
export function indexKey(index: number): Uint8Array {
  return encodeRlp(integerToBytes(index));
}

export function buildOrderedTrie(values: readonly Uint8Array[]): OrderedTrie {
  const top = values.length === 0 ? null : build(inOrderOfKeys(values), 0);
  return {
    root: keccak256(top === null ? encodeRlp(EMPTY) : top.raw),
    prove: (index) => (top === null ? [] : way(top, indexKey(index))),
  };
}

/** As the bytes of the keys are ordered: 1 to 127, 0 (which is 0x80), 128 and on. */
function inOrderOfKeys(values: readonly Uint8Array[]): Entry[] {
  const entries = values.map((value, index) => ({ key: indexKey(index), value }));
  const [zero, ...rest] = entries;
  return [...rest.slice(0, 127), zero!, ...rest.slice(127)];
}

/**
 * Of entries that agree up to nibble `at`. None of their keys begins another: the first byte says how long a key is.
 */
function build(entries: readonly Entry[], at: number): BuiltNode {
  const first = entries[0]!;
  if (entries.length === 1) {
    return nodeOf([hexPrefix(first.key, at, 2 * first.key.length, true), first.value], nowhere);
  }
  const fork = firstDifference(first.key, entries.at(-1)!.key, at);
  const branch = buildBranch(entries, fork);
  if (fork === at) return branch;
  return nodeOf([hexPrefix(first.key, at, fork, false), branch.reference], (key) => {
    for (let i = at; i < fork; i++) if (nibbleAt(key, i) !== nibbleAt(first.key, i)) return undefined;
    return branch;
  });
}

const nowhere = () => undefined;

function buildBranch(entries: readonly Entry[], at: number): BuiltNode {
  const children: (BuiltNode | undefined)[] = new Array(16).fill(undefined);
  for (let from = 0; from < entries.length; ) {
    const nibble = nibbleAt(entries[from]!.key, at);
    let to = from + 1;
    while (to < entries.length && nibbleAt(entries[to]!.key, at) === nibble) to++;
    children[nibble] = build(entries.slice(from, to), at + 1);
    from = to;
  }
  return nodeOf([...children.map((child) => child?.reference ?? EMPTY), EMPTY], (key) => children[nibbleAt(key, at)]);
}

function nodeOf(items: readonly RlpValue[], follow: BuiltNode["follow"]): BuiltNode {
  const raw = encodeRlp(items);
  return { raw, reference: raw.length < 32 ? items : keccak256(raw), follow };
}

/** Of keys in order, the first and the last differ earliest. */
function firstDifference(a: Uint8Array, b: Uint8Array, from: number): number {
  let at = from;
  while (nibbleAt(a, at) === nibbleAt(b, at)) at++;
  return at;
}

/** Nibbles `from` to `to` of a key, as a node has them (Yellow Paper, appendix C). */
function hexPrefix(key: Uint8Array, from: number, to: number, isLeaf: boolean): Uint8Array {
  const isOdd = (to - from) % 2 === 1;
  const flags = (isLeaf ? 2 : 0) + (isOdd ? 1 : 0);
  const path = new Uint8Array(1 + Math.floor((to - from) / 2));
  path[0] = flags << 4;
  let next = isOdd ? 1 : 2;
  for (let i = from; i < to; i++, next++) path[next >> 1]! |= nibbleAt(key, i) << (next & 1 ? 0 : 4);
  return path;
}

/** The nodes that have to be sent: those which are in their parents themselves need not. */
function way(top: BuiltNode, key: Uint8Array): Uint8Array[] {
  const nodes: Uint8Array[] = [];
  for (let node: BuiltNode | undefined = top; node !== undefined; node = node.follow(key)) {
    if (node === top || node.raw.length >= 32) nodes.push(node.raw);
  }
  return nodes;
}
