/**
 * consensus-specs `tests/formats/light_client/single_merkle_proof.md` and `merkle_proof/single_merkle_proof`: the
 * object's root comes from containers of its own, the branch is verified by the library.
 */
import type { CompositeTypeAny, JsonPath } from "@chainsafe/ssz";
import { expect } from "chai";
import { herumiBls } from "../../../src/bls/herumi.js";
import { isSidelightError } from "../../../src/errors.js";
import { mainnetPreset, minimalPreset } from "../../../src/networks/presets.js";
import type { Network } from "../../../src/networks/types.js";
import {
  createBeaconTypes,
  getGeneralizedIndex,
  verifyMerkleBranch,
  verifySszBytes,
  verifySszProof,
} from "../../../src/proof/index.js";
import {
  assertValidLightClientHeader,
  createChain,
  currentSyncCommitteeGindexAtSlot,
  type ExecutionPayloadHeader,
  executionBlockHashGindexAtSlot,
  finalizedRootGindexAtSlot,
  isValidMerkleBranch,
  isValidNormalizedMerkleBranch,
  nextSyncCommitteeGindexAtSlot,
} from "../../../src/spec/index.js";
import { floorlog2, getSubtreeIndex } from "../../../src/spec/merkle.js";
import { fromHex, toHex, zeroBytes32 } from "../../../src/ssz/bytes.js";
import { isDenebOrLater } from "../../../src/ssz/decode.js";
import type { SszType } from "../../../src/ssz/type.js";
import { NEWEST_DEPTHS } from "../../../src/ssz/types.js";
import { emptyHeader, normalizeMerkleBranch, upgradeHeader } from "../../../src/ssz/upgrade.js";
import { expectCode } from "../../support/expect-code.js";
import { describeWithData, readSszSnappy, readYaml } from "../data-folder.js";
import { type ConsensusTypes, createConsensusTypes } from "../types/index.js";
import { casesOf, countCase, labelOf, type VectorCase } from "./cases.js";
import { networkOfFork } from "./networks.js";

interface Proof {
  readonly leaf: string;
  readonly leaf_index: string;
  readonly branch: readonly string[];
}

interface Target {
  /** What the proof proves. */
  readonly path: JsonPath;
  /** The library's index of it, if the light client needs it, and the depth of its branches there. */
  readonly library?: { readonly gindex: (network: Network, slot: number) => number | null; readonly depth: number };
}

const TARGETS: Readonly<Record<string, Target>> = {
  current_sync_committee_merkle_proof: {
    path: ["currentSyncCommittee"],
    library: { gindex: currentSyncCommitteeGindexAtSlot, depth: NEWEST_DEPTHS.currentSyncCommittee },
  },
  next_sync_committee_merkle_proof: {
    path: ["nextSyncCommittee"],
    library: { gindex: nextSyncCommitteeGindexAtSlot, depth: NEWEST_DEPTHS.nextSyncCommittee },
  },
  finality_root_merkle_proof: {
    path: ["finalizedCheckpoint", "root"],
    library: { gindex: finalizedRootGindexAtSlot, depth: NEWEST_DEPTHS.finality },
  },
  // The library goes on from the payload down to the block hash: see the header test below.
  execution_merkle_proof: { path: ["executionPayload"] },
  execution_block_hash_merkle_proof: {
    path: ["signedExecutionPayloadBid", "message", "parentBlockHash"],
    library: { gindex: executionBlockHashGindexAtSlot, depth: NEWEST_DEPTHS.execution },
  },
  blob_kzg_commitment_merkle_proof__basic: { path: ["blobKzgCommitments", 0] },
  blob_kzg_commitments_merkle_proof__basic: { path: ["blobKzgCommitments"] },
};

const typesOfPreset = { minimal: createConsensusTypes("minimal"), mainnet: createConsensusTypes("mainnet") };

describeWithData("single_merkle_proof", function () {
  this.timeout(60_000);

  for (const vector of [...casesOf("light_client", "single_merkle_proof"), ...casesOf("merkle_proof")]) {
    it(`${labelOf(vector)}: the branch leads from the leaf to the root, and no other leaf's does`, () => {
      checkProof(vector);
      countCase(vector);
    });

    if (vector.name !== "execution_merkle_proof") continue;
    it(`${labelOf(vector)}: a header with this payload is valid, and with another block hash is not`, () => {
      checkHeader(vector);
    });
  }
});

function readCase(vector: VectorCase) {
  const types: ConsensusTypes = typesOfPreset[vector.preset as "minimal"][vector.fork];
  const type: CompositeTypeAny | undefined = types[vector.suite as keyof ConsensusTypes];
  if (type === undefined) throw new Error(`no container for ${vector.suite}`);
  const bytes = readSszSnappy(`${vector.folder}/object.ssz_snappy`);
  const value = type.deserialize(bytes);
  expect(toHex(type.serialize(value)), "round trip").to.equal(toHex(bytes));
  const proof = readYaml(`${vector.folder}/proof.yaml`) as Proof;
  const branch = proof.branch.map(fromHex);
  return {
    type,
    value,
    bytes,
    root: type.hashTreeRoot(value),
    branch,
    leaf: fromHex(proof.leaf),
    gindex: Number(proof.leaf_index),
  };
}

const ownTypes = { minimal: createBeaconTypes(minimalPreset), mainnet: createBeaconTypes(mainnetPreset) };

interface OwnCase {
  readonly path: readonly (string | number)[];
  readonly bytes: Uint8Array;
  readonly root: Uint8Array;
  readonly gindex: number;
  readonly leaf: Uint8Array;
  readonly branch: readonly Uint8Array[];
}

/** The same by the library's own containers: the path's index, the whole value, and what the branch proves. */
function checkOwnContainers(vector: VectorCase, { path, bytes, root, gindex, leaf, branch }: OwnCase): void {
  const types = ownTypes[vector.preset as "minimal"].forks[vector.fork];
  // a type of any values: paths are those of the vectors
  const type = types[vector.suite as "BeaconState"] as unknown as SszType<Record<string, Uint8Array>>;
  expect(Number(getGeneralizedIndex(type, path as [string]).gindex)).to.equal(gindex);
  const whole = verifySszBytes({ type, root, bytes });
  expect(whole.get(path as [string])).to.not.equal(null);
  const proof = { gindices: [gindex], leaves: [leaf], proof: branch };
  const proven = verifySszProof({ type, root, proof });
  // that of a root is its own value; those of containers are proven without what is in them
  const isRoot = ["root", "parentBlockHash"].includes(String(path.at(-1)));
  if (isRoot) expect(toHex(proven.get(path as [string])!)).to.equal(toHex(leaf));
  const wrong = { gindices: [gindex], leaves: [flipped(leaf)], proof: branch };
  expectCode("MERKLE_ROOT_MISMATCH", () => verifySszProof({ type, root, proof: wrong }));
}

function checkProof(vector: VectorCase): void {
  const { type, value, bytes, root, branch, leaf, gindex } = readCase(vector);
  const target = TARGETS[vector.name];
  if (target === undefined) throw new Error(`what does ${vector.name} prove?`);

  const info = type.getPathInfo(target.path);
  expect(Number(info.gindex), "generalized index of the container").to.equal(gindex);
  expect(toHex(info.type.hashTreeRoot(follow(value, target.path))), "leaf").to.equal(toHex(leaf));

  checkOwnContainers(vector, { path: target.path as (string | number)[], bytes, root, gindex, leaf, branch });

  const depth = floorlog2(gindex);
  const index = getSubtreeIndex(gindex);
  expect(branch.length).to.equal(depth);
  expect(isValidMerkleBranch(leaf, branch, depth, index, root)).to.equal(true);
  expect(isValidMerkleBranch(flipped(leaf), branch, depth, index, root), "another leaf").to.equal(false);
  expect(verifyMerkleBranch({ root, leaf, branch, gindex })).to.equal(toHex(leaf));
  expect(() => verifyMerkleBranch({ root, leaf: flipped(leaf), branch, gindex })).to.throw(/expected the root/);
  if (target.library === undefined) return;

  const { library } = target;
  expect(library.gindex(networkOfFork(vector.fork, vector.preset as "minimal"), 0), "the library's index").to.equal(
    gindex,
  );
  const normalized = normalizeMerkleBranch(branch, library.depth);
  expect(isValidNormalizedMerkleBranch("branch", leaf, normalized, gindex, root)).to.equal(true);
  expect(isValidNormalizedMerkleBranch("branch", flipped(leaf), normalized, gindex, root)).to.equal(false);
  expect(() => isValidNormalizedMerkleBranch("branch", leaf, branch.slice(1), gindex, root)).to.satisfy(tooShort);
}

/** Capella to Fulu: the proof of the payload is part of the one that the library makes for the block hash. */
function checkHeader(vector: VectorCase): void {
  const { value, root, branch } = readCase(vector);
  const { executionPayload } = value as { executionPayload: ExecutionPayloadHeader & Record<string, unknown> };
  const payloadType = typesOfPreset[vector.preset as "minimal"][vector.fork].BeaconBlockBody.getPathInfo([
    "executionPayload",
  ]).type as CompositeTypeAny;
  const fieldRoot = (name: string) => payloadType.getPathInfo([name]).type.hashTreeRoot(executionPayload[name]);
  const execution: ExecutionPayloadHeader = {
    ...executionPayload,
    transactionsRoot: fieldRoot("transactions"),
    withdrawalsRoot: fieldRoot("withdrawals"),
  };

  const chain = createChain(networkOfFork(vector.fork, vector.preset as "minimal"), herumiBls());
  const beacon = { ...emptyHeader().beacon, bodyRoot: root, stateRoot: zeroBytes32() };
  const wire = { beacon, execution, executionBranch: branch };
  const header = upgradeHeader(chain.types, wire, isDenebOrLater(vector.fork));
  assertValidLightClientHeader(chain, "header", header);
  const forged = { ...header, executionBlockHash: flipped(header.executionBlockHash) };
  expect(() => assertValidLightClientHeader(chain, "header", forged)).to.throw(/does not lead to the body root/);
}

function follow(value: unknown, path: JsonPath): unknown {
  return path.reduce<unknown>((node, key) => (node as Record<string | number, unknown>)[key], value);
}

function flipped(bytes: Uint8Array): Uint8Array {
  const other = bytes.slice();
  other[0]! ^= 1;
  return other;
}

function tooShort(run: () => unknown): boolean {
  try {
    run();
    return false;
  } catch (error) {
    return isSidelightError(error, "BRANCH_LENGTH_INVALID");
  }
}
