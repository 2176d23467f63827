/** The library's tables of generalized indices against the containers they point into. Needs no data. */

import type { JsonPath } from "@chainsafe/ssz";
import { expect } from "chai";
import { LIGHT_CLIENT_FORKS } from "../../../src/networks/types.js";
import {
  currentSyncCommitteeGindexAtSlot,
  executionBlockHashGindexAtSlot,
  finalizedRootGindexAtSlot,
  nextSyncCommitteeGindexAtSlot,
} from "../../../src/spec/index.js";
import { type ConsensusPresetName, type ConsensusTypes, createConsensusTypes } from "../types/index.js";
import { networkOfFork } from "./networks.js";

const PRESETS: readonly ConsensusPresetName[] = ["minimal", "mainnet"];

function gindexOf(types: ConsensusTypes, container: keyof ConsensusTypes, path: JsonPath): number {
  return Number(types[container].getPathInfo(path).gindex);
}

for (const preset of PRESETS) {
  const types = createConsensusTypes(preset);

  for (const fork of LIGHT_CLIENT_FORKS) {
    const network = networkOfFork(fork, preset);

    describe(`generalized indices of ${fork} (${preset})`, () => {
      it("of the state are those of the container", () => {
        const gindex = (path: JsonPath) => gindexOf(types[fork], "BeaconState", path);
        expect(finalizedRootGindexAtSlot(network, 0)).to.equal(gindex(["finalizedCheckpoint", "root"]));
        expect(currentSyncCommitteeGindexAtSlot(network, 0)).to.equal(gindex(["currentSyncCommittee"]));
        expect(nextSyncCommitteeGindexAtSlot(network, 0)).to.equal(gindex(["nextSyncCommittee"]));
      });

      it("of the block hash are those of the container", () => {
        const hasExecution = fork !== "altair" && fork !== "bellatrix";
        const path =
          fork === "gloas"
            ? ["signedExecutionPayloadBid", "message", "parentBlockHash"]
            : ["executionPayload", "blockHash"];
        const expected = hasExecution ? gindexOf(types[fork], "BeaconBlockBody", path) : null;
        expect(executionBlockHashGindexAtSlot(network, 0)).to.equal(expected);
      });
    });
  }
}
