import { expect } from "chai";
import { networkFromText } from "../../../src/cli/network-file.js";
import { hoodi } from "../../../src/networks/index.js";
import { expectCode } from "../../support/expect-code.js";

const ROOT = `0x${"cd".repeat(32)}`;
const NO_FLAGS = { genesisTime: undefined, genesisValidatorsRoot: undefined };
const FLAGS = { genesisTime: "1700000000", genesisValidatorsRoot: ROOT };
const CONFIG = `# a comment
PRESET_BASE: 'minimal'
CONFIG_NAME: local
GENESIS_FORK_VERSION: 0x000000d1
ALTAIR_FORK_VERSION: 0x010000d1
ALTAIR_FORK_EPOCH: 0
BELLATRIX_FORK_VERSION: 0x020000d1
BELLATRIX_FORK_EPOCH: 18446744073709551615
SECONDS_PER_SLOT: 6
`;

describe("networkFromText", () => {
  it("reads a YAML configuration, hex as it is written, with the genesis of the options", () => {
    const network = networkFromText(CONFIG, FLAGS);
    expect(network).to.include({ name: "local", genesisTime: 1_700_000_000, genesisValidatorsRoot: ROOT });
    expect(network.forks.phase0.version).to.equal("0x000000d1");
    expect(network.forks.bellatrix.epoch).to.equal(Infinity);
    expect(network.preset.name).to.equal("minimal");
  });

  it("takes the genesis from keys in the file", () => {
    const text = `${CONFIG}GENESIS_TIME: 1700000000\nGENESIS_VALIDATORS_ROOT: ${ROOT}\n`;
    expect(networkFromText(text, NO_FLAGS)).to.deep.equal(networkFromText(CONFIG, FLAGS));
    expect(networkFromText(text, FLAGS), "the same twice is no contradiction").to.include({ name: "local" });
  });

  it("refuses an option that contradicts the file", () => {
    const details = expectCode("OPTION_INVALID", () => networkFromText(`${CONFIG}GENESIS_TIME: 1600000000\n`, FLAGS));
    expect(details).to.include({ option: "--genesis-time", actual: '"1700000000"' });
  });

  it("says what is missing when nobody gives the genesis", () => {
    expect(expectCode("OPTION_INVALID", () => networkFromText(CONFIG, NO_FLAGS)).option).to.include("--genesis-time");
    const half = { ...NO_FLAGS, genesisTime: "1700000000" };
    const details = expectCode("OPTION_INVALID", () => networkFromText(CONFIG, half));
    expect(details.option).to.include("--genesis-validators-root");
  });

  it("knows the genesis of a network that the library ships, for a newer configuration of it", () => {
    const text = CONFIG.replace("local", "hoodi").replace("0x000000d1", hoodi.forks.phase0.version);
    const { genesisTime, genesisValidatorsRoot, stake } = hoodi;
    expect(networkFromText(text, NO_FLAGS)).to.include({ name: "hoodi", genesisTime, genesisValidatorsRoot, stake });
    const fork = networkFromText(text, { ...NO_FLAGS, genesisValidatorsRoot: ROOT });
    expect(fork, "another chain's stake is not known").not.to.have.property("stake");
    // another chain that only has the name
    expectCode("OPTION_INVALID", () => networkFromText(CONFIG.replace("local", "hoodi"), NO_FLAGS));
  });

  it("reads what a node says, in JSON", () => {
    const spec = {
      PRESET_BASE: "minimal",
      CONFIG_NAME: "local",
      GENESIS_FORK_VERSION: "0x000000d1",
      ALTAIR_FORK_VERSION: "0x010000d1",
      ALTAIR_FORK_EPOCH: "0",
      BELLATRIX_FORK_VERSION: "0x020000d1",
      BELLATRIX_FORK_EPOCH: "18446744073709551615",
      SECONDS_PER_SLOT: "6",
    };
    const genesis = { genesis_time: "1700000000", genesis_validators_root: ROOT, genesis_fork_version: "0x000000d1" };
    const text = JSON.stringify({ spec: { data: spec }, genesis: { data: genesis } });
    expect(networkFromText(text, NO_FLAGS)).to.deep.equal(networkFromText(CONFIG, FLAGS));
    expectCode("OPTION_INVALID", () => networkFromText(text, FLAGS));
    expect(networkFromText(JSON.stringify(spec), FLAGS), "values alone, as JSON").to.include({ name: "local" });
    for (const [file, flags] of [
      [text, NO_FLAGS],
      [CONFIG, FLAGS],
    ] as const) {
      const saved = `\uFEFF${file.replaceAll("\n", "\r\n")}`;
      expect(networkFromText(saved, flags), "as some shells and editors save it").to.include({ name: "local" });
    }
  });

  for (const [name, text] of [
    ["JSON that is none", "{"],
    ["YAML that is none", "a: b: c"],
    ["a list", "- a\n- b\n"],
    ["nothing", ""],
    ["a key that is there twice", "CONFIG_NAME: a\nCONFIG_NAME: b\n"],
  ] as const) {
    it(`refuses ${name}`, () => {
      expectCode("NETWORK_CONFIG_INVALID", () => networkFromText(text, FLAGS));
    });
  }
});
