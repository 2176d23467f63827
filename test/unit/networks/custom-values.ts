import { expect } from "chai";
import { isSidelightError } from "../../../src/errors.js";
import type { ConfigValues } from "../../../src/networks/index.js";

export const FAR = "18446744073709551615";
export const ROOT = `0x${"ab".repeat(32)}`;
export const genesis = { genesisTime: 1_700_000_000, genesisValidatorsRoot: ROOT };

/** A whole configuration, in the form of a node's answer. */
export const base: ConfigValues = {
  PRESET_BASE: "minimal",
  CONFIG_NAME: "devnet-1",
  SECONDS_PER_SLOT: "6",
  GENESIS_FORK_VERSION: "0x10000038",
  ALTAIR_FORK_VERSION: "0x20000038",
  ALTAIR_FORK_EPOCH: "0",
  BELLATRIX_FORK_VERSION: "0x30000038",
  BELLATRIX_FORK_EPOCH: "0",
  CAPELLA_FORK_VERSION: "0x40000038",
  CAPELLA_FORK_EPOCH: "0",
  DENEB_FORK_VERSION: "0x50000038",
  DENEB_FORK_EPOCH: "0",
  ELECTRA_FORK_VERSION: "0x60000038",
  ELECTRA_FORK_EPOCH: "2",
  FULU_FORK_VERSION: "0x70000038",
  FULU_FORK_EPOCH: "10",
  GLOAS_FORK_VERSION: "0x80000038",
  GLOAS_FORK_EPOCH: FAR,
  MAX_BLOBS_PER_BLOCK_ELECTRA: "9",
  BLOB_SCHEDULE: [
    { EPOCH: "30", MAX_BLOBS_PER_BLOCK: "21" },
    { EPOCH: "20", MAX_BLOBS_PER_BLOCK: "15" },
  ],
};

export function without(...keys: string[]): ConfigValues {
  return Object.fromEntries(Object.entries(base).filter(([key]) => !keys.includes(key)));
}

export function expectRefusal(field: string, make: () => unknown): void {
  try {
    make();
  } catch (error) {
    if (!isSidelightError(error, "NETWORK_CONFIG_INVALID")) throw error;
    expect(error.details.field).to.equal(field);
    expect(error.details.expected).to.be.a("string").that.is.not.equal("");
    expect(error.details.actual).to.be.a("string").that.is.not.equal("");
    expect(error.message).to.include(field);
    return;
  }
  expect.fail("accepted");
}
