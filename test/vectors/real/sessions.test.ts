import { describeWithData } from "../data-folder.js";
import { bls, CHAINS, runSession } from "./session.js";
import { SESSIONS } from "./sessions.js";

describeWithData("sessions of mainnet data", function () {
  this.timeout(120_000);

  before(() => bls.ready());

  for (const session of SESSIONS) {
    it(`${session.set}, ${session.title}`, () => {
      runSession(CHAINS.mainnet, session);
    });
  }
});
