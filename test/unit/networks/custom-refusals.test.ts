import { expect } from "chai";
import { isSidelightError } from "../../../src/errors.js";
import { type ConfigValues, networkFromConfig } from "../../../src/networks/index.js";
import { base, expectRefusal, FAR, genesis, ROOT, without } from "./custom-values.js";

describe("networkFromConfig", () => {
  const refused: [string, string, ConfigValues][] = [
    ["a missing preset", "PRESET_BASE", without("PRESET_BASE")],
    ["an unknown preset", "PRESET_BASE", { ...base, PRESET_BASE: "swift" }],
    ["a preset name of Object.prototype", "PRESET_BASE", { ...base, PRESET_BASE: "constructor" }],
    ["a missing name", "CONFIG_NAME", without("CONFIG_NAME")],
    ["an empty name", "CONFIG_NAME", { ...base, CONFIG_NAME: "" }],
    ["a name with a slash", "CONFIG_NAME", { ...base, CONFIG_NAME: "../mainnet" }],
    ["a name that is a number", "CONFIG_NAME", { ...base, CONFIG_NAME: 1 }],
    ["a name without end", "CONFIG_NAME", { ...base, CONFIG_NAME: "a".repeat(65) }],
    ["no slot duration", "SLOT_DURATION_MS", without("SECONDS_PER_SLOT")],
    ["a slot of zero seconds", "SECONDS_PER_SLOT", { ...base, SECONDS_PER_SLOT: 0 }],
    ["a negative slot duration", "SECONDS_PER_SLOT", { ...base, SECONDS_PER_SLOT: -12 }],
    ["a fraction of a second", "SECONDS_PER_SLOT", { ...base, SECONDS_PER_SLOT: 2.5 }],
    ["seconds for milliseconds", "SLOT_DURATION_MS", { ...without("SECONDS_PER_SLOT"), SLOT_DURATION_MS: 12 }],
    ["an absurd slot duration", "SLOT_DURATION_MS", { ...without("SECONDS_PER_SLOT"), SLOT_DURATION_MS: "1e9" }],
    ["two slot durations", "SLOT_DURATION_MS", { ...base, SLOT_DURATION_MS: 12_000 }],
    ["no genesis version", "GENESIS_FORK_VERSION", without("GENESIS_FORK_VERSION")],
    ["a version of three bytes", "ALTAIR_FORK_VERSION", { ...base, ALTAIR_FORK_VERSION: "0x200000" }],
    ["a version of five bytes", "ALTAIR_FORK_VERSION", { ...base, ALTAIR_FORK_VERSION: "0x2000003800" }],
    ["a version without 0x", "ALTAIR_FORK_VERSION", { ...base, ALTAIR_FORK_VERSION: "20000038" }],
    ["a version that is no hex", "ALTAIR_FORK_VERSION", { ...base, ALTAIR_FORK_VERSION: "0x2000003g" }],
    ["a negative version", "ALTAIR_FORK_VERSION", { ...base, ALTAIR_FORK_VERSION: -1 }],
    ["a version beyond four bytes", "ALTAIR_FORK_VERSION", { ...base, ALTAIR_FORK_VERSION: 2 ** 32 }],
    ["a bigint version beyond four bytes", "ALTAIR_FORK_VERSION", { ...base, ALTAIR_FORK_VERSION: 2n ** 32n }],
    ["NaN as version", "ALTAIR_FORK_VERSION", { ...base, ALTAIR_FORK_VERSION: Number.NaN }],
    ["null as version", "ALTAIR_FORK_VERSION", { ...base, ALTAIR_FORK_VERSION: null }],
    ["bytes as version", "ALTAIR_FORK_VERSION", { ...base, ALTAIR_FORK_VERSION: new Uint8Array(4) }],
    ["an epoch without a version", "GLOAS_FORK_VERSION", without("GLOAS_FORK_VERSION")],
    ["a version without an epoch", "GLOAS_FORK_EPOCH", without("GLOAS_FORK_EPOCH")],
    ["a negative epoch", "CAPELLA_FORK_EPOCH", { ...base, CAPELLA_FORK_EPOCH: -1 }],
    ["a negative epoch string", "CAPELLA_FORK_EPOCH", { ...base, CAPELLA_FORK_EPOCH: "-1" }],
    ["a negative bigint epoch", "CAPELLA_FORK_EPOCH", { ...base, CAPELLA_FORK_EPOCH: -1n }],
    ["minus infinity", "CAPELLA_FORK_EPOCH", { ...base, CAPELLA_FORK_EPOCH: -Infinity }],
    ["NaN", "CAPELLA_FORK_EPOCH", { ...base, CAPELLA_FORK_EPOCH: Number.NaN }],
    ["half an epoch", "CAPELLA_FORK_EPOCH", { ...base, CAPELLA_FORK_EPOCH: 0.5 }],
    ["a boolean epoch", "CAPELLA_FORK_EPOCH", { ...base, CAPELLA_FORK_EPOCH: false }],
    ["an empty epoch", "CAPELLA_FORK_EPOCH", { ...base, CAPELLA_FORK_EPOCH: "" }],
    ["an epoch in hex", "CAPELLA_FORK_EPOCH", { ...base, CAPELLA_FORK_EPOCH: "0x0" }],
    ["an epoch with a blank", "CAPELLA_FORK_EPOCH", { ...base, CAPELLA_FORK_EPOCH: " 0" }],
    ["an epoch with a line break", "CAPELLA_FORK_EPOCH", { ...base, CAPELLA_FORK_EPOCH: "0\n" }],
    ["an epoch with leading zeroes", "CAPELLA_FORK_EPOCH", { ...base, CAPELLA_FORK_EPOCH: "00" }],
    ["an epoch in a list", "CAPELLA_FORK_EPOCH", { ...base, CAPELLA_FORK_EPOCH: ["0"] }],
    ["null as epoch", "CAPELLA_FORK_EPOCH", { ...base, CAPELLA_FORK_EPOCH: null }],
    ["an epoch beyond uint64", "GLOAS_FORK_EPOCH", { ...base, GLOAS_FORK_EPOCH: "18446744073709551616" }],
    ["almost FAR_FUTURE_EPOCH", "GLOAS_FORK_EPOCH", { ...base, GLOAS_FORK_EPOCH: "18446744073709551614" }],
    ["an epoch whose slots are no safe integers", "GLOAS_FORK_EPOCH", { ...base, GLOAS_FORK_EPOCH: 2 ** 51 }],
    ["an unsafe number", "GLOAS_FORK_EPOCH", { ...base, GLOAS_FORK_EPOCH: 2 ** 53 }],
    ["digits without end", "GLOAS_FORK_EPOCH", { ...base, GLOAS_FORK_EPOCH: "9".repeat(100_000) }],
    ["a fork before the one before it", "FULU_FORK_EPOCH", { ...base, FULU_FORK_EPOCH: "1" }],
    ["a fork after one that is not scheduled", "FULU_FORK_EPOCH", { ...base, ELECTRA_FORK_EPOCH: FAR }],
    ["a fork after one that is missing", "FULU_FORK_EPOCH", without("ELECTRA_FORK_EPOCH", "ELECTRA_FORK_VERSION")],
    ["one version for two forks", "FULU_FORK_VERSION", { ...base, FULU_FORK_VERSION: "0x60000038" }],
    ["genesis's version again", "ALTAIR_FORK_VERSION", { ...base, ALTAIR_FORK_VERSION: "0x10000038" }],
    ["a scheduled fork that is too new", "HEZE_FORK_EPOCH", { ...base, HEZE_FORK_EPOCH: "100" }],
    ["a later fork's epoch that is none", "HEZE_FORK_EPOCH", { ...base, HEZE_FORK_EPOCH: "soon" }],
    ["no epochs in a period", "EPOCHS_PER_SYNC_COMMITTEE_PERIOD", { ...base, EPOCHS_PER_SYNC_COMMITTEE_PERIOD: "0" }],
    ["no slots in an epoch", "SLOTS_PER_EPOCH", { ...base, SLOTS_PER_EPOCH: 0 }],
    ["absurdly many slots in an epoch", "SLOTS_PER_EPOCH", { ...base, SLOTS_PER_EPOCH: 1e6 }],
    ["a committee of none", "SYNC_COMMITTEE_SIZE", { ...base, SYNC_COMMITTEE_SIZE: 0 }],
    ["a committee that fills no bytes", "SYNC_COMMITTEE_SIZE", { ...base, SYNC_COMMITTEE_SIZE: 33 }],
    ["an absurd committee", "SYNC_COMMITTEE_SIZE", { ...base, SYNC_COMMITTEE_SIZE: 2 ** 30 }],
    ["no participants needed", "MIN_SYNC_COMMITTEE_PARTICIPANTS", { ...base, MIN_SYNC_COMMITTEE_PARTICIPANTS: 0 }],
    [
      "more participants than members",
      "MIN_SYNC_COMMITTEE_PARTICIPANTS",
      { ...base, MIN_SYNC_COMMITTEE_PARTICIPANTS: 33 },
    ],
    ["a timeout of zero", "UPDATE_TIMEOUT", { ...base, UPDATE_TIMEOUT: 0 }],
    ["a timeout for another period", "UPDATE_TIMEOUT", { ...base, SLOTS_PER_EPOCH: 6 }],
    ["a missing blob limit", "MAX_BLOBS_PER_BLOCK_ELECTRA", without("MAX_BLOBS_PER_BLOCK_ELECTRA")],
    ["a negative blob limit", "MAX_BLOBS_PER_BLOCK_ELECTRA", { ...base, MAX_BLOBS_PER_BLOCK_ELECTRA: -1 }],
    ["an absurd blob limit", "MAX_BLOBS_PER_BLOCK_ELECTRA", { ...base, MAX_BLOBS_PER_BLOCK_ELECTRA: 4097 }],
    ["a missing blob schedule", "BLOB_SCHEDULE", without("BLOB_SCHEDULE")],
    ["a blob schedule in a string", "BLOB_SCHEDULE", { ...base, BLOB_SCHEDULE: "[]" }],
    ["a blob schedule of null", "BLOB_SCHEDULE", { ...base, BLOB_SCHEDULE: null }],
    ["an endless blob schedule", "BLOB_SCHEDULE", { ...base, BLOB_SCHEDULE: Array.from({ length: 1001 }) }],
    ["an empty blob entry", "BLOB_SCHEDULE[0].EPOCH", { ...base, BLOB_SCHEDULE: [{}] }],
    ["a blob entry of null", "BLOB_SCHEDULE[0]", { ...base, BLOB_SCHEDULE: [null] }],
    [
      "a blob entry without a limit",
      "BLOB_SCHEDULE[0].MAX_BLOBS_PER_BLOCK",
      { ...base, BLOB_SCHEDULE: [{ EPOCH: 20 }] },
    ],
    [
      "a blob entry before Fulu",
      "BLOB_SCHEDULE[0].EPOCH",
      { ...base, BLOB_SCHEDULE: [{ EPOCH: 9, MAX_BLOBS_PER_BLOCK: 9 }] },
    ],
    [
      "a blob entry without Fulu",
      "BLOB_SCHEDULE[0].EPOCH",
      { ...base, FULU_FORK_EPOCH: FAR, BLOB_SCHEDULE: [{ EPOCH: 20, MAX_BLOBS_PER_BLOCK: 9 }] },
    ],
    [
      "two blob entries for one epoch",
      "BLOB_SCHEDULE[1].EPOCH",
      {
        ...base,
        BLOB_SCHEDULE: [
          { EPOCH: 20, MAX_BLOBS_PER_BLOCK: 9 },
          { EPOCH: "20", MAX_BLOBS_PER_BLOCK: 12 },
        ],
      },
    ],
    ["an array", "config", [] as unknown as ConfigValues],
    ["nothing", "config", undefined as unknown as ConfigValues],
    ["a string", "config", "PRESET_BASE: mainnet" as unknown as ConfigValues],
    ["values that are only inherited", "PRESET_BASE", Object.create(base) as ConfigValues],
  ];
  for (const [what, field, values] of refused) {
    it(`refuses ${what}`, () => {
      expectRefusal(field, () => networkFromConfig(values, genesis));
    });
  }

  const refusedGenesis: [string, string, unknown][] = [
    ["nothing", "genesis", undefined],
    ["no time", "genesisTime", { genesisValidatorsRoot: ROOT }],
    ["a time in milliseconds", "genesisTime", { ...genesis, genesisTime: 1_700_000_000_000 }],
    ["a negative time", "genesisTime", { ...genesis, genesisTime: -1 }],
    ["a time with a fraction", "genesisTime", { ...genesis, genesisTime: 1.5 }],
    ["a date", "genesisTime", { ...genesis, genesisTime: new Date(0) }],
    ["no root", "genesisValidatorsRoot", { genesisTime: 1 }],
    ["a root of 31 bytes", "genesisValidatorsRoot", { ...genesis, genesisValidatorsRoot: `0x${"ab".repeat(31)}` }],
    ["a root of 33 bytes", "genesisValidatorsRoot", { ...genesis, genesisValidatorsRoot: `0x${"ab".repeat(33)}` }],
    ["a root without 0x", "genesisValidatorsRoot", { ...genesis, genesisValidatorsRoot: "ab".repeat(32) }],
    ["a root with a line break", "genesisValidatorsRoot", { ...genesis, genesisValidatorsRoot: `${ROOT}\n` }],
    [
      "a root that a YAML parser made a number of",
      "genesisValidatorsRoot",
      { ...genesis, genesisValidatorsRoot: 1e77 },
    ],
  ];
  for (const [what, field, value] of refusedGenesis) {
    it(`refuses ${what} as genesis`, () => {
      expectRefusal(field, () => networkFromConfig(base, value as typeof genesis));
    });
  }

  it("says what was expected and what came", () => {
    try {
      networkFromConfig({ ...base, SYNC_COMMITTEE_SIZE: "9999" }, genesis);
      expect.fail("accepted");
    } catch (error) {
      if (!isSidelightError(error, "NETWORK_CONFIG_INVALID")) throw error;
      expect(error.details).to.deep.equal({
        field: "SYNC_COMMITTEE_SIZE",
        expected: "an integer from 8 to 1024",
        actual: '"9999"',
      });
    }
  });
});
