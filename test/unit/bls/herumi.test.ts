import bls from "bls-eth-wasm";
import { expect } from "chai";
import { herumiBls } from "../../../src/bls/herumi.js";
import { blsContract } from "../../contract/bls.js";
import { bitsOf, firstMembers } from "../../support/bits.js";
import { fill } from "../../support/fill.js";
import { createCommittee, readyKeys } from "../../support/keys.js";
import { KEY_OUTSIDE_SUBGROUP, SIGNATURE_OUTSIDE_SUBGROUP } from "../../support/points.js";

blsContract("herumiBls", herumiBls);

describe("herumiBls", () => {
  const message = fill("message");

  before(async () => {
    await readyKeys();
    await herumiBls().ready();
  });

  it("does not start a second instance of the WASM", async () => {
    const { mod } = bls as unknown as { mod: unknown };
    await herumiBls().ready();
    expect((bls as unknown as { mod: unknown }).mod).to.equal(mod);
  });

  it("leaves the package's global order checks switched on, whatever the outcome", async () => {
    const backend = herumiBls();
    await backend.ready();
    const committee = createCommittee(32, "herumi");
    const signatures = [committee.sign(firstMembers(4), message), SIGNATURE_OUTSIDE_SUBGROUP, new Uint8Array(96)];
    const broken = { ...committee.value, pubkeys: committee.value.pubkeys.map(() => new Uint8Array(48)) };
    for (const value of [committee.value, broken]) {
      for (const signature of signatures) {
        backend.verifySyncAggregate(backend.committee(value), bitsOf(32, firstMembers(4)), message, signature);
        expect(() => new bls.PublicKey().deserialize(KEY_OUTSIDE_SUBGROUP)).to.throw();
        expect(() => new bls.Signature().deserialize(SIGNATURE_OUTSIDE_SUBGROUP)).to.throw();
      }
    }
  });
});
