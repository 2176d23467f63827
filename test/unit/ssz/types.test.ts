/** The library's containers against the tests' own, written apart: same sizes, same bytes, same roots. */
import type { ContainerType as PackageContainerType } from "@chainsafe/ssz";
import { expect } from "chai";
import { LIGHT_CLIENT_FORKS } from "../../../src/networks/types.js";
import type { ContainerType } from "../../../src/ssz/type.js";
import { createTypes, NEWEST_DEPTHS } from "../../../src/ssz/types.js";
import { createContainers } from "../../support/containers.js";
import { forgeAt } from "../../support/forges.js";
import { mainnetPreset, minimalPreset } from "../../support/networks.js";
import { oneOfEach } from "../../support/objects.js";
import { depthOf, EXECUTION_BLOCK_HASH_GINDEX_GLOAS, stateGindices } from "../../support/protocol.js";

const OBJECTS = [
  "LightClientBootstrap",
  "LightClientUpdate",
  "LightClientFinalityUpdate",
  "LightClientOptimisticUpdate",
] as const;

describe("createTypes", () => {
  for (const preset of [minimalPreset, mainnetPreset]) {
    const types = createTypes(preset);
    const containers = createContainers(preset.syncCommitteeSize);
    for (const fork of LIGHT_CLIENT_FORKS) {
      for (const object of OBJECTS) {
        it(`has the fields and sizes of ${object} in ${fork}, ${preset.name} preset`, () => {
          const type = types.forks[fork][object] as ContainerType<unknown>;
          const own = containers.of(object, fork);
          expect([type.fixedSize, type.minSize, type.maxSize]).to.deep.equal([own.fixedSize, own.minSize, own.maxSize]);
          expect(type.hashTreeRoot(type.defaultValue())).to.deep.equal(own.hashTreeRoot(own.defaultValue()));
          expect(jsonKeysOf(type)).to.deep.equal(jsonKeysOfPackage(own));
        });
      }
    }
  }

  it("keeps presets apart in one process", () => {
    const [small, large] = [createTypes(minimalPreset), createTypes(mainnetPreset)];
    expect(small.SyncCommittee.fixedSize).to.equal(33 * 48);
    expect(large.SyncCommittee.fixedSize).to.equal(513 * 48);
  });

  it("states the depths of the newest fork", () => {
    const gindices = stateGindices("gloas");
    expect(NEWEST_DEPTHS).to.deep.equal({
      currentSyncCommittee: depthOf(gindices.currentSyncCommittee),
      nextSyncCommittee: depthOf(gindices.nextSyncCommittee),
      finality: depthOf(gindices.finalizedRoot),
      execution: depthOf(EXECUTION_BLOCK_HASH_GINDEX_GLOAS),
    });
  });

  for (const fork of LIGHT_CLIENT_FORKS) {
    it(`reads and writes ${fork} objects byte for byte, with the same root`, async () => {
      const forge = await forgeAt(fork);
      const containers = createContainers(32);
      for (const forged of oneOfEach(forge, 100)) {
        const type = forge.chain.types.forks[fork][forged.object] as ContainerType<unknown>;
        const bytes = forged.ssz();
        const value = type.deserialize(bytes);
        expect(type.serialize(value)).to.deep.equal(bytes);
        const own = containers.of(forged.object, fork);
        expect(type.hashTreeRoot(value)).to.deep.equal(own.hashTreeRoot(own.deserialize(bytes)));
      }
    });
  }
});

function jsonKeysOf(type: ContainerType<unknown>): unknown {
  return type.fields.map(({ jsonKey, type: inner }) =>
    inner.kind === "container" ? [jsonKey, jsonKeysOf(inner)] : jsonKey,
  );
}

function jsonKeysOfPackage(type: PackageContainerType<never>): unknown {
  return type.fieldsEntries.map(({ jsonKey, fieldType }) => {
    const inner = fieldType as unknown as Partial<PackageContainerType<never>>;
    return inner.fieldsEntries === undefined
      ? jsonKey
      : [jsonKey, jsonKeysOfPackage(inner as PackageContainerType<never>)];
  });
}
