import {
  computeDescriptor,
  createProof,
  LeafNode,
  type Node,
  ProofType,
  subtreeFillToContents,
} from "@chainsafe/persistent-merkle-tree";
import { expect } from "chai";
import fc from "fast-check";
import {
  computeCompactDescriptor,
  decodeCompactDescriptor,
  decodeCompactMultiproofSsz,
  verifyCompactMultiproof,
} from "../../../src/proof/compact-multiproof.js";
import { concatGindices, getHelperIndices } from "../../../src/proof/gindex.js";
import { verifyMerkleBranch, verifyMultiproof } from "../../../src/proof/merkle-proof.js";
import { toHex } from "../../../src/ssz/bytes.js";
import { hashPair, sha256 } from "../../../src/ssz/hash.js";
import { codeOf, expectCode } from "../../support/expect-code.js";
import { runsFrom, seedOf } from "../../support/seed.js";

const seed = seedOf();
const leafOf = (i: number) => sha256(Uint8Array.of(i >> 8, i));

/** A tree of 2^depth leaves, of another implementation. */
function treeOf(depth: number): Node {
  const leaves = Array.from({ length: 2 ** depth }, (_, i) => LeafNode.fromRoot(leafOf(i)));
  return subtreeFillToContents(leaves, depth);
}

const DEPTH = 6;
const tree = treeOf(DEPTH);
const root = tree.root;

function nodeAt(gindex: bigint): Uint8Array {
  const { leaf } = createProof(tree, { type: ProofType.single, gindex }) as { leaf: Uint8Array };
  return leaf;
}

function branchOf(gindex: bigint): Uint8Array[] {
  return (createProof(tree, { type: ProofType.single, gindex }) as { witnesses: Uint8Array[] }).witnesses;
}

/** Some nodes of the tree, at any depth, none above another. */
const choices: fc.Arbitrary<bigint[]> = fc
  .uniqueArray(fc.bigInt({ min: 2n, max: 2n ** BigInt(DEPTH + 1) - 1n }), { minLength: 1, maxLength: 10 })
  .map((list) => list.filter((gindex) => !list.some((above) => isAbove(above, gindex))));

function isAbove(above: bigint, gindex: bigint): boolean {
  for (let at = gindex >> 1n; at > 0n; at >>= 1n) if (at === above) return true;
  return false;
}

const flipped = (bytes: Uint8Array, bit: number) =>
  bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));

describe("verifyMerkleBranch", () => {
  it("gives every node of a tree", () => {
    for (let gindex = 1n; gindex < 2n ** BigInt(DEPTH + 1); gindex++) {
      const leaf = gindex === 1n ? root : nodeAt(gindex);
      const branch = gindex === 1n ? [] : branchOf(gindex);
      expect(verifyMerkleBranch({ root, leaf, branch, gindex })).to.equal(toHex(leaf));
      const hex = { root: toHex(root), leaf: toHex(leaf), branch: branch.map(toHex), gindex: Number(gindex) };
      expect(verifyMerkleBranch(hex)).to.equal(toHex(leaf));
    }
  });

  it("knows indices beyond exact numbers", () => {
    const gindex = 2n ** 60n + 5n;
    const branch = Array.from({ length: 60 }, (_, i) => leafOf(i));
    let node = leafOf(999);
    branch.forEach((sibling, i) => {
      node = (gindex >> BigInt(i)) & 1n ? hashPair(sibling, node) : hashPair(node, sibling);
    });
    expect(verifyMerkleBranch({ root: node, leaf: leafOf(999), branch, gindex })).to.equal(toHex(leafOf(999)));
    expect(codeOf(() => verifyMerkleBranch({ root: node, leaf: leafOf(999), branch, gindex: gindex + 1n }))).to.equal(
      "MERKLE_ROOT_MISMATCH",
    );
  });

  it("refuses every bit flipped, every other place, and every other length", () => {
    const gindex = 77n;
    const [leaf, branch] = [nodeAt(gindex), branchOf(gindex)];
    const codeWith = (change: object) => codeOf(() => verifyMerkleBranch({ root, leaf, branch, gindex, ...change }));
    expect(codeWith({})).to.equal(null);
    for (let bit = 0; bit < 256; bit++) {
      expect(codeWith({ leaf: flipped(leaf, bit) })).to.equal("MERKLE_ROOT_MISMATCH");
      expect(codeWith({ root: flipped(root, bit) })).to.equal("MERKLE_ROOT_MISMATCH");
      for (const [i, node] of branch.entries()) {
        expect(codeWith({ branch: branch.with(i, flipped(node, bit)) })).to.equal("MERKLE_ROOT_MISMATCH");
      }
    }
    for (let other = 64; other < 128; other++)
      if (other !== 77) expect(codeWith({ gindex: other })).to.equal("MERKLE_ROOT_MISMATCH");
    for (const other of [1, 38, 154, 155, 2n ** 200n])
      expect(codeWith({ gindex: other })).to.equal("MERKLE_PROOF_LENGTH_INVALID");
    expect(
      expectCode("MERKLE_PROOF_LENGTH_INVALID", () =>
        verifyMerkleBranch({ root, leaf, branch: branch.slice(1), gindex, name: "mine" }),
      ),
    ).to.deep.equal({
      proof: "mine",
      part: "branch",
      expected: 6,
      actual: 5,
    });
    expect(codeWith({ branch: [...branch, branch[0]!] })).to.equal("MERKLE_PROOF_LENGTH_INVALID");
    expect(codeWith({ branch: branch.toReversed() })).to.equal("MERKLE_ROOT_MISMATCH");
  });

  it("refuses what is no root, no index, no leaf, no branch", () => {
    const gindex = 77n;
    const options = { root, leaf: nodeAt(gindex), branch: branchOf(gindex), gindex };
    const verifyWith = (change: object) => () => verifyMerkleBranch({ ...options, ...change });
    for (const none of ["0x", null, new Uint8Array(31)])
      expect(expectCode("OPTION_INVALID", verifyWith({ root: none })).option).to.equal("root");
    for (const none of [0, 0n, -1, -1n, 1.5, 2 ** 53, 2n ** 257n, "77", null, undefined, Number.NaN]) {
      expect(expectCode("OPTION_INVALID", verifyWith({ gindex: none })).option).to.equal("gindex");
    }
    for (const none of ["0x", "0x00", null, 5, new Uint8Array(31)]) {
      expect(expectCode("DECODE_FAILED", verifyWith({ leaf: none })).path).to.equal("leaf");
      expect(expectCode("DECODE_FAILED", verifyWith({ branch: options.branch.with(2, none as never) })).path).to.equal(
        "branch[2]",
      );
    }
    for (const none of [null, undefined, {}, "0x"])
      expect(expectCode("DECODE_FAILED", verifyWith({ branch: none })).path).to.equal("branch");
    expect(codeOf(verifyWith({ branch: new Array(6) }))).to.equal("DECODE_FAILED");
    expect(codeOf(verifyWith({ leaf: new Uint8Array(33) }))).to.equal("INPUT_TOO_LARGE");
    expect(codeOf(verifyWith({ branch: new Array(70_000) }))).to.equal("INPUT_TOO_LARGE");
  });
});

describe("getHelperIndices", () => {
  it("are those of the specification: siblings on the way up that are on no way, from the deepest on", () => {
    expect(getHelperIndices([8])).to.deep.equal([9n, 5n, 3n]);
    expect(getHelperIndices([8, 9, 14])).to.deep.equal([15n, 6n, 5n]);
    expect(getHelperIndices([2, 3])).to.deep.equal([]);
    expect(getHelperIndices([1])).to.deep.equal([]);
    expect(getHelperIndices([2n ** 60n])).to.have.length(60);
  });

  it("refuses indices that are twice, above another, or none", () => {
    for (const [gindices, option] of [
      [[8, 8], "gindices[1]"],
      [[8, 9n, 9], "gindices[2]"],
      [[4, 8], "gindices[1]"],
      [[8, 4], "gindices[0]"],
      [[1, 2], "gindices[1]"],
      [[5, 0], "gindices[1]"],
      [[], "gindices"],
      [null, "gindices"],
      [8, "gindices"],
    ] as const) {
      expect(expectCode("OPTION_INVALID", () => getHelperIndices(gindices as never)).option).to.equal(option);
    }
  });
});

describe("concatGindices", () => {
  it("goes on in the tree below", () => {
    expect(concatGindices(2, 3)).to.equal(5n);
    expect(concatGindices(12, 25, 28)).to.equal(3228n);
    expect(concatGindices(1, 7, 1)).to.equal(7n);
    expect(concatGindices()).to.equal(1n);
    expect(codeOf(() => concatGindices(2n ** 200n, 2n ** 200n, 0))).to.equal("OPTION_INVALID");
  });
});

describe("verifyMultiproof", () => {
  it(`gives nodes of any depth, as another implementation proves them (seed ${seed})`, () => {
    fc.assert(
      fc.property(choices, (gindices) => {
        const leaves = gindices.map(nodeAt);
        const proof = getHelperIndices(gindices).map(nodeAt);
        expect(verifyMultiproof({ root, leaves, gindices, proof })).to.deep.equal(leaves.map(toHex));
        // theirs has the leaves from left to right
        const theirs = createProof(tree, { type: ProofType.multi, gindices: [...gindices] }) as {
          leaves: Uint8Array[];
          witnesses: Uint8Array[];
        };
        expect(theirs.leaves).to.have.length(leaves.length);
        expect(theirs.witnesses.map(toHex).sort()).to.deep.equal(proof.map(toHex).sort());
      }),
      { seed, numRuns: runsFrom(200) },
    );
  });

  it(`refuses every leaf, helper and place changed (seed ${seed})`, () => {
    fc.assert(
      fc.property(choices, fc.nat(), fc.nat(255), (gindices, at, bit) => {
        const leaves = gindices.map(nodeAt);
        const proof = getHelperIndices(gindices).map(nodeAt);
        const codeWith = (change: object) =>
          codeOf(() => verifyMultiproof({ root, leaves, gindices, proof, ...change }));
        const i = at % leaves.length;
        expect(codeWith({ leaves: leaves.with(i, flipped(leaves[i]!, bit)) })).to.equal("MERKLE_ROOT_MISMATCH");
        if (leaves.length > 1)
          expect(codeWith({ leaves: [leaves[1]!, leaves[0]!, ...leaves.slice(2)] })).to.equal("MERKLE_ROOT_MISMATCH");
        expect(codeWith({ leaves: leaves.slice(1) })).to.equal("MERKLE_PROOF_LENGTH_INVALID");
        expect(codeWith({ proof: [...proof, root] })).to.equal("MERKLE_PROOF_LENGTH_INVALID");
        if (proof.length === 0) return;
        const j = at % proof.length;
        expect(codeWith({ proof: proof.with(j, flipped(proof[j]!, bit)) })).to.equal("MERKLE_ROOT_MISMATCH");
        expect(codeWith({ proof: proof.slice(1) })).to.equal("MERKLE_PROOF_LENGTH_INVALID");
      }),
      { seed, numRuns: runsFrom(100) },
    );
  });

  it("proves each of the nodes: one above another would hide it", () => {
    const options = { root, leaves: [nodeAt(2n), leafOf(12_345)], gindices: [2, 4], proof: [nodeAt(5n), nodeAt(3n)] };
    expect(expectCode("OPTION_INVALID", () => verifyMultiproof(options)).option).to.equal("gindices[1]");
  });
});

describe("verifyCompactMultiproof", () => {
  const proofOf = (gindices: readonly bigint[]) => {
    const descriptor = computeDescriptor([...gindices]);
    const { leaves } = createProof(tree, { type: ProofType.compactMulti, descriptor }) as { leaves: Uint8Array[] };
    return { descriptor, leaves };
  };

  it(`gives nodes in the order asked for; descriptors are those of another implementation (seed ${seed})`, () => {
    fc.assert(
      fc.property(choices, (gindices) => {
        const { descriptor, leaves } = proofOf(gindices);
        expect(toHex(computeCompactDescriptor(gindices))).to.equal(toHex(descriptor));
        const expected = gindices.map((gindex) => toHex(nodeAt(gindex)));
        expect(verifyCompactMultiproof({ root, gindices, descriptor, leaves })).to.deep.equal(expected);
        const asHex = { root: toHex(root), gindices, descriptor: toHex(descriptor), leaves: leaves.map(toHex) };
        expect(verifyCompactMultiproof(asHex)).to.deep.equal(expected);
        const given = decodeCompactDescriptor(descriptor);
        expect(given.map((gindex) => toHex(nodeAt(gindex)))).to.deep.equal(leaves.map(toHex));
        expect([...given].sort().map(String)).to.deep.equal(
          [...gindices, ...getHelperIndices(gindices)].sort().map(String),
        );
      }),
      { seed, numRuns: runsFrom(200) },
    );
  });

  it("refuses a proof without what was asked for", () => {
    const { descriptor, leaves } = proofOf([77n]);
    expect(verifyCompactMultiproof({ root, gindices: [76n, 77n], descriptor, leaves })).to.have.length(2);
    expect(
      expectCode("MERKLE_NODE_MISSING", () =>
        verifyCompactMultiproof({ root, gindices: [77n, 100n], descriptor, leaves }),
      ),
    ).to.deep.equal({
      proof: "compact multiproof",
      gindex: "100",
    });
    // what is above or below is not it
    for (const gindex of [38n, 154n, 1n]) {
      expect(codeOf(() => verifyCompactMultiproof({ root, gindices: [gindex], descriptor, leaves }))).to.equal(
        "MERKLE_NODE_MISSING",
      );
    }
  });

  it("refuses leaves changed, swapped, left out or added, and another root", () => {
    const gindices = [77n, 100n];
    const { descriptor, leaves } = proofOf(gindices);
    const codeWith = (change: object) =>
      codeOf(() => verifyCompactMultiproof({ root, gindices, descriptor, leaves, ...change }));
    expect(codeWith({})).to.equal(null);
    leaves.forEach((leaf, i) => {
      for (const bit of [0, 7, 100, 255])
        expect(codeWith({ leaves: leaves.with(i, flipped(leaf, bit)) })).to.equal("MERKLE_ROOT_MISMATCH");
      expect(codeWith({ leaves: leaves.toSpliced(i, 1) })).to.equal("MERKLE_PROOF_LENGTH_INVALID");
      if (i > 0)
        expect(codeWith({ leaves: leaves.with(i, leaves[0]!).with(0, leaf) })).to.equal("MERKLE_ROOT_MISMATCH");
    });
    expect(codeWith({ leaves: [...leaves, leaves[0]!] })).to.equal("MERKLE_PROOF_LENGTH_INVALID");
    expect(codeWith({ root: leaves[0] })).to.equal("MERKLE_ROOT_MISMATCH");
    expect(codeWith({ leaves: leaves.with(1, new Uint8Array(31)) })).to.equal("DECODE_FAILED");
    expect(codeWith({ root: "0x" })).to.equal("OPTION_INVALID");
    expect(codeWith({ gindices: [77n, 77n] })).to.equal("OPTION_INVALID");
  });

  it("takes one form of each descriptor", () => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    const valid = new Map<string, string>();
    for (let i = 0; i < 65_536; i++) {
      for (const bytes of i < 256 ? [Uint8Array.of(i), Uint8Array.of(0, i)] : [Uint8Array.of(i >> 8, i)]) {
        let tree: string;
        try {
          tree = decodeCompactDescriptor(bytes).join();
        } catch {
          continue;
        }
        expect(valid.get(tree) ?? toHex(bytes)).to.equal(toHex(bytes));
        valid.set(tree, toHex(bytes));
      }
    }
    Error.stackTraceLimit = stackTraceLimit;
    // binary trees with 1 to 8 leaves: Catalan numbers
    expect(valid.size).to.equal(1 + 1 + 2 + 5 + 14 + 42 + 132 + 429);
  });

  it("refuses descriptors that are none", () => {
    const codeWith = (descriptor: unknown) => codeOf(() => decodeCompactDescriptor(descriptor as string));
    for (const none of ["0x", "0x00", "0x4", "0x81", "0xc0", "0x8000", "0x80ff", "0x4800", null, undefined, 5]) {
      expect(codeWith(none)).to.equal("DECODE_FAILED");
    }
    expect(codeWith(new Uint8Array(16_384))).to.equal("DECODE_FAILED");
    expect(codeWith(new Uint8Array(16_385))).to.equal("INPUT_TOO_LARGE");
    expect(decodeCompactDescriptor("0x80")).to.deep.equal([1n]);
  });

  it("reads the SSZ of the route, and refuses what is none", () => {
    const { descriptor, leaves } = proofOf([77n]);
    const offsets = new DataView(new ArrayBuffer(8));
    offsets.setUint32(0, 8, true);
    offsets.setUint32(4, 8 + 32 * leaves.length, true);
    const ssz = Uint8Array.of(...new Uint8Array(offsets.buffer), ...leaves.flatMap((leaf) => [...leaf]), ...descriptor);
    const decoded = decodeCompactMultiproofSsz(ssz);
    expect(verifyCompactMultiproof({ root, gindices: [77n], ...decoded })).to.deep.equal([toHex(nodeAt(77n))]);
    const withByte = (at: number, byte: number) => ssz.map((old, i) => (i === at ? byte : old));
    for (const none of [
      new Uint8Array(0),
      ssz.slice(0, 7),
      withByte(0, 9),
      withByte(0, 0),
      withByte(4, 9),
      withByte(6, 1),
      withByte(4, 0),
      null,
      "0x",
    ]) {
      expect(codeOf(() => decodeCompactMultiproofSsz(none as Uint8Array))).to.equal("DECODE_FAILED");
    }
    expect(codeOf(() => decodeCompactMultiproofSsz(new Uint8Array(3_000_000)))).to.equal("INPUT_TOO_LARGE");
  });
});
