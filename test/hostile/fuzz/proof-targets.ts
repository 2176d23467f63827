/**
 * Proofs that are fuzzed, each against another implementation where there is one: what ours accepts, that has to accept
 * with the same value; and what ours takes for another root, that has to.
 */
import { createNodeFromProof, type Proof, ProofType } from "@chainsafe/persistent-merkle-tree";
import { createMPT, verifyMPTWithMerkleProof } from "@ethereumjs/mpt";
import { isSidelightError } from "../../../src/errors.js";
import { minimalPreset } from "../../../src/networks/presets.js";
import { createBeaconTypes, type ForkTypes } from "../../../src/proof/beacon/types.js";
import { decodeCompactDescriptor, decodeCompactMultiproofSsz } from "../../../src/proof/compact-multiproof.js";
import {
  createSszProof,
  getGeneralizedIndex,
  validatorAt,
  verifyGetProof,
  verifyMerkleBranch,
  verifySszProof,
  verifyTrieProof,
} from "../../../src/proof/index.js";
import { keccak256 } from "../../../src/proof/keccak.js";
import { createProofBundle, verifyProofBundle } from "../../../src/proof-bundle/index.js";
import { fromHex, toHex } from "../../../src/ssz/bytes.js";
import { nodeAt, treeOf } from "../../../src/ssz/tree.js";
import type { AnyType } from "../../../src/ssz/type.js";
import { sharedBls } from "../../e2e/client/shared-bls.js";
import { testBls } from "../../support/backends.js";
import { type Mutation, mutateBytes, mutateJson } from "../../support/mutate.js";
import { randomValue } from "../../support/random-ssz.js";
import { ABSENT, buildState, CONTRACT, sampleAccounts } from "../../support/state.js";
import { createFakeChain } from "../../unit/client/fake-chain.js";
import { drive } from "../../unit/client/waiting.js";
import type { Run } from "./targets.js";

/** How it ends: the code it is refused with, or `unchanged` if what is proven is what the honest one proves. */
async function outcomeOf(honest: string, prove: () => unknown): Promise<string> {
  try {
    const proven = text(await prove());
    if (proven !== honest) throw new Error(`accepted, and false: ${proven.slice(0, 200)}`);
    return "unchanged";
  } catch (thrown) {
    if (!isSidelightError(thrown)) throw thrown;
    return thrown.code;
  }
}

const text = (value: unknown) =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === "bigint" ? `${part}n` : part instanceof Uint8Array ? toHex(part) : part,
  );

const allOf = (bytes: Uint8Array, mutations: readonly Mutation[]) =>
  mutations.reduce((now, mutation) => (now.length === 0 ? now : mutateBytes(now, mutation)), bytes);

export async function proofTargets(): Promise<ReadonlyMap<string, Run>> {
  const state = stateValue();
  return new Map<string, Run>([
    ["eth_getProof", await getProofTarget()],
    ["trie nodes", await trieTarget(CONTRACT)],
    ["trie nodes of absence", await trieTarget(ABSENT)],
    ["SSZ branch", branchTarget(state)],
    ["SSZ multiproof", multiproofTarget(state)],
    ["proof bundle", await bundleTarget()],
  ]);
}

/** The whole answer as JSON, its claims included. */
async function getProofTarget(): Promise<Run> {
  const { stateRoot, getProof } = await buildState(sampleAccounts());
  const slots = [1n, 5n, 2n ** 200n];
  const given = await getProof(CONTRACT, slots);
  const prove = (answer: unknown) => verifyGetProof({ stateRoot, address: CONTRACT, slots, answer });
  const honest = text(prove(given));
  return (mutations) => outcomeOf(honest, () => prove(mutations.reduce(mutateJson, given as unknown)));
}

/** Nodes one after the other, cut where they were. */
async function trieTarget(address: string): Promise<Run> {
  const { trie } = await buildState(sampleAccounts());
  const key = keccak256(fromHex(address));
  const nodes = await trie.prove(key);
  const prove = (proof: readonly Uint8Array[]) => verifyTrieProof({ root: trie.root, key, proof });
  const honest = text(prove(nodes));
  return async (mutations) => {
    const proof = cut(
      allOf(joined(nodes), mutations),
      nodes.map(({ length }) => length),
    );
    const outcome = await outcomeOf(honest, () => prove(proof));
    if (outcome === "unchanged") {
      const peer = await verifyMPTWithMerkleProof(await createMPT(), trie.root, key, proof);
      if (text(peer) !== text(prove(proof))) throw new Error(`trie: @ethereumjs/mpt proves ${text(peer)}`);
    }
    return outcome;
  };
}

function stateValue() {
  const { BeaconState: type } = createBeaconTypes(minimalPreset).forks.electra as unknown as ForkTypes;
  return { type, bytes: type.serialize(randomValue(type as AnyType, "fuzz") as never) };
}

type StateValue = ReturnType<typeof stateValue>;

/** A leaf and its siblings. */
function branchTarget({ type, bytes }: StateValue): Run {
  const tree = treeOf(type as AnyType, bytes);
  const { gindex } = getGeneralizedIndex(type, ["finalizedCheckpoint", "root"]);
  const root = toHex(tree.hash());
  const nodes = [nodeAt(tree, gindex)!.hash()];
  for (let at = gindex; at > 1n; at >>= 1n) nodes.push(nodeAt(tree, at ^ 1n)!.hash());
  const prove = ([leaf, ...branch]: readonly Uint8Array[]) => verifyMerkleBranch({ root, leaf: leaf!, branch, gindex });
  const honest = text(prove(nodes));
  return async (mutations) => {
    const changed = allOf(joined(nodes), mutations);
    const parts = Array.from({ length: Math.max(1, Math.ceil(changed.length / 32)) }, (_, i) =>
      changed.subarray(32 * i, 32 * i + 32),
    );
    const outcome = await outcomeOf(honest, () => prove(parts));
    const [leaf, ...witnesses] = parts;
    if (outcome === "unchanged" || outcome === "MERKLE_ROOT_MISMATCH") {
      assertPeer(outcome, root, { type: ProofType.single, gindex, leaf: leaf!, witnesses });
    }
    return outcome;
  };
}

/** As Lodestar's route answers it. */
function multiproofTarget({ type, bytes }: StateValue): Run {
  const { paths } = validatorAt(1);
  const { root, descriptor, leaves } = createSszProof({ type, bytes, paths });
  const prove = (encoded: Uint8Array) => {
    const proven = verifySszProof({ type, root, proof: decodeCompactMultiproofSsz(encoded) });
    return paths.map((path) => proven.get(path as never));
  };
  const encoded = new Uint8Array(8 + 32 * leaves.length + descriptor.length);
  new DataView(encoded.buffer).setUint32(0, 8, true);
  new DataView(encoded.buffer).setUint32(4, 8 + 32 * leaves.length, true);
  encoded.set(joined([...leaves, descriptor]), 8);
  const honest = text(prove(encoded));
  return async (mutations) => {
    const changed = allOf(encoded, mutations);
    const outcome = await outcomeOf(honest, () => prove(changed));
    if (outcome === "unchanged" || outcome === "MERKLE_ROOT_MISMATCH") {
      const proof = decodeCompactMultiproofSsz(changed);
      // it takes its list apart
      if (decodeCompactDescriptor(proof.descriptor).length > 1) {
        assertPeer(outcome, root, { type: ProofType.compactMulti, ...proof, leaves: [...proof.leaves] });
      }
    }
    return outcome;
  };
}

function assertPeer(outcome: string, root: string, proof: Proof): void {
  const peer = toHex(createNodeFromProof(proof).root);
  if ((peer === root) !== (outcome === "unchanged")) throw new Error(`${outcome}: another implementation has ${peer}`);
}

/** From the checkpoint to the finalized header: of a chain with real signatures. */
async function bundleTarget(): Promise<Run> {
  const bls = sharedBls(testBls());
  const { network, checkpoint, clock, source } = await createFakeChain({ bls });
  const bundle = await drive(clock, createProofBundle({ network, checkpoint, bls, sources: [source()] }));
  const prove = (bytes: Uint8Array) => verifyProofBundle({ network, checkpoint, bundle: bytes, bls });
  const honest = text((await prove(bundle)).header);
  return (mutations) => outcomeOf(honest, async () => (await prove(allOf(bundle, mutations))).header);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The last one takes what is left; nothing is left for some where bytes were lost. */
function cut(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  let at = 0;
  const parts = lengths.map((length, i) => {
    const part = bytes.subarray(at, i === lengths.length - 1 ? bytes.length : at + length);
    at += length;
    return part;
  });
  return parts.filter(({ length }) => length > 0);
}
