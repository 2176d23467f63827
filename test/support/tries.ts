/** Tries and proofs as another implementation makes them. */
import { createMerkleProof, createMPT, type MerklePatriciaTrie } from "@ethereumjs/mpt";
import fc from "fast-check";
import { keccak256 } from "../../src/proof/keccak.js";
import { toHex } from "../../src/ssz/bytes.js";

export type Entries = ReadonlyMap<string, Uint8Array>;

export interface BuiltTrie {
  readonly root: Uint8Array;
  readonly entries: Entries;
  /** From the root to the key, or to where it would be; nodes below 32 bytes are in their parents only. */
  readonly prove: (key: Uint8Array) => Promise<Uint8Array[]>;
  /** The same, with nodes below 32 bytes listed too, as some servers do. */
  readonly proveWithEmbedded: (key: Uint8Array) => Promise<Uint8Array[]>;
}

/** A trie of entries by key in hex. */
export async function buildTrie(entries: Entries): Promise<BuiltTrie> {
  const trie: MerklePatriciaTrie = await createMPT();
  for (const [key, value] of entries) await trie.put(bytesOf(key), value);
  const proveWithEmbedded = (key: Uint8Array) => createMerkleProof(trie, key);
  return {
    root: trie.root(),
    entries,
    proveWithEmbedded,
    prove: async (key) => (await proveWithEmbedded(key)).filter((node, i) => i === 0 || node.length >= 32),
  };
}

export function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex.replace(/^0x/, ""), "hex"));
}

/** Few distinct bytes, short values: long common ways, keys that begin others, nodes within nodes. */
const crowdedKeys = fc.array(fc.constantFrom(0x00, 0x01, 0x10, 0x11, 0x1f, 0xf1), { minLength: 1, maxLength: 4 });
const shortValues = fc.uint8Array({ minLength: 1, maxLength: 4 });
const longValues = fc.uint8Array({ minLength: 1, maxLength: 60 });

const entriesOf = (keys: fc.Arbitrary<string>, values: fc.Arbitrary<Uint8Array>, maxLength: number) =>
  fc.array(fc.tuple(keys, values), { minLength: 1, maxLength }).map((list): Entries => new Map(list));

export const crowdedEntries = entriesOf(
  crowdedKeys.map((bytes) => toHex(Uint8Array.from(bytes))),
  fc.oneof(shortValues, longValues),
  20,
);

/** As in the state: keys are hashes. */
export const hashedEntries = entriesOf(
  fc.nat(1_000_000).map((seed) => toHex(keccak256(Uint8Array.of(seed >> 16, seed >> 8, seed)))),
  longValues,
  60,
);

/** Keys of a trie, and keys near them that it has not: longer, shorter, with another nibble. */
export function keysAround(entries: Entries): Uint8Array[] {
  const keys = [...entries.keys()].map(bytesOf);
  const near = keys.flatMap((key) => [
    Uint8Array.of(...key, 0x11),
    key.slice(0, -1),
    ...[0, key.length - 1].flatMap((at) =>
      [0x01, 0x10].map((bit) => key.map((byte, i) => (i === at ? byte ^ bit : byte))),
    ),
  ]);
  return [...keys, ...near].filter((key) => key.length > 0);
}
