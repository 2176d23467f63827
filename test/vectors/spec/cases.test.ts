import { expect } from "chai";
import { describeWithData, readYaml } from "../data-folder.js";
import { labelOf, type VectorCase, vectors } from "./cases.js";

const SSZ_STATIC = /^(roots\.yaml|serialized\.ssz_snappy|value\.yaml)$/;
const MERKLE_PROOF = /^(object\.ssz_snappy|proof\.yaml)$/;

/** The handlers that a suite here runs, and the files that it reads of each case. */
const HANDLERS: Readonly<Record<string, RegExp>> = {
  "light_client/sync":
    /^(bootstrap\.ssz_snappy|config\.yaml|meta\.yaml|steps\.yaml|update_0x[0-9a-f]{64}_[sx][fx]\.ssz_snappy)$/,
  "light_client/update_ranking": /^(meta\.yaml|updates_\d+\.ssz_snappy)$/,
  "light_client/single_merkle_proof": MERKLE_PROOF,
  "merkle_proof/single_merkle_proof": MERKLE_PROOF,
  "bls/eth_fast_aggregate_verify": /^data\.yaml$/,
  "ssz_static/BeaconBlockHeader": SSZ_STATIC,
  "ssz_static/ExecutionPayloadHeader": SSZ_STATIC,
  "ssz_static/ForkData": SSZ_STATIC,
  "ssz_static/LightClientBootstrap": SSZ_STATIC,
  "ssz_static/LightClientFinalityUpdate": SSZ_STATIC,
  "ssz_static/LightClientHeader": SSZ_STATIC,
  "ssz_static/LightClientOptimisticUpdate": SSZ_STATIC,
  "ssz_static/LightClientUpdate": SSZ_STATIC,
  "ssz_static/SigningData": SSZ_STATIC,
  "ssz_static/SyncAggregate": SSZ_STATIC,
  "ssz_static/SyncCommittee": SSZ_STATIC,
};

/** Newer generators write beside each case what it is. */
const MANIFEST = "manifest.yaml";

function unreadFiles(vector: VectorCase): string[] {
  const known = HANDLERS[`${vector.runner}/${vector.handler}`];
  return vector.files
    .filter((file) => file !== MANIFEST && known?.test(file) !== true)
    .map((file) => `${vector.folder}/${file}`);
}

describeWithData("the specification's vectors", () => {
  it("are there", () => {
    expect(vectors.cases.length).to.be.greaterThan(0);
  });

  it("have a known layout, every file of them", () => {
    expect(vectors.unknown).to.deep.equal([]);
  });

  it("have no file that no suite reads", () => {
    expect(vectors.cases.flatMap(unreadFiles)).to.deep.equal([]);
  });

  it("are what their manifests say", () => {
    for (const vector of vectors.cases.filter(({ files }) => files.includes(MANIFEST))) {
      const { preset, fork, runner, handler, suite, name } = vector;
      const expected = { preset, fork, runner, handler, suite, case: name };
      expect(readYaml(`${vector.folder}/${MANIFEST}`), labelOf(vector)).to.deep.equal(expected);
    }
  });
});
