/** The specification's vectors and sessions of real mainnet data, by the suites of test/vectors. */
// first: the others make types of their own when they are loaded
import { installBuffer, removeBuffer } from "./vectors/buffer.js";
import "../vectors/spec/sync.test.js";
import "../vectors/spec/update-ranking.test.js";
import { expect } from "chai";
import { blstBls } from "../../src/bls/blst/index.js";
import { both } from "../../src/bls/both.js";
import { herumiBls } from "../../src/bls/herumi.js";
import { describeWithData, hasData } from "../vectors/data-folder.js";
import { bls, CHAINS, runSession } from "../vectors/real/session.js";
import { SESSIONS } from "../vectors/real/sessions.js";
import { blsVectors } from "../vectors/spec/bls.js";
import { singleMerkleProofVectors } from "../vectors/spec/single-merkle-proof.js";

removeBuffer();

describe("vectors", () => {
  it("are there, all of them (set SIDELIGHT_DATA to the folder that they are in)", function () {
    if (!hasData) this.skip();
    const suites = this.test!.parent!.parent!.suites.map(({ title }) => title);
    // a bundler can leave out what is imported for its effects alone
    expect(suites).to.include.members(["light_client/sync", "light_client/update_ranking"]);
  });

  blsVectors([herumiBls(), blstBls(), both(blstBls(), herumiBls())]);

  describeWithData("real mainnet data, a session of each set", () => {
    before(() => bls.ready());
    const sets = new Set(SESSIONS.map(({ set }) => set));
    for (const set of sets) {
      const session = SESSIONS.find((each) => each.set === set)!;
      it(`${set}, ${session.title}`, () => {
        runSession(CHAINS.mainnet, session);
      });
    }
  });

  describe("of whole states and blocks", () => {
    before(installBuffer);
    after(removeBuffer);
    singleMerkleProofVectors();
  });
});
