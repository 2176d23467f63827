import { createMerkleProof, createMPT } from "@ethereumjs/mpt";
import { RLP } from "@ethereumjs/rlp";
import { expect } from "chai";
import fc from "fast-check";
import { EMPTY_TRIE_ROOT } from "../../../src/proof/keccak.js";
import { buildOrderedTrie, indexKey } from "../../../src/proof/ordered-trie.js";
import { verifyTrieProof } from "../../../src/proof/trie-proof.js";
import { toHex } from "../../../src/ssz/bytes.js";
import { runsFrom, seedOf } from "../../support/seed.js";

const seed = seedOf();
const value = (index: number, length: number) => new Uint8Array(length).fill(1 + (index % 255));

/** The trie of another implementation. */
async function theirs(values: readonly Uint8Array[]) {
  const trie = await createMPT();
  for (const [index, item] of values.entries()) await trie.put(RLP.encode(index), item);
  return trie;
}

describe("buildOrderedTrie", () => {
  it("of nothing has the root of an empty trie", () => {
    const { root, prove } = buildOrderedTrie([]);
    expect(toHex(root)).to.equal(EMPTY_TRIE_ROOT);
    expect(prove(0)).to.deep.equal([]);
  });

  it("has the root that another implementation gives it, for one item and for hundreds", async () => {
    const trie = await createMPT();
    const values: Uint8Array[] = [];
    for (let count = 1; count <= 300; count++) {
      const item = value(count, 1 + ((count * 7) % 50));
      await trie.put(RLP.encode(values.length), item);
      values.push(item);
      // all around where keys change their form, some of the others
      if (count > 20 && Math.abs(count - 128) > 4 && Math.abs(count - 256) > 4 && count % 16 !== 0) continue;
      expect(toHex(buildOrderedTrie(values).root)).to.equal(toHex(trie.root()));
    }
  });

  it("has it for thousands of items, where keys get longer", async () => {
    const values = Array.from({ length: 1500 }, (_, i) => value(i, 40));
    expect(toHex(buildOrderedTrie(values).root)).to.equal(toHex((await theirs(values)).root()));
  });

  it(`proves each of its items, and that there are no more; as another implementation does (seed ${seed})`, async () => {
    const lists = fc.array(fc.uint8Array({ minLength: 1, maxLength: 45 }), { minLength: 1, maxLength: 150 });
    await fc.assert(
      fc.asyncProperty(lists, async (values) => {
        const { root, prove } = buildOrderedTrie(values);
        const trie = await theirs(values);
        for (const index of [
          0,
          1,
          values.length - 1,
          values.length,
          values.length + 1,
          127,
          128,
          200,
          255,
          256,
          65_536,
        ]) {
          const proof = prove(index);
          const proven = verifyTrieProof({ root, key: indexKey(index), proof });
          expect(proven && toHex(proven)).to.equal(index < values.length ? toHex(values[index]!) : null);
          const long = await createMerkleProof(trie, RLP.encode(index));
          expect(proof.map(toHex)).to.deep.equal(long.filter((node, i) => i === 0 || node.length >= 32).map(toHex));
        }
      }),
      { seed, numRuns: runsFrom(40) },
    );
  });

  it("puts items under the RLP of their index", () => {
    for (const [index, key] of [
      [0, "0x80"],
      [1, "0x01"],
      [127, "0x7f"],
      [128, "0x8180"],
      [255, "0x81ff"],
      [256, "0x820100"],
    ] as const) {
      expect(toHex(indexKey(index))).to.equal(key);
    }
  });
});
