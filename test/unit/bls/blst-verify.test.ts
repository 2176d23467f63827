/** Whole verifications against native blst; batches; keys that are kept. More with `SIDELIGHT_FUZZ=10`. */
import * as native from "blst-native";
import { expect } from "chai";
import { type BlstBls, blstBls } from "../../../src/bls/blst/index.js";
import type { SyncAggregateItem } from "../../../src/bls/port.js";
import { bitsOf, firstMembers, someMembers } from "../../support/bits.js";
import { expectCode } from "../../support/expect-code.js";
import { fill, fillBytes } from "../../support/fill.js";
import { FUZZ } from "../../support/fuzz.js";
import { committeeOf, createCommittee, INFINITY_SIGNATURE, readyKeys, secretKey } from "../../support/keys.js";
import { addSignatures, negatedPoint, SIGNATURE_OUTSIDE_SUBGROUP, smallOrderSignature } from "../../support/points.js";

describe("blstBls against native blst", function () {
  this.timeout(600_000);
  let bls: BlstBls;

  before(async () => {
    await readyKeys();
    bls = blstBls();
    await bls.ready();
  });

  /** Both must say the same; returns what. */
  function agree(value: ReturnType<typeof committeeOf>["value"], members: number[], root: Uint8Array, sig: Uint8Array) {
    const bits = bitsOf(value.pubkeys.length, members);
    const fault = bls.verifySyncAggregate(bls.committee(value), bits, root, sig);
    let expected = false;
    try {
      const keys = members.map((member) => native.PublicKey.fromBytes(value.pubkeys[member]!, false));
      expected = native.fastAggregateVerify(root, keys, native.Signature.fromBytes(sig, true, true), true);
    } catch {
      // it throws where it cannot decode
    }
    expect(fault === null, `${members.length} of ${value.pubkeys.length}: ${fault}`).to.equal(expected);
    return expected;
  }

  it("agrees at every participation of 32, true and damaged, with members there more than once", () => {
    let accepted = 0;
    for (let count = 1; count <= 32; count++) {
      // in turns: each meets small and large counts
      for (const pool of FUZZ > 1 ? [1, 3, 20] : [[1, 3, 20][count % 3]!]) {
        const committee = committeeOf(firstMembers(32).map((i) => secretKey("pool", i % pool)));
        const members = someMembers(32, count, `members ${count} ${pool}`);
        const message = fill("message", count);
        const signature = committee.sign(members, message);
        if (agree(committee.value, members, message, signature)) accepted++;
        agree(committee.value, members, fill("another"), signature);
        const damaged = signature.slice();
        damaged[count * 2]! ^= 1;
        agree(committee.value, members, message, damaged);
      }
    }
    expect(accepted).to.equal(FUZZ > 1 ? 96 : 32);
  });

  it("agrees on samples of 512", () => {
    const committee = createCommittee(512, "sample");
    for (let round = 0; round < 20 * FUZZ; round++) {
      const random = fillBytes(4, "round", round);
      const count = 1 + ((random[0]! * 256 + random[1]!) % 512);
      const members = someMembers(512, count, `sample ${round}`);
      const message = fill("message", round);
      const signature = committee.sign(members, message);
      expect(agree(committee.value, members, message, signature)).to.equal(true);
      if (round % 2) agree(committee.value, members.slice(1), message, signature);
    }
  });

  it("agrees on random keys and messages", () => {
    for (let round = 0; round < 150 * FUZZ; round++) {
      const committee = committeeOf([secretKey("one", round)]);
      const message = fill("message", round);
      const signature = round % 5 === 4 ? negatedPoint(committee.sign([0], message)) : committee.sign([0], message);
      expect(agree(committee.value, [0], message, signature)).to.equal(round % 5 !== 4);
    }
  });

  describe("verifyBatch", () => {
    function item(i: number, { size = 32, count = 20 } = {}): SyncAggregateItem {
      const committee = createCommittee(size, "batch", i);
      const members = someMembers(size, count, `batch ${i}`);
      const signingRoot = fill("batch", i);
      const signature = committee.sign(members, signingRoot);
      return { committee: bls.committee(committee.value), bits: bitsOf(size, members), signingRoot, signature };
    }

    it("accepts true signatures, however many", () => {
      const items = firstMembers(50).map((i) => item(i, { count: 1 + ((7 * i) % 32) }));
      for (const length of [0, 1, 2, 3, 15, 16, 17, 31, 32, 33, 48, 50]) {
        expect(bls.verifyBatch(items.slice(0, length)), `${length}`).to.equal(null);
      }
    });

    it("refuses a batch with one false signature, wherever it is", () => {
      const items = firstMembers(18).map((i) => item(i));
      for (let at = 0; at < items.length; at++) {
        const wrong = items.map((one, i) => (i === at ? { ...one, signingRoot: fill("wrong") } : one));
        expect(bls.verifyBatch(wrong), `${at} of 18`).to.equal("mismatch");
      }
      expect(bls.verifyBatch(items)).to.equal(null);
    });

    it("refuses two false signatures whose errors cancel in a plain sum", () => {
      const [first, second] = [item(0), item(1)];
      const error = secretKey("error").sign(fill("error")).serialize();
      const moved = [
        { ...first, signature: addSignatures(first.signature, error) },
        { ...second, signature: addSignatures(second.signature, negatedPoint(error)) },
      ];
      expect(bls.verifyBatch(moved)).to.equal("mismatch");
    });

    it("refuses what is malformed, and which way", () => {
      const [good, other] = [item(0), item(1)];
      const outside = addSignatures(other.signature, smallOrderSignature());
      for (const [signature, fault] of [
        [INFINITY_SIGNATURE, "signature-infinity"],
        [SIGNATURE_OUTSIDE_SUBGROUP, "signature-subgroup"],
        [outside, "signature-subgroup"],
        [new Uint8Array(96), "signature-encoding"],
      ] as const) {
        expect(bls.verifyBatch([good, { ...other, signature }, good])).to.equal(fault);
      }
      expect(bls.verifyBatch([good, { ...other, bits: bitsOf(32, []) }])).to.equal("aggregate-invalid");
      // what was left of a batch that was given up plays no part in the next
      expect(bls.verifyBatch([good, other])).to.equal(null);
    });

    it("does not disturb single verifications", () => {
      const one = item(3);
      bls.verifyBatch([item(4), item(5)]);
      expect(bls.verifySyncAggregate(one.committee, one.bits, one.signingRoot, one.signature)).to.equal(null);
    });
  });

  it("refuses batches and kept keys before it is ready", () => {
    const fresh = blstBls();
    const handle = fresh.committee(createCommittee(32, "early").value);
    expectCode("BLS_NOT_READY", () => fresh.verifyBatch([]));
    expectCode("BLS_NOT_READY", () => fresh.exportKeys(handle));
    expectCode("BLS_NOT_READY", () => fresh.importKeys(handle, new Uint8Array(0)));
  });

  describe("exportKeys and importKeys", () => {
    const message = fill("message");

    it("carries what was decompressed to an equal committee", () => {
      const committee = createCommittee(32, "export");
      const handle = bls.committee(committee.value);
      expect(bls.exportKeys(handle)).to.have.length(0);
      const members = someMembers(32, 27, "export");
      expect(bls.verifySyncAggregate(handle, bitsOf(32, members), message, committee.sign(members, message))).to.equal(
        null,
      );
      // the aggregate and the five absent
      const bytes = bls.exportKeys(handle);
      expect(bytes).to.have.length(6 * 98);
      const again = bls.committee({ ...committee.value });
      expect(bls.importKeys(again, bytes)).to.equal(true);
      expect(bls.exportKeys(again)).to.deep.equal(bytes);
      expect(bls.verifySyncAggregate(again, bitsOf(32, members), message, committee.sign(members, message))).to.equal(
        null,
      );
    });

    it("takes nothing of what has been damaged or belongs to another committee", () => {
      const committee = createCommittee(32, "damage");
      const handle = bls.committee(committee.value);
      bls.verifySyncAggregate(handle, bitsOf(32, firstMembers(30)), message, committee.sign([0], message));
      const bytes = bls.exportKeys(handle);
      const fresh = () => bls.committee({ ...committee.value });
      for (let i = 0; i < bytes.length; i++) {
        const damaged = bytes.slice();
        damaged[i]! ^= 1 << (i % 8);
        const target = fresh();
        // members 30 and 31 share a key: the index of one is as good as that of the other
        const isIndex = i % 98 < 2;
        if (bls.importKeys(target, damaged)) expect(isIndex, `byte ${i}`).to.equal(true);
        else expect(bls.exportKeys(target), `byte ${i}`).to.have.length(0);
      }
      expect(bls.importKeys(fresh(), bytes.slice(0, -1))).to.equal(false);
      expect(bls.importKeys(bls.committee(createCommittee(32, "other").value), bytes)).to.equal(false);
      expect(bls.importKeys(fresh(), bytes)).to.equal(true);
    });

    it("refuses the other square root", () => {
      const committee = createCommittee(32, "root");
      const handle = bls.committee(committee.value);
      bls.verifySyncAggregate(handle, bitsOf(32, firstMembers(32)), message, committee.sign([0], message));
      const bytes = bls.exportKeys(handle);
      const negated = native.PublicKey.fromBytes(negatedPoint(committee.value.aggregatePubkey), false);
      bytes.set(negated.toBytes(false), 2);
      expect(bls.importKeys(bls.committee({ ...committee.value }), bytes)).to.equal(false);
    });
  });
});
