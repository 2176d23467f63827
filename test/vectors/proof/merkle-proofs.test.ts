/** Real SSZ proofs: a node's compact multiproofs, and the way from execution blocks to the beacon chain's history. */
import { expect } from "chai";
import {
  type CompactMultiproof,
  concatGindices,
  decodeCompactMultiproofSsz,
  verifyCompactMultiproof,
  verifyMerkleBranch,
} from "../../../src/proof/index.js";
import { toHex } from "../../../src/ssz/bytes.js";
import { hashPair } from "../../../src/ssz/hash.js";
import { countChecked } from "../counts.js";
import { describeWithData, listFiles, readBytes, readJson, readYaml } from "../data-folder.js";

const SLOTS_PER_HISTORICAL_ROOT = 8192;
const CAPELLA_SLOT = 194_048 * 32;
const PORTAL = "blocks/portal-headers-with-proof";

/** `BeaconBlock.body.execution_payload.block_hash`; Deneb's payload has more than 16 fields. */
const BLOCK_HASH_GINDEX = {
  bellatrix: concatGindices(12, 25, 28),
  capella: concatGindices(12, 25, 28),
  deneb: concatGindices(12, 25, 44),
};

interface BlockProof {
  readonly execution_block_header: string;
  readonly execution_block_proof: string[];
  readonly beacon_block_root: string;
  readonly beacon_block_proof: string[];
  readonly slot: string;
}

describeWithData("real compact multiproofs", () => {
  for (const [node, gindices] of [
    ["lodestar-deneb", [105, 54, 55]],
    ["lodestar-electra", [169, 86, 87]],
  ] as const) {
    it(`of ${node}: finalized root and sync committees, in the state of its finalized header`, () => {
      const folder = `rest-answers/${node}`;
      const { data: header } = readJson(`${folder}/header_finalized.json`) as {
        data: { header: { message: { state_root: string } } };
      };
      const root = header.header.message.state_root;
      const { data } = readJson(`${folder}/state_proof.json`) as { data: CompactMultiproof };
      const [finalizedRoot, , nextCommittee] = verifyCompactMultiproof({ root, gindices, ...data });
      const ssz = decodeCompactMultiproofSsz(readBytes(`${folder}/state_proof.ssz`));
      expect(verifyCompactMultiproof({ root, gindices: [gindices[0], gindices[2]], ...ssz })).to.deep.equal([
        finalizedRoot,
        nextCommittee,
      ]);
      countChecked({ suite: "compact multiproof", release: node, preset: "minimal", fork: "" }, 2);
    });
  }
});

describeWithData("real proofs of execution blocks in beacon blocks", () => {
  for (const fork of ["bellatrix", "capella", "deneb"] as const) {
    it(`lead from the block hash to the beacon block's root (${fork})`, () => {
      for (const { proof } of blockProofs(fork)) {
        const leaf = verifyMerkleBranch({
          root: proof.beacon_block_root,
          leaf: proof.execution_block_header,
          branch: proof.execution_block_proof,
          gindex: BLOCK_HASH_GINDEX[fork],
        });
        expect(leaf).to.equal(proof.execution_block_header);
        countChecked({ suite: "block hash in beacon block", release: "portal", preset: "mainnet", fork });
      }
    });
  }

  it("lead on to the historical summaries, from Capella on", () => {
    const summaries = readBytes(`${PORTAL}/beacon_data/historical_summaries_at_slot_11476992.ssz`);
    for (const fork of ["capella", "deneb"] as const) {
      for (const { proof } of blockProofs(fork)) {
        const slot = Number(proof.slot);
        const index = Math.floor((slot - CAPELLA_SLOT) / SLOTS_PER_HISTORICAL_ROOT);
        // each is block_summary_root, state_summary_root
        const root = summaries.subarray(64 * index, 64 * index + 32);
        expect(verifyInBlockRoots(root, proof, SLOTS_PER_HISTORICAL_ROOT)).to.equal(proof.beacon_block_root);
        countChecked({ suite: "beacon block in history", release: "portal", preset: "mainnet", fork });
      }
    }
  });

  it("lead on to a historical batch, before Capella", () => {
    const batch = readBytes(`${PORTAL}/beacon_data/15539558/historical_batch.ssz`);
    const root = merkleRoot(batch);
    const proofs = blockProofs("bellatrix");
    const inBatch = proofs.filter(({ file }) => file.includes("15539558"));
    expect(inBatch).to.have.length(1);
    for (const { proof } of inBatch) {
      // block_roots is the first of two
      expect(verifyInBlockRoots(root, proof, 2 * SLOTS_PER_HISTORICAL_ROOT)).to.equal(proof.beacon_block_root);
      countChecked({ suite: "beacon block in history", release: "portal", preset: "mainnet", fork: "bellatrix" });
    }
  });
});

function blockProofs(fork: string): { file: string; proof: BlockProof }[] {
  return listFiles(`${PORTAL}/block_proofs_${fork}`)
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => ({ file, proof: readYaml(file) as BlockProof }));
}

function verifyInBlockRoots(root: Uint8Array, proof: BlockProof, firstGindex: number): string {
  return verifyMerkleBranch({
    root,
    leaf: proof.beacon_block_root,
    branch: proof.beacon_block_proof,
    gindex: firstGindex + (Number(proof.slot) % SLOTS_PER_HISTORICAL_ROOT),
  });
}

/** Of chunks whose number is a power of two. */
function merkleRoot(chunks: Uint8Array): Uint8Array {
  let nodes = Array.from({ length: chunks.length / 32 }, (_, i) => chunks.subarray(32 * i, 32 * i + 32));
  while (nodes.length > 1) {
    nodes = Array.from({ length: nodes.length / 2 }, (_, i) => hashPair(nodes[2 * i]!, nodes[2 * i + 1]!));
  }
  expect(toHex(nodes[0]!)).to.have.length(66);
  return nodes[0]!;
}
