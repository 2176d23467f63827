import { expect } from "chai";
import { blstBls } from "../../../src/bls/blst/index.js";
import { both } from "../../../src/bls/both.js";
import { herumiBls } from "../../../src/bls/herumi.js";
import { blsContract } from "../../contract/bls.js";
import { bitsOf } from "../../support/bits.js";
import { expectCode } from "../../support/expect-code.js";
import { fill } from "../../support/fill.js";
import { createCommittee, readyKeys } from "../../support/keys.js";
import { stubBls } from "../../support/stub-bls.js";

blsContract("both(blstBls, herumiBls)", () => both(blstBls(), herumiBls()));

describe("both", () => {
  const message = fill("message");

  before(readyKeys);

  it("refuses to answer when one accepts what the other refuses, whichever it is", async () => {
    const committee = createCommittee(32, "both");
    const bits = bitsOf(32, [1]);
    const signature = committee.sign([2], message);
    for (const pair of [both(stubBls(), blstBls()), both(blstBls(), stubBls())]) {
      await pair.ready();
      const details = expectCode("BLS_DISAGREEMENT", () =>
        pair.verifySyncAggregate(pair.committee(committee.value), bits, message, signature),
      );
      expect(details.answers).to.have.members(["verifies", "mismatch"]);
      expect(details.backends).to.have.members(["stub", "blst"]);
    }
  });

  it("asks both even when the first refuses", async () => {
    const first = stubBls();
    const second = stubBls();
    first.answer = "mismatch";
    second.answer = "aggregate-invalid";
    const pair = both(first, second);
    await pair.ready();
    const committee = pair.committee(createCommittee(32, "both").value);
    const fault = pair.verifySyncAggregate(committee, bitsOf(32, [1]), message, new Uint8Array(96));
    expect(fault).to.equal("mismatch");
    expect([first.calls, second.calls]).to.deep.equal([1, 1]);
  });
});
