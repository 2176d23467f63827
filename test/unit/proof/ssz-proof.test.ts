import { expect } from "chai";
import fc from "fast-check";
import { minimalPreset } from "../../../src/networks/presets.js";
import { LIGHT_CLIENT_FORKS } from "../../../src/networks/types.js";
import { createBeaconTypes } from "../../../src/proof/beacon/types.js";
import { decodeCompactDescriptor } from "../../../src/proof/compact-multiproof.js";
import {
  createSszProof,
  getGeneralizedIndex,
  gindicesOfPaths,
  type ProvenSsz,
  verifySszBytes,
  verifySszProof,
} from "../../../src/proof/index.js";
import { bigUint, uint64 } from "../../../src/ssz/basic.js";
import { toHex } from "../../../src/ssz/bytes.js";
import { container } from "../../../src/ssz/composite.js";
import { list } from "../../../src/ssz/list.js";
import type { AnyType, SszType } from "../../../src/ssz/type.js";
import { codeOf, expectCode } from "../../support/expect-code.js";
import { FUZZ } from "../../support/fuzz.js";
import { pathsInto, randomValue, valueAtPath } from "../../support/random-ssz.js";

const types = createBeaconTypes(minimalPreset);

/** A state of a fork, of which any path may be asked for. */
function sample(
  fork: (typeof LIGHT_CLIENT_FORKS)[number],
  seed: string,
  name: "BeaconState" | "BeaconBlock" = "BeaconState",
) {
  const type = types.forks[fork][name] as unknown as SszType<Record<string, unknown>>;
  const value = randomValue(type as AnyType, seed) as Record<string, unknown>;
  return { type, value, bytes: type.serialize(value) };
}

function get(proven: ProvenSsz<Record<string, unknown>>, path: readonly (string | number)[]): unknown {
  return proven.get(path as never);
}

/** Of a state with some of everything. */
const SEED = "some 6";
const electra = types.forks.electra.BeaconState;
const state = sample("electra", SEED) as unknown as {
  type: typeof electra;
  value: Record<string, unknown[]>;
  bytes: Uint8Array;
};

describe("verifySszProof", () => {
  for (const fork of LIGHT_CLIENT_FORKS) {
    it(`${fork}: proves every part of a state and of a block, absent elements too`, () => {
      for (const name of ["BeaconState", "BeaconBlock"] as const) {
        const { type, value, bytes } = sample(fork, `parts of ${name}`, name);
        const whole = verifySszBytes({ type, root: createSszProof({ type, bytes, paths: [[]] as never }).root, bytes });
        let absent = 0;
        const paths = pathsInto(type as AnyType, 5).filter((path) => path.length > 0);
        const proof = createSszProof({ type, bytes, paths: paths as never });
        const proven = verifySszProof({ type, root: proof.root, proof });
        for (const path of paths) {
          const expected = valueAtPath(value, path) ?? null;
          if (expected === null) absent++;
          const label = path.join(".");
          expect(get(proven, path), label).to.deep.equal(expected);
          expect(get(whole, path), `${label} of the whole`).to.deep.equal(expected);
        }
        expect(absent).to.be.above(3);
      }
    });
  }

  it("types what is at a path, and gives null for an index beyond the end of its list", () => {
    const { type, bytes, value } = state;
    const last = value["validators"]!.length - 1;
    const paths = [
      ["validators", last, "effectiveBalance"],
      ["validators", last, "slashed"],
      ["validators", 4096, "slashed"],
      ["balances", 2],
      ["balances", "length"],
      ["fork", "currentVersion"],
    ] as const;
    const proof = createSszProof({ type, bytes, paths });
    const proven = verifySszProof({ type, root: proof.root, proof });
    const effectiveBalance: bigint | null = proven.get(["validators", last, "effectiveBalance"]);
    expect(effectiveBalance).to.equal(valueAtPath(value, ["validators", last, "effectiveBalance"]));
    const slashed: boolean | null = proven.get(["validators", 4096, "slashed"]);
    expect(slashed).to.equal(null);
    const length: number = proven.get(["balances", "length"]);
    expect(length).to.equal(value["balances"]!.length);
    expect(proven.get(["balances", 2])).to.equal(value["balances"]![2]);
    const version: Uint8Array = proven.get(["fork", "currentVersion"]);
    expect(version).to.have.length(4);
    // a neighbour of what was asked for, in the same chunk, is proven as well
    expect(proven.get(["balances", 3])).to.equal(value["balances"]![3]);
  });

  it("accepts a branch too, which is a multiproof of one", () => {
    const { type, bytes, value } = state;
    const path = ["finalizedCheckpoint", "root"] as const;
    const { gindex } = getGeneralizedIndex(type, path);
    const { root, descriptor, leaves } = createSszProof({ type, bytes, paths: [path] });
    const nodes = new Map(decodeCompactDescriptor(descriptor).map((at, i) => [at, leaves[i]!]));
    const branch: Uint8Array[] = [];
    for (let at = gindex; at > 1n; at >>= 1n) branch.push(nodes.get(at ^ 1n)!);
    const proof = { gindices: [gindex], leaves: [nodes.get(gindex)!], proof: branch };
    expect(verifySszProof({ type, root, proof }).get(path)).to.deep.equal(valueAtPath(value, path));
  });

  it("tells MERKLE_NODE_MISSING for what the proof does not reach, and for an index without its list's length", () => {
    const { type, bytes } = state;
    const proof = createSszProof({ type, bytes, paths: [["slot"]] });
    const proven = verifySszProof({ type, root: proof.root, proof });
    expectCode("MERKLE_NODE_MISSING", () => proven.get(["validators", 0, "slashed"]));
    expectCode("MERKLE_NODE_MISSING", () => proven.get(["validators"]));
    // the chunk of a balance alone: that of one that is not there would be the same zeros
    const { gindex } = getGeneralizedIndex(type, ["balances", 0]);
    const whole = createSszProof({ type, bytes, paths: [["balances", 0]] });
    const nodes = new Map(decodeCompactDescriptor(whole.descriptor).map((at, i) => [at, whole.leaves[i]!]));
    const branch: Uint8Array[] = [];
    // the length and its neighbour become one node: the sibling on the branch is the length itself
    for (let at = gindex; at > 1n; at >>= 1n) branch.push(nodes.get(at ^ 1n)!);
    const alone = verifySszProof({
      type,
      root: whole.root,
      proof: { gindices: [gindex], leaves: [nodes.get(gindex)!], proof: branch },
    });
    // it is: so that it is proven with it
    expect(alone.get(["balances", 0])).to.be.a("bigint");
  });

  it("refuses paths that lead nowhere in this type", () => {
    const { type, bytes } = state;
    const proof = createSszProof({ type, bytes, paths: [["slot"]] });
    const proven = verifySszProof({ type: type as never, root: proof.root, proof }) as ProvenSsz<
      Record<string, unknown>
    >;
    for (const path of [
      ["nothing"],
      ["slot", "more"],
      ["validators", -1],
      ["validators", 1.5],
      ["validators", "first"],
      ["validators", 2 ** 40],
      ["blockRoots", 64],
      ["blockRoots", "length"],
      ["__proto__"],
      ["latestBlockHash"],
      "slot",
      null,
    ]) {
      expectCode("OPTION_INVALID", () => get(proven, path as never));
    }
  });

  it("never gives another value, whichever byte of a proof is changed", () => {
    // progressive trees of short lists are shallow: there is less to change
    const { BeaconState: type } = types.forks.gloas;
    const { bytes } = sample("gloas", SEED);
    const paths = [
      ["validators", 1],
      ["balances", 1],
      ["historicalSummaries", "length"],
    ] as const;
    const proof = createSszProof({ type, bytes, paths });
    const { root } = proof;
    const expected = paths.map((path) => verifySszProof({ type, root, proof }).get(path));
    const read = (changed: { descriptor: Uint8Array; leaves: readonly Uint8Array[] }) => {
      const proven = verifySszProof({ type, root, proof: changed });
      return paths.map((path) => proven.get(path));
    };
    let refused = 0;
    const check = (changed: Parameters<typeof read>[0]) => {
      const code = codeOf(() => expect(read(changed)).to.deep.equal(expected));
      if (code !== null) refused++;
    };
    proof.leaves.forEach((leaf, i) => {
      leaf.forEach((_, at) => {
        const changed = leaf.slice();
        changed[at]! ^= 1 << (at % 8);
        check({ ...proof, leaves: proof.leaves.with(i, changed) });
      });
    });
    proof.descriptor.forEach((_, at) => {
      for (let bit = 0; bit < 8; bit++) {
        const descriptor = proof.descriptor.slice();
        descriptor[at]! ^= 1 << bit;
        check({ ...proof, descriptor });
      }
    });
    expect(refused).to.equal(proof.leaves.length * 32 + proof.descriptor.length * 8);
  });

  it("proves random paths of random states, several at once", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...LIGHT_CLIENT_FORKS),
        fc.nat(1000),
        fc.array(fc.nat(100_000), { minLength: 1, maxLength: 6 }),
        (fork, seed, picks) => {
          const { type, value, bytes } = sample(fork, `random ${seed % 5}`);
          const all = pathsInto(type as AnyType, seed).filter((path) => path.length > 0);
          const paths = picks.map((pick) => all[pick % all.length]!);
          const proof = createSszProof({ type, bytes, paths: paths as never });
          const proven = verifySszProof({ type, root: proof.root, proof });
          for (const path of paths) {
            expect(get(proven, path), path.join(".")).to.deep.equal(valueAtPath(value, path) ?? null);
          }
        },
      ),
      { numRuns: 15 * FUZZ },
    );
  });
});

describe("verifySszBytes", () => {
  it("refuses every other encoding: bytes changed, cut off, or too many", () => {
    const Small = container("Small", { a: uint64, b: list(bigUint(8), 8), c: list(list(uint64, 4), 4) });
    const bytes = Small.serialize({ a: 1, b: [2n, 3n], c: [[4], [], [5, 6]] });
    const root = Small.hashTreeRoot({ a: 1, b: [2n, 3n], c: [[4], [], [5, 6]] });
    expect(verifySszBytes({ type: Small, root, bytes }).get(["c", 2, 1])).to.equal(6);
    for (let at = 0; at < bytes.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = bytes.slice();
        changed[at]! ^= 1 << bit;
        expect(codeOf(() => verifySszBytes({ type: Small, root, bytes: changed }))).to.be.oneOf([
          "DECODE_FAILED",
          "MERKLE_ROOT_MISMATCH",
        ]);
      }
      expect(codeOf(() => verifySszBytes({ type: Small, root, bytes: bytes.slice(0, at) }))).to.be.oneOf([
        "DECODE_FAILED",
        "MERKLE_ROOT_MISMATCH",
      ]);
    }
    const longer = Uint8Array.of(...bytes, 0);
    expect(codeOf(() => verifySszBytes({ type: Small, root, bytes: longer }))).to.equal("DECODE_FAILED");
  });

  it("refuses a root that is none", () => {
    expectCode("OPTION_INVALID", () => verifySszBytes({ type: electra, root: "0x12", bytes: state.bytes }));
  });
});

describe("gindicesOfPaths", () => {
  it("asks for lengths first where a tree ends with its list, or a whole list is wanted", () => {
    const { BeaconState } = types.forks.gloas;
    const length = getGeneralizedIndex(BeaconState, ["validators", "length"]).gindex;
    expect(gindicesOfPaths(BeaconState, [["validators", 3, "slashed"]])).to.deep.equal([length]);
    const known = new Map([[length, Uint8Array.of(4, ...new Uint8Array(31))]]);
    const { gindex } = getGeneralizedIndex(BeaconState, ["validators", 3, "slashed"]);
    expect(gindicesOfPaths(BeaconState, [["validators", 3, "slashed"]], known)).to.deep.equal([gindex]);
    expect(gindicesOfPaths(BeaconState, [["validators", 4, "slashed"]], known)).to.deep.equal([]);
  });

  it("asks at once where the tree is always there", () => {
    const wanted = gindicesOfPaths(electra, [["balances", 9]]);
    const { gindex, offset, size } = getGeneralizedIndex(electra, ["balances", 9]);
    expect(wanted).to.deep.equal([getGeneralizedIndex(electra, ["balances", "length"]).gindex, gindex]);
    expect({ offset, size }).to.deep.equal({ offset: 8, size: 8 });
  });

  it("refuses to read more at once than a proof may have", () => {
    const length = getGeneralizedIndex(electra, ["validators", "length"]).gindex;
    const known = new Map([[length, Uint8Array.of(0, 0, 4, ...new Uint8Array(29))]]);
    expectCode("INPUT_TOO_LARGE", () => gindicesOfPaths(electra, [["validators"]], known));
    const huge = new Map([[length, Uint8Array.of(0, 0, 0, 0, 0, 1, ...new Uint8Array(26))]]);
    expectCode("DECODE_FAILED", () => gindicesOfPaths(electra, [["validators"]], huge));
  });

  it("names roots in hex", () => {
    const { type, bytes } = state;
    expect(createSszProof({ type, bytes, paths: [["slot"]] }).root).to.equal(
      toHex(type.hashTreeRoot(type.deserialize(bytes))),
    );
  });
});
