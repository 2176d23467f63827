/** The tuned backend against `@chainsafe/bls` as shipped: they must agree on what verifies. */
import { expect } from "chai";
import { herumiBls } from "../../../src/bls/herumi.js";
import type { Bls } from "../../../src/bls/port.js";
import { bitsOf, someMembers } from "../../support/bits.js";
import { fill, fillBytes } from "../../support/fill.js";
import { createCommittee, INFINITY_SIGNATURE, readyKeys, type TestCommittee } from "../../support/keys.js";
import { SIGNATURE_OFF_CURVE, SIGNATURE_OUTSIDE_SUBGROUP } from "../../support/points.js";

describe("herumiBls against @chainsafe/bls", () => {
  let backend: Bls;
  let shipped: { verifyAggregate(keys: Uint8Array[], message: Uint8Array, signature: Uint8Array): boolean };
  let committee: TestCommittee;

  before(async () => {
    await readyKeys();
    backend = herumiBls();
    await backend.ready();
    shipped = (await import("@chainsafe/bls/herumi")).bls;
    committee = createCommittee(32, "cross-check");
  });

  function agree(members: number[], message: Uint8Array, signature: Uint8Array, what: string): boolean {
    const bits = bitsOf(32, members);
    const fault = backend.verifySyncAggregate(backend.committee(committee.value), bits, message, signature);
    const keys = members.map((member) => committee.value.pubkeys[member]!);
    let expected = false;
    try {
      expected = shipped.verifyAggregate(keys, message, signature);
    } catch {
      // it throws where it cannot decode
    }
    expect(fault === null, `${what}: ${fault}`).to.equal(expected);
    return expected;
  }

  it("agrees on random sets, messages and damage", () => {
    let accepted = 0;
    for (let round = 0; round < 60; round++) {
      const random = fillBytes(8, "round", round);
      const members = someMembers(32, 1 + (random[0]! % 32), `members ${round}`);
      const message = fill("message", round);
      const signature = committee.sign(members, message);
      const damage = round % 4;
      if (damage === 1) signature[random[1]! % 96]! ^= 1 << (random[2]! % 8);
      if (damage === 2) members.pop();
      if (damage === 3) message[random[3]! % 32]! ^= 1 << (random[4]! % 8);
      if (members.length > 0 && agree(members, message, signature, `round ${round}`)) accepted++;
    }
    expect(accepted).to.equal(15);
  });

  it("agrees on points that nobody signs", () => {
    const members = someMembers(32, 20, "members");
    const points = [INFINITY_SIGNATURE, SIGNATURE_OFF_CURVE, SIGNATURE_OUTSIDE_SUBGROUP, new Uint8Array(96)];
    for (const [i, signature] of points.entries()) {
      expect(agree(members, fill("message"), signature, `point ${i}`)).to.equal(false);
    }
  });
});
