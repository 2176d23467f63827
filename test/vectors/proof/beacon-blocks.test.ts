/**
 * Real beacon blocks, and the way to them from a state: through `historical_roots` and `historical_summaries`. Roots are
 * those of the portal network's proofs, or of `@chainsafe/ssz` with containers that were written apart.
 */
import { ContainerType } from "@chainsafe/ssz";
import { expect } from "chai";
import { mainnet } from "../../../src/networks/index.js";
import { forkAtSlot } from "../../../src/networks/schedule.js";
import type { LightClientFork } from "../../../src/networks/types.js";
import { type BeaconState, createBeaconTypes, type ForkTypes } from "../../../src/proof/beacon/types.js";
import {
  blockRootPlace,
  createSszProof,
  verifyBeaconBlock,
  verifyHistoricalBlockRoot,
  verifySszProof,
} from "../../../src/proof/index.js";
import { toHex } from "../../../src/ssz/bytes.js";
import type { AnyType } from "../../../src/ssz/type.js";
import { expectCode } from "../../support/expect-code.js";
import { randomValue } from "../../support/random-ssz.js";
import { countChecked } from "../counts.js";
import { describeWithData, listFiles, readBytes, readYaml } from "../data-folder.js";
import { createConsensusTypes } from "../types/index.js";
import { bytes32, bytes96, uint64 } from "../types/phase0.js";

const PORTAL = "blocks/portal-headers-with-proof";
const types = createBeaconTypes(mainnet.preset);
const theirs = createConsensusTypes("mainnet");

function theirBlock(fork: LightClientFork): ContainerType<never> {
  const body = theirs[fork].BeaconBlockBody;
  const fields = { slot: uint64, proposerIndex: uint64, parentRoot: bytes32, stateRoot: bytes32, body };
  return new ContainerType(fields) as unknown as ContainerType<never>;
}

interface BlockProof {
  readonly execution_block_header: string;
  readonly beacon_block_root: string;
  readonly beacon_block_proof: string[];
  readonly slot: string;
}

/** By the number of their execution block. */
const proofs = (): ReadonlyMap<string, BlockProof> =>
  new Map(
    listFiles(PORTAL)
      .filter((file) => /beacon_block_proof-\d+\.yaml$/.test(file))
      .map((file) => [/(\d+)\.yaml$/.exec(file)![1]!, readYaml(file) as BlockProof]),
  );

describeWithData("real beacon blocks", function () {
  this.timeout(120_000);

  it("are proven by the roots of the portal network's proofs, with the execution block's hash in them", () => {
    let count = 0;
    for (const file of listFiles(`${PORTAL}/beacon_data`).filter((name) => name.endsWith("/block.ssz"))) {
      const number = /beacon_data\/(\d+)\//.exec(file)![1]!;
      const proof = proofs().get(number)!;
      const bytes = readBytes(file);
      const block = verifyBeaconBlock({ types, network: mainnet, root: proof.beacon_block_root, bytes });
      expect(block.get(["slot"])).to.equal(Number(proof.slot));
      const payload = block.get(["body", "executionPayload"]);
      expect(toHex(payload.blockHash)).to.equal(proof.execution_block_header);
      expect(payload.blockNumber).to.equal(BigInt(number));
      const parent = block.get(["parentRoot"]);
      expectCode("MERKLE_ROOT_MISMATCH", () => verifyBeaconBlock({ types, network: mainnet, root: parent, bytes }));
      const fork = forkAtSlot(mainnet, Number(proof.slot));
      countChecked({ suite: "beacon block", release: "portal", preset: "mainnet", fork });
      count++;
    }
    expect(count).to.equal(11);
  });

  it("are proven when signed, by a root of another implementation", () => {
    for (const file of listFiles("blocks/mainnet-bellatrix")) {
      const bytes = readBytes(file);
      const type = new ContainerType({ message: theirBlock("bellatrix"), signature: bytes96 });
      const { message } = type.deserialize(bytes) as unknown as { message: never };
      const root = theirBlock("bellatrix").hashTreeRoot(message);
      const block = verifyBeaconBlock({ types, network: mainnet, root, bytes });
      expect(block.get(["slot"])).to.equal(4_700_016);
      countChecked({ suite: "beacon block", release: "trin", preset: "mainnet", fork: "bellatrix" });
    }
  });
});

describeWithData("real history", function () {
  this.timeout(120_000);

  it("leads from a state to blocks of Bellatrix, Capella and Deneb", () => {
    const { BeaconState: type } = types.forks.deneb as unknown as ForkTypes;
    const summaries = readBytes(`${PORTAL}/beacon_data/historical_summaries_at_slot_11476992.ssz`);
    const batch = readBytes(`${PORTAL}/beacon_data/15539558/historical_batch.ssz`);
    const summariesType = types.forks.deneb.BeaconState.fields.find(({ name }) => name === "historicalSummaries")!;
    const old = types.HistoricalBatch.hashTreeRoot(types.HistoricalBatch.deserialize(batch));
    const stateSlot = 11_476_992;
    // all but its history is made up
    const value = {
      ...(randomValue(type as AnyType, "history") as BeaconState),
      slot: stateSlot,
      historicalRoots: Array.from({ length: 758 }, () => old),
      historicalSummaries: summariesType.type.deserialize(summaries) as BeaconState["historicalSummaries"],
    };
    const bytes = type.serialize(value);
    const ways = new Map<string, number>();
    for (const [number, proof] of proofs()) {
      const slot = Number(proof.slot);
      const place = blockRootPlace(mainnet, stateSlot, slot);
      // of one batch before Capella there is the whole, of others nothing
      if (place.via === "historical_roots" && number !== "15539558") continue;
      const known = createSszProof({ type, bytes, paths: [["slot"], ...place.paths] });
      const state = verifySszProof({ type, root: known.root, proof: known });
      const index = slot % 8192;
      const gindex = place.via === "historical_roots" ? 2 * 8192 + index : 8192 + index;
      const branch = {
        gindices: [gindex],
        leaves: [proof.beacon_block_root],
        proof: proof.beacon_block_proof,
      };
      const options = { types, network: mainnet, state, slot };
      expect(verifyHistoricalBlockRoot({ ...options, batch: branch }), number).to.equal(proof.beacon_block_root);
      const other = { ...branch, leaves: [`0x${"11".repeat(32)}`] };
      expectCode("MERKLE_ROOT_MISMATCH", () => verifyHistoricalBlockRoot({ ...options, batch: other }));
      if (place.via === "historical_roots") {
        expect(verifyHistoricalBlockRoot({ ...options, batch })).to.equal(proof.beacon_block_root);
      }
      ways.set(place.via, (ways.get(place.via) ?? 0) + 1);
      countChecked({ suite: "history", release: "portal", preset: "mainnet", fork: forkAtSlot(mainnet, slot) });
    }
    expect(Object.fromEntries(ways)).to.deep.equal({ historical_roots: 1, historical_summaries: 6 });
  });
});
