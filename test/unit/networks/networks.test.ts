import { expect } from "chai";
import { parse } from "yaml";
import { isSidelightError } from "../../../src/errors.js";
import {
  chiado,
  gnosis,
  gnosisPreset,
  holesky,
  hoodi,
  LIGHT_CLIENT_FORKS,
  mainnet,
  mainnetPreset,
  minimalPreset,
  type Network,
  networkByName,
  type Preset,
  sepolia,
} from "../../../src/networks/index.js";
import { readReference } from "./reference-data.js";

const networks = [mainnet, sepolia, hoodi, holesky, gnosis, chiado];

/** A file's values as it writes them, so that `0x01000000` stays what it is. */
function parseStrings(text: string): Record<string, unknown> {
  return parse(text, { schema: "failsafe" }) as Record<string, unknown>;
}

describe("mainnet", () => {
  it("has the published genesis", () => {
    expect(mainnet.genesisTime).to.equal(1_606_824_023);
    expect(mainnet.genesisValidatorsRoot).to.equal(
      "0x4b363db94e286120d76eb905340fdd4e54bfe9f06bf33ff6cf5ad27f511bfe95",
    );
  });
});

describe("hoodi", () => {
  it("has Gloas withdrawn", () => {
    expect(hoodi.forks.gloas).to.deep.equal({ version: "0x80000910", epoch: Infinity });
  });
});

describe("sepolia", () => {
  it("has Gloas scheduled", () => {
    expect(sepolia.forks.gloas).to.deep.equal({ version: "0x90000076", epoch: 353_024 });
  });
});

for (const network of networks) {
  describe(network.name, () => {
    it("is well-formed", () => {
      expect(network.genesisValidatorsRoot).to.match(/^0x[0-9a-f]{64}$/);
      const versions = new Set(Object.values(network.forks).map(({ version }) => version));
      expect(versions.size).to.equal(8);
      for (const version of versions) expect(version).to.match(/^0x[0-9a-f]{8}$/);
      const epochs = [network.forks.phase0, ...LIGHT_CLIENT_FORKS.map((fork) => network.forks[fork])].map(
        (f) => f.epoch,
      );
      expect(epochs).to.deep.equal([...epochs].sort((a, b) => a - b));
      for (const { epoch } of network.blobSchedule) expect(epoch).to.be.at.least(network.forks.fulu.epoch);
    });

    it("is found by its name", () => {
      expect(networkByName(network.name)).to.equal(network);
    });
  });
}

for (const [file, network] of [
  ["teku/mainnet", mainnet],
  ["teku/sepolia", sepolia],
  ["teku/hoodi", hoodi],
  ["teku/holesky", holesky],
  ["eth-clients/mainnet/config", mainnet],
  ["eth-clients/sepolia/config", sepolia],
  ["eth-clients/hoodi/config", hoodi],
  ["eth-clients/holesky/config", holesky],
  ["consensus-specs-v1.7.0-alpha.13/mainnet", mainnet],
] satisfies [string, Network][]) {
  describe(network.name, () => {
    it(`equals ${file}.yaml in every field that the file has`, function () {
      const values = parseStrings(readReference(this, `configs/${file}.yaml`));
      expect(values["CONFIG_NAME"]).to.equal(network.name);
      expect(values["PRESET_BASE"]).to.equal(network.preset.name);
      expect(values["GENESIS_FORK_VERSION"]).to.equal(network.forks.phase0.version);
      expect(values["MAX_BLOBS_PER_BLOCK_ELECTRA"]).to.equal(String(network.maxBlobsPerBlockElectra));
      const seconds = values["SECONDS_PER_SLOT"] ?? Number(values["SLOT_DURATION_MS"]) / 1000;
      expect(Number(seconds) * 1000).to.equal(network.slotDurationMs);
      for (const fork of LIGHT_CLIENT_FORKS) {
        const { version, epoch } = network.forks[fork];
        const name = fork.toUpperCase();
        if (values[`${name}_FORK_VERSION`] !== undefined) expect(values[`${name}_FORK_VERSION`]).to.equal(version);
        // The files are snapshots: some are older than the schedule of the newest forks.
        const written = values[`${name}_FORK_EPOCH`];
        if (written === undefined || written === "18446744073709551615") expect(fork).to.be.oneOf(["fulu", "gloas"]);
        else expect(written).to.equal(String(epoch));
      }
      if (values["BLOB_SCHEDULE"] !== undefined) {
        expect(values["BLOB_SCHEDULE"]).to.deep.equal(
          network.blobSchedule.map(({ epoch, maxBlobsPerBlock }) => ({
            EPOCH: String(epoch),
            MAX_BLOBS_PER_BLOCK: String(maxBlobsPerBlock),
          })),
        );
      }
    });
  });
}

for (const network of [mainnet, sepolia, hoodi, holesky]) {
  describe(network.name, () => {
    it("has the genesis validators root that its public description states", function () {
      const text = readReference(this, `configs/eth-clients/${network.name}/README.md`);
      expect(text).to.include(network.genesisValidatorsRoot);
    });

    // Mainnet's genesis waited for deposits, so its time does not follow from the configuration.
    if (network !== mainnet) {
      it("starts GENESIS_DELAY after MIN_GENESIS_TIME", function () {
        const values = parseStrings(readReference(this, `configs/teku/${network.name}.yaml`));
        expect(Number(values["MIN_GENESIS_TIME"]) + Number(values["GENESIS_DELAY"])).to.equal(network.genesisTime);
      });
    }
  });
}

describe("chiado", () => {
  it("starts GENESIS_DELAY after MIN_GENESIS_TIME", () => {
    expect(chiado.genesisTime).to.equal(1_665_396_000 + 300);
  });
});

for (const preset of [mainnetPreset, minimalPreset, gnosisPreset]) {
  describe(`${preset.name}Preset`, () => {
    it("gives an update one period to arrive", () => {
      expect(preset.updateTimeoutSlots).to.equal(preset.slotsPerEpoch * preset.epochsPerSyncCommitteePeriod);
    });
  });
}

for (const preset of [mainnetPreset, minimalPreset] satisfies Preset[]) {
  describe(`${preset.name}Preset`, () => {
    it("equals the specification's", function () {
      const folder = `configs/consensus-specs-v1.7.0-alpha.13/presets/${preset.name}`;
      const phase0 = parse(readReference(this, `${folder}/phase0.yaml`)) as Record<string, number>;
      const altair = parse(readReference(this, `${folder}/altair.yaml`)) as Record<string, number>;
      expect(preset.slotsPerEpoch).to.equal(phase0["SLOTS_PER_EPOCH"]);
      expect(preset.epochsPerSyncCommitteePeriod).to.equal(altair["EPOCHS_PER_SYNC_COMMITTEE_PERIOD"]);
      expect(preset.syncCommitteeSize).to.equal(altair["SYNC_COMMITTEE_SIZE"]);
      expect(preset.minSyncCommitteeParticipants).to.equal(altair["MIN_SYNC_COMMITTEE_PARTICIPANTS"]);
      expect(preset.updateTimeoutSlots).to.equal(altair["UPDATE_TIMEOUT"]);
    });
  });
}

describe("networkByName", () => {
  for (const name of ["goerli", "", "Mainnet", "constructor", "__proto__", undefined as unknown as string]) {
    it(`refuses ${JSON.stringify(name) ?? "nothing"} and lists what there is`, () => {
      try {
        networkByName(name);
        expect.fail("accepted");
      } catch (error) {
        if (!isSidelightError(error, "NETWORK_UNKNOWN")) throw error;
        expect(error.details.known).to.deep.equal(networks.map((network) => network.name));
        expect(error.message).to.include("mainnet, sepolia, hoodi, holesky, gnosis, chiado");
      }
    });
  }
});
