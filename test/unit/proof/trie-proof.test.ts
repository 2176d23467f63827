import { verifyMerkleProof } from "@ethereumjs/mpt";
import { expect } from "chai";
import fc from "fast-check";
import { EMPTY_TRIE_ROOT, keccak256 } from "../../../src/proof/keccak.js";
import { decodeRlp, encodeRlp, type RlpValue } from "../../../src/proof/rlp.js";
import { verifyTrieProof } from "../../../src/proof/trie-proof.js";
import { fromHex, toHex } from "../../../src/ssz/bytes.js";
import { codeOf, expectCode } from "../../support/expect-code.js";
import { runsFrom, seedOf } from "../../support/seed.js";
import { buildTrie, crowdedEntries, type Entries, hashedEntries, keysAround } from "../../support/tries.js";

const seed = seedOf();
const EMPTY = new Uint8Array(0);
const hex = (bytes: Uint8Array | null) => bytes && toHex(bytes);

describe("verifyTrieProof", () => {
  for (const [name, arbitrary, runs] of [
    ["with nodes within nodes and keys that begin others", crowdedEntries, 60],
    ["of hashed keys", hashedEntries, 15],
  ] as const) {
    it(`proves what is in a trie ${name}, and that nothing else is (seed ${seed})`, async () => {
      await fc.assert(
        fc.asyncProperty(arbitrary, async (entries) => {
          const { root, prove, proveWithEmbedded } = await buildTrie(entries);
          for (const key of keysAround(entries)) {
            const proof = await prove(key);
            const expected = hex(entries.get(toHex(key)) ?? null);
            expect(hex(verifyTrieProof({ root, key, proof }))).to.equal(expected);
            const longer = await proveWithEmbedded(key);
            expect(hex(verifyTrieProof({ root, key, proof: longer }))).to.equal(expected);
            expect(hex(await verifyMerkleProof(key, longer, { root }))).to.equal(expected);
          }
        }),
        { seed, numRuns: runsFrom(runs) },
      );
    });
  }

  it("takes hex as well as bytes", async () => {
    const { root, prove } = await buildTrie(THREE);
    const proof = (await prove(KEY)).map(toHex);
    expect(hex(verifyTrieProof({ root: toHex(root), key: KEY, proof }))).to.equal(toHex(VALUE));
  });

  describe("of an empty trie", () => {
    const key = fromHex("0x11");
    it("needs no node, or takes the one of nothing", () => {
      expect(verifyTrieProof({ root: EMPTY_TRIE_ROOT, key, proof: [] })).to.equal(null);
      expect(verifyTrieProof({ root: EMPTY_TRIE_ROOT, key, proof: ["0x80"] })).to.equal(null);
    });

    it("takes nothing else", () => {
      for (const proof of [["0x00"], ["0xc0"], ["0x8080"], ["0x"], ["0x80", "0x80"]]) {
        expect(codeOf(() => verifyTrieProof({ root: EMPTY_TRIE_ROOT, key, proof }))).to.equal("TRIE_NODES_EXTRA");
      }
    });

    it("is no proof of any other", () => {
      const root = new Uint8Array(32);
      expect(codeOf(() => verifyTrieProof({ root, key, proof: [] }))).to.equal("TRIE_NODE_MISSING");
      expect(codeOf(() => verifyTrieProof({ root, key, proof: ["0x80"] }))).to.equal("TRIE_NODE_HASH_MISMATCH");
    });
  });

  describe("refuses", () => {
    let root: Uint8Array;
    let proof: Uint8Array[];
    before(async () => {
      const trie = await buildTrie(THREE);
      root = trie.root;
      proof = await trie.prove(KEY);
      expect(proof).to.have.length(3);
    });
    const codeWith = (nodes: readonly (Uint8Array | string)[]) =>
      codeOf(() => verifyTrieProof({ root, key: KEY, proof: nodes }));

    it("a proof of another root", () => {
      const other = keccak256(root);
      const {
        proof: name,
        index,
        ...hashes
      } = expectCode("TRIE_NODE_HASH_MISMATCH", () => verifyTrieProof({ root: other, key: KEY, proof, name: "mine" }));
      expect([name, index]).to.deep.equal(["mine", 0]);
      expect(hashes).to.deep.equal({ expected: toHex(other), actual: toHex(root) });
    });

    it("one that ends early", () => {
      expect(expectCode("TRIE_NODE_MISSING", () => verifyTrieProof({ root, key: KEY, proof: proof.slice(0, 2) })))
        .to //
        .deep.include({ proof: "trie proof", index: 2, expected: toHex(keccak256(proof[2]!)) });
      expect(codeWith([])).to.equal("TRIE_NODE_MISSING");
    });

    it("one with a node too many, also one that it has already", () => {
      const extra = encodeRlp([Uint8Array.of(0x20), new Uint8Array(40)]);
      for (const more of [extra, proof[0]!, proof[2]!, EMPTY, Uint8Array.of(0x80)]) {
        expect(
          expectCode("TRIE_NODES_EXTRA", () => verifyTrieProof({ root, key: KEY, proof: [...proof, more] })),
        ).to.deep.equal({ proof: "trie proof", expected: 3, actual: 4 });
      }
    });

    it("one with a node twice, left out, or in another's place", () => {
      const [a, b, c] = proof as [Uint8Array, Uint8Array, Uint8Array];
      for (const nodes of [
        [a, a, b, c],
        [a, b, b, c],
        [b, c],
        [a, c],
        [a, c, b],
        [b, a, c],
        [c, b, a],
      ]) {
        expect(codeWith(nodes)).to.equal("TRIE_NODE_HASH_MISMATCH");
      }
    });

    it("one that is longer than any key's way, before it hashes anything", () => {
      const nodes = Array.from({ length: 2 * KEY.length + 2 }, () => proof[0]!);
      expect(expectCode("INPUT_TOO_LARGE", () => verifyTrieProof({ root, key: KEY, proof: nodes }))).to.deep.equal({
        object: "trie proof",
        limit: 2 * KEY.length + 1,
        actual: nodes.length,
      });
    });

    it("nodes above the limit", () => {
      const { length } = proof[1]!;
      expect(verifyTrieProof({ root, key: KEY, proof, maxNodeBytes: length })).to.deep.equal(VALUE);
      expect(
        expectCode("INPUT_TOO_LARGE", () =>
          verifyTrieProof({ root, key: KEY, proof: proof.map(toHex), maxNodeBytes: length - 1 }),
        ),
      ).to.deep.equal({ object: "trie proof at [1]", limit: length - 1, actual: length });
      const huge = new Uint8Array(16 * 1024 * 1024 + 1);
      expect(codeWith([proof[0]!, proof[1]!, huge])).to.equal("INPUT_TOO_LARGE");
    });

    it("what is neither hex nor bytes", () => {
      for (const node of ["", "0x0", "00", "0xgg", "0X00", null, undefined, 1, {}, [0], [] as unknown]) {
        const details = expectCode("DECODE_FAILED", () =>
          verifyTrieProof({ root, key: KEY, proof: [proof[0]!, node as string] }),
        );
        expect([details.object, details.path, details.encoding]).to.deep.equal(["trie proof", "[1]", "json-rpc"]);
      }
      for (const list of [null, undefined, "0x", {}, proof[0]]) {
        expect(codeWith(list as unknown as string[])).to.equal("DECODE_FAILED");
      }
      // a hole is not a node
      expect(codeWith(new Array(2))).to.equal("DECODE_FAILED");
    });

    it("a root that is none", () => {
      for (const none of ["", "0x", toHex(root).slice(0, -2), root.slice(1), null, undefined, 5]) {
        const { option } = expectCode("OPTION_INVALID", () =>
          verifyTrieProof({ root: none as string, key: KEY, proof }),
        );
        expect(option).to.equal("root");
      }
    });

    it("every proof with a bit flipped, a byte more or a byte less", () => {
      let tried = 0;
      const refuses = (nodes: Uint8Array[]) => {
        tried++;
        const code = codeWith(nodes);
        if (code !== "TRIE_NODE_HASH_MISMATCH") expect.fail(`${code} for ${nodes.map(toHex)}`);
      };
      proof.forEach((node, i) => {
        for (let bit = 0; bit < 8 * node.length; bit++) {
          refuses(
            proof.with(
              i,
              node.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)),
            ),
          );
        }
        refuses(proof.with(i, node.slice(1)));
        refuses(proof.with(i, node.slice(0, -1)));
        refuses(proof.with(i, Uint8Array.of(...node, 0)));
        refuses(proof.with(i, Uint8Array.of(0, ...node)));
        refuses(proof.with(i, EMPTY));
      });
      expect(tried).to.be.greaterThan(1000);
    });
  });

  it(`never proves another value, whatever is done to a true proof (seed ${seed})`, async () => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    let accepted = 0;
    await fc
      .assert(
        fc.asyncProperty(
          crowdedEntries,
          fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { minLength: 20 }),
          async (entries, changes) => {
            const { root, proveWithEmbedded } = await buildTrie(entries);
            for (const key of keysAround(entries).slice(0, 8)) {
              const proof = await proveWithEmbedded(key);
              const expected = hex(entries.get(toHex(key)) ?? null);
              for (const [kind, at, by] of changes) {
                const changed = changedProof(proof, kind, at, by);
                // only what is in its parent too may be left out
                if (codeOf(() => verifyTrieProof({ root, key, proof: changed })) !== null) continue;
                accepted++;
                expect(hex(verifyTrieProof({ root, key, proof: changed }))).to.equal(expected);
                expect(changed.every((node) => proof.includes(node))).to.equal(true);
              }
            }
          },
        ),
        { seed, numRuns: runsFrom(40) },
      )
      .finally(() => {
        Error.stackTraceLimit = stackTraceLimit;
      });
    expect(accepted).to.be.greaterThan(0);
  });

  describe("refuses nodes that hash right and are none:", () => {
    const hash = new Uint8Array(32).fill(7);
    const branch = (changes: Record<number, RlpValue>) =>
      Array.from({ length: 17 }, (_, i) => changes[i] ?? (i < 2 ? hash : EMPTY));
    const NODES: readonly [string, RlpValue | string, string][] = [
      ["no RLP", "0xc2", "RLP_INVALID"],
      ["a string", Uint8Array.of(1, 2, 3), "RLP_INVALID"],
      ["RLP with something after it", `${toHex(encodeRlp(branch({})))}00`, "RLP_INVALID"],
      ["RLP with a length in the long form", "0xf803820011", "RLP_INVALID"],
      ["an empty list", [], "TRIE_NODE_MALFORMED"],
      ["one item", [hash], "TRIE_NODE_MALFORMED"],
      ["three items", [Uint8Array.of(0x20), hash, hash], "TRIE_NODE_MALFORMED"],
      ["16 items", branch({}).slice(1), "TRIE_NODE_MALFORMED"],
      ["18 items", [...branch({}), EMPTY], "TRIE_NODE_MALFORMED"],
      ["a branch with a list as value", branch({ 16: [hash] }), "TRIE_NODE_MALFORMED"],
      ["a branch with nothing", branch({ 0: EMPTY, 1: EMPTY }), "TRIE_NODE_MALFORMED"],
      ["a branch with one child", branch({ 0: EMPTY }), "TRIE_NODE_MALFORMED"],
      ["a branch with a value only", branch({ 0: EMPTY, 1: EMPTY, 16: hash }), "TRIE_NODE_MALFORMED"],
      ["a child of 31 bytes", branch({ 5: hash.slice(1) }), "TRIE_NODE_MALFORMED"],
      ["a child of 33 bytes", branch({ 5: Uint8Array.of(0, ...hash) }), "TRIE_NODE_MALFORMED"],
      ["a child of one byte", branch({ 5: Uint8Array.of(1) }), "TRIE_NODE_MALFORMED"],
      ["a child within it that needs a hash", branch({ 5: [Uint8Array.of(0x20), hash] }), "TRIE_NODE_MALFORMED"],
      ["a leaf without a path", [EMPTY, hash], "TRIE_NODE_MALFORMED"],
      ["a leaf with a list for a path", [[], hash], "TRIE_NODE_MALFORMED"],
      ["a path with an unknown prefix", [Uint8Array.of(0x40), hash], "TRIE_NODE_MALFORMED"],
      ["a path with the prefix 15", [Uint8Array.of(0xf0), hash], "TRIE_NODE_MALFORMED"],
      ["an even leaf's path with a padding that is not 0", [Uint8Array.of(0x21, 1), hash], "TRIE_NODE_MALFORMED"],
      ["an even extension's path with such", [Uint8Array.of(0x01, 1), hash], "TRIE_NODE_MALFORMED"],
      ["a leaf without a value", [Uint8Array.of(0x20, 0x11), EMPTY], "TRIE_NODE_MALFORMED"],
      ["a leaf with a list for a value", [Uint8Array.of(0x20, 0x11), [hash]], "TRIE_NODE_MALFORMED"],
      ["an extension without a path", [Uint8Array.of(0x00), hash], "TRIE_NODE_MALFORMED"],
      ["an extension to nothing", [Uint8Array.of(0x11), EMPTY], "TRIE_NODE_MALFORMED"],
      ["an extension to 31 bytes", [Uint8Array.of(0x11), hash.slice(1)], "TRIE_NODE_MALFORMED"],
      ["an extension to a leaf", [Uint8Array.of(0x11), [Uint8Array.of(0x31), hash.slice(9)]], "TRIE_NODE_MALFORMED"],
      ["an extension to an extension", [Uint8Array.of(0x11), [Uint8Array.of(0x11), []]], "TRIE_NODE_MALFORMED"],
    ];
    for (const [name, node, code] of NODES) {
      it(name, () => {
        const bytes = typeof node === "string" ? fromHex(node) : encodeRlp(node);
        const options = { root: keccak256(bytes), key: fromHex("0x11"), proof: [bytes] };
        expect(codeOf(() => verifyTrieProof(options))).to.equal(code);
      });
    }

    it("a node below 32 bytes by its hash", () => {
      const leaf = encodeRlp([Uint8Array.of(0x31), Uint8Array.of(9)]);
      const root = encodeRlp(branch({ 1: keccak256(leaf) }));
      expect(
        codeOf(() => verifyTrieProof({ root: keccak256(root), key: fromHex("0x11"), proof: [root, leaf] })),
      ).to.equal("TRIE_NODE_MALFORMED");
      // where it belongs, it is one
      const right = encodeRlp(branch({ 1: decodeRlp(leaf) }));
      expect(hex(verifyTrieProof({ root: keccak256(right), key: fromHex("0x11"), proof: [right] }))).to.equal("0x09");
    });

    it("an extension to a leaf by its hash", () => {
      const leaf = encodeRlp([Uint8Array.of(0x31), new Uint8Array(40)]);
      const root = encodeRlp([Uint8Array.of(0x11), keccak256(leaf)]);
      expect(
        codeOf(() => verifyTrieProof({ root: keccak256(root), key: fromHex("0x11"), proof: [root, leaf] })),
      ).to.equal("TRIE_NODE_MALFORMED");
    });
  });
});

const KEY = fromHex("0x1234567812345678");
const VALUE = new Uint8Array(50).fill(3);
/** An extension, a branch, and a leaf below it. */
const THREE: Entries = new Map([
  [toHex(KEY), VALUE],
  ["0x12345678ff345678", new Uint8Array(50).fill(4)],
  ["0x1234567800345678", new Uint8Array(50).fill(5)],
]);

function changedProof(proof: readonly Uint8Array[], kind: number, at: number, by: number): Uint8Array[] {
  const i = at % proof.length;
  const j = by % proof.length;
  const node = proof[i]!;
  const flipped = node.map((byte, k) => (k === by % node.length ? byte ^ (1 << (at % 8)) : byte));
  const CHANGES: readonly (() => Uint8Array[])[] = [
    () => proof.with(i, flipped),
    () => proof.toSpliced(i, 1),
    () => proof.toSpliced(i, 0, node),
    () => proof.with(i, proof[j]!).with(j, node),
    () => proof.slice(0, i),
    () => proof.with(i, node.subarray(0, by % node.length)),
    () => proof.toSpliced(i, 0, flipped),
    () => [...proof, proof[j]!],
    () => proof.with(i, proof[j]!),
    () => proof.toReversed(),
  ];
  return CHANGES[kind % CHANGES.length]!();
}
