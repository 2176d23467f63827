import { readdirSync } from "node:fs";
import { expect } from "chai";
import { DATA_FOLDER, hasData } from "./data-folder.js";

/** What lies in the data folder, and who looks at it. */
const FOLDERS: Readonly<Record<string, string>> = {
  "spec-vectors": "here, in spec/",
  mainnet: "here, in real/",
  sepolia: "here, in real/",
  "README.md": "describes the data",
  blocks: "execution blocks here, in proof/; beacon blocks: for the tests of beacon proofs",
  configs: "for the tests of networks/; the known finalized roots also here, in real/",
  "el-proofs": "here, in proof/",
  "rest-answers": "answers of a node to every endpoint: for the tests of transport/",
};

describe("reference data", () => {
  if (!hasData) {
    const advice = "set SIDELIGHT_DATA to read it from elsewhere; the devnet test still covers every fork";
    it(`is not there: no folder ${DATA_FOLDER} (${advice})`, function () {
      this.skip();
    });
    return;
  }

  before(() => console.log(`  reading reference data from ${DATA_FOLDER}`));

  it("has no folder that nobody looks at", () => {
    expect(readdirSync(DATA_FOLDER).filter((name) => !Object.hasOwn(FOLDERS, name))).to.deep.equal([]);
  });
});
