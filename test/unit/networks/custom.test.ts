import { expect } from "chai";
import { parse } from "yaml";
import {
  type ConfigValues,
  chiado,
  gnosis,
  holesky,
  hoodi,
  mainnet,
  mainnetPreset,
  minimalPreset,
  type Network,
  networkFromBeaconNode,
  networkFromConfig,
  sepolia,
  UNKNOWN_FORK_VERSION,
} from "../../../src/networks/index.js";
import { forkAtEpoch, forkDigests } from "../../../src/networks/schedule.js";
import { base, expectRefusal, FAR, genesis, ROOT, without } from "./custom-values.js";
import { readReference, sha256, withForks } from "./reference-data.js";

function genesisOf(network: Network): { genesisTime: number; genesisValidatorsRoot: string } {
  return { genesisTime: network.genesisTime, genesisValidatorsRoot: network.genesisValidatorsRoot };
}

describe("networkFromConfig", () => {
  it("takes a node's strings", () => {
    const network = networkFromConfig(base, genesis);
    expect(network.name).to.equal("devnet-1");
    expect(network.preset).to.equal(minimalPreset);
    expect(network.slotDurationMs).to.equal(6000);
    expect(network.genesisTime).to.equal(1_700_000_000);
    expect(network.genesisValidatorsRoot).to.equal(ROOT);
    expect(network.forks.phase0).to.deep.equal({ version: "0x10000038", epoch: 0 });
    expect(network.forks.fulu).to.deep.equal({ version: "0x70000038", epoch: 10 });
    expect(network.forks.gloas).to.deep.equal({ version: "0x80000038", epoch: Infinity });
    expect(network.maxBlobsPerBlockElectra).to.equal(9);
  });

  it("sorts the blob schedule", () => {
    expect(networkFromConfig(base, genesis).blobSchedule).to.deep.equal([
      { epoch: 20, maxBlobsPerBlock: 15 },
      { epoch: 30, maxBlobsPerBlock: 21 },
    ]);
  });

  it("drops blob entries that never come", () => {
    const values = { ...base, BLOB_SCHEDULE: [{ EPOCH: FAR, MAX_BLOBS_PER_BLOCK: "1" }] };
    expect(networkFromConfig(values, genesis).blobSchedule).to.deep.equal([]);
  });

  it("takes numbers and bigints as well as strings", () => {
    const numbers: Record<string, unknown> = {};
    const bigints: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(base)) {
      const isInteger = typeof value === "string" && /^(0x[0-9a-f]+|[0-9]+)$/.test(value);
      numbers[key] = isInteger ? Number(value) : value;
      bigints[key] = isInteger ? BigInt(value) : value;
    }
    expect(networkFromConfig(numbers, genesis)).to.deep.equal(networkFromConfig(base, genesis));
    expect(networkFromConfig(bigints, genesis)).to.deep.equal(networkFromConfig(base, genesis));
  });

  it("reads a version that a YAML parser made a number of as four bytes", () => {
    const values = { ...base, GENESIS_FORK_VERSION: 0, ALTAIR_FORK_VERSION: 0x6f, BELLATRIX_FORK_VERSION: 0x90000069 };
    const { forks } = networkFromConfig(values, genesis);
    expect(forks.phase0.version).to.equal("0x00000000");
    expect(forks.altair.version).to.equal("0x0000006f");
    expect(forks.bellatrix.version).to.equal("0x90000069");
  });

  for (const far of [FAR, 2n ** 64n - 1n, 2 ** 64 - 1, Infinity]) {
    it(`reads ${typeof far} ${far} as not scheduled`, () => {
      const { forks } = networkFromConfig({ ...base, GLOAS_FORK_EPOCH: far }, genesis);
      expect(forks.gloas.epoch).to.equal(Infinity);
    });
  }

  it("writes hex in lower case", () => {
    const network = networkFromConfig(
      { ...base, GENESIS_FORK_VERSION: "0xABCDEF01" },
      { ...genesis, genesisValidatorsRoot: `0x${"AB".repeat(32)}` },
    );
    expect(network.forks.phase0.version).to.equal("0xabcdef01");
    expect(network.genesisValidatorsRoot).to.equal(ROOT);
  });

  it("takes a genesis time as string or bigint", () => {
    expect(networkFromConfig(base, { ...genesis, genesisTime: "1700000000" }).genesisTime).to.equal(1_700_000_000);
    expect(networkFromConfig(base, { ...genesis, genesisTime: 1_700_000_000n }).genesisTime).to.equal(1_700_000_000);
  });

  it("takes a slot duration in milliseconds, in seconds, or in both", () => {
    const ms = { ...without("SECONDS_PER_SLOT"), SLOT_DURATION_MS: "2500" };
    expect(networkFromConfig(ms, genesis).slotDurationMs).to.equal(2500);
    expect(networkFromConfig({ ...base, SLOT_DURATION_MS: "6000" }, genesis).slotDurationMs).to.equal(6000);
  });

  it("lets preset values override the preset", () => {
    const values = {
      ...base,
      PRESET_BASE: "mainnet",
      SLOTS_PER_EPOCH: "6",
      EPOCHS_PER_SYNC_COMMITTEE_PERIOD: 4,
      SYNC_COMMITTEE_SIZE: "64",
      MIN_SYNC_COMMITTEE_PARTICIPANTS: "2",
      UPDATE_TIMEOUT: "24",
    };
    expect(networkFromConfig(values, genesis).preset).to.deep.equal({
      name: "mainnet",
      slotsPerEpoch: 6,
      epochsPerSyncCommitteePeriod: 4,
      syncCommitteeSize: 64,
      minSyncCommitteeParticipants: 2,
      updateTimeoutSlots: 24,
    });
  });

  it("is the shipped preset where the values agree with it", () => {
    const values = { ...base, PRESET_BASE: "mainnet", SLOTS_PER_EPOCH: "32", SYNC_COMMITTEE_SIZE: "512" };
    expect(networkFromConfig(values, genesis).preset).to.equal(mainnetPreset);
  });

  it("calls a fork that the configuration does not know not scheduled, with a version of its own", () => {
    const network = networkFromConfig(without("GLOAS_FORK_VERSION", "GLOAS_FORK_EPOCH"), genesis);
    expect(network.forks.gloas).to.deep.equal({ version: UNKNOWN_FORK_VERSION, epoch: Infinity });
    expect(forkAtEpoch(network, 2 ** 40)).to.equal("fulu");
    expect(forkDigests(network, sha256)).to.have.length(5);
  });

  it("needs no blob parameters while Fulu is not scheduled", () => {
    const values = {
      ...without("FULU_FORK_VERSION", "FULU_FORK_EPOCH", "MAX_BLOBS_PER_BLOCK_ELECTRA", "BLOB_SCHEDULE"),
    };
    const network = networkFromConfig(values, genesis);
    expect(network.maxBlobsPerBlockElectra).to.equal(0);
    expect(network.blobSchedule).to.deep.equal([]);
  });

  it("allows unscheduled forks to share a version", () => {
    const values = { ...base, GLOAS_FORK_VERSION: "0x70000038" };
    expect(networkFromConfig(values, genesis).forks.gloas.version).to.equal("0x70000038");
  });

  it("ignores later forks as long as they are not scheduled", () => {
    const values = { ...base, HEZE_FORK_VERSION: "0x90000038", HEZE_FORK_EPOCH: FAR, EIP7441_FORK_EPOCH: 2 ** 64 };
    expect(networkFromConfig(values, genesis)).to.deep.equal(networkFromConfig(base, genesis));
  });

  it("does not change what it was given", () => {
    const schedule = base["BLOB_SCHEDULE"] as { EPOCH: string }[];
    networkFromConfig(base, genesis);
    expect(schedule[0]!.EPOCH).to.equal("30");
  });

  const unknownGloas = { gloas: { version: UNKNOWN_FORK_VERSION, epoch: Infinity } };
  /** What the files say: those of the testnets were written before Gloas was named there. */
  const files: [string, Network][] = [
    ["teku/mainnet", mainnet],
    ["consensus-specs-v1.7.0-alpha.13/mainnet", mainnet],
    ["teku/sepolia", withForks(sepolia, unknownGloas)],
    ["teku/hoodi", withForks(hoodi, unknownGloas)],
    ["teku/holesky", withForks(holesky, unknownGloas)],
    ["eth-clients/holesky/config", withForks(holesky, unknownGloas)],
  ];
  for (const [file, network] of files) {
    it(`makes the shipped network of ${file}.yaml, however it is parsed`, function () {
      const text = readReference(this, `configs/${file}.yaml`);
      const variants = [
        parse(text),
        parse(text, { schema: "failsafe" }),
        parse(text, { intAsBigInt: true }),
        parse(text, { version: "1.1" }),
      ] as ConfigValues[];
      for (const values of variants) {
        // how much is staked, no configuration says
        const { stake: _, ...rest } = network;
        expect(networkFromConfig(values, genesisOf(network))).to.deep.equal(rest);
      }
    });
  }

  it("makes a network of older files, with what they know", function () {
    for (const network of [mainnet, sepolia, hoodi]) {
      const text = readReference(this, `configs/eth-clients/${network.name}/config.yaml`);
      const made = networkFromConfig(parse(text) as ConfigValues, genesisOf(network));
      expect(made.forks.electra).to.deep.equal(network.forks.electra);
      expect(made.forks.fulu.epoch).to.equal(Infinity);
      expect(made.blobSchedule).to.deep.equal([]);
    }
  });

  it("makes a network with nothing scheduled of the specification's minimal.yaml", function () {
    const text = readReference(this, "configs/consensus-specs-v1.7.0-alpha.13/minimal.yaml");
    const network = networkFromConfig(parse(text) as ConfigValues, genesis);
    expect(network.preset).to.equal(minimalPreset);
    expect(network.slotDurationMs).to.equal(6000);
    expect(network.forks.gloas).to.deep.equal({ version: "0x07000001", epoch: Infinity });
    expect(forkAtEpoch(network, 1_000_000)).to.equal("phase0");
  });

  for (const network of [gnosis, chiado]) {
    it(`makes ${network.name} of its values`, () => {
      const values: Record<string, unknown> = {
        CONFIG_NAME: network.name,
        PRESET_BASE: "gnosis",
        SECONDS_PER_SLOT: 5,
        GENESIS_FORK_VERSION: network.forks.phase0.version,
        MAX_BLOBS_PER_BLOCK_ELECTRA: 2,
        BLOB_SCHEDULE: [],
      };
      for (const [name, { version, epoch }] of Object.entries(network.forks)) {
        if (name === "phase0") continue;
        values[`${name.toUpperCase()}_FORK_VERSION`] = version;
        values[`${name.toUpperCase()}_FORK_EPOCH`] = epoch;
      }
      const { stake: _, ...rest } = network;
      expect(networkFromConfig(values, genesisOf(network))).to.deep.equal(rest);
    });
  }
});

describe("networkFromBeaconNode", () => {
  const answer = { genesis_time: "1700000000", genesis_validators_root: ROOT, genesis_fork_version: "0x10000038" };

  it("takes answers with and without the outer data", () => {
    const expected = networkFromConfig(base, genesis);
    expect(networkFromBeaconNode({ spec: base, genesis: answer })).to.deep.equal(expected);
    expect(networkFromBeaconNode({ spec: { data: base }, genesis: { data: answer } })).to.deep.equal(expected);
  });

  const refused: [string, string, unknown][] = [
    ["nothing", "answers", undefined],
    ["a missing spec", "spec", { genesis: answer }],
    ["a missing genesis", "genesis", { spec: base }],
    ["data that is no object", "spec.data", { spec: { data: null }, genesis: answer }],
    ["an error in place of an answer", "PRESET_BASE", { spec: { code: 500, message: "no" }, genesis: answer }],
    ["a genesis without a time", "genesis_time", { spec: base, genesis: { ...answer, genesis_time: undefined } }],
    [
      "a genesis with a bad root",
      "genesis_validators_root",
      { spec: base, genesis: { ...answer, genesis_validators_root: "0x" } },
    ],
    [
      "a genesis of another chain",
      "genesis_fork_version",
      { spec: base, genesis: { ...answer, genesis_fork_version: "0x00000000" } },
    ],
    [
      "a genesis without a version",
      "genesis_fork_version",
      { spec: base, genesis: { ...answer, genesis_fork_version: undefined } },
    ],
  ];
  for (const [what, field, answers] of refused) {
    it(`refuses ${what}`, () => {
      expectRefusal(field, () => networkFromBeaconNode(answers as { spec: unknown; genesis: unknown }));
    });
  }

  for (const [folder, newest] of [
    ["lodestar-deneb", "deneb"],
    ["lodestar-electra", "electra"],
  ] as const) {
    it(`takes the recorded answers in ${folder}`, function () {
      const spec: unknown = JSON.parse(readReference(this, `rest-answers/${folder}/spec.json`));
      const start = JSON.parse(readReference(this, `rest-answers/${folder}/genesis.json`)) as {
        data: { genesis_time: string; genesis_validators_root: string };
      };
      const network = networkFromBeaconNode({ spec, genesis: start });
      expect(network.preset).to.equal(minimalPreset);
      expect(network.genesisTime).to.equal(Number(start.data.genesis_time));
      expect(network.genesisValidatorsRoot).to.equal(start.data.genesis_validators_root);
      expect(network.slotDurationMs).to.equal(2000);
      expect(forkAtEpoch(network, 1_000_000)).to.equal(newest);
    });
  }
});
