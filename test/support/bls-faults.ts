/** What every BLS backend must refuse, and for which reason. */
import type { BitArray } from "@chainsafe/ssz";
import { expect } from "chai";
import type { Bls } from "../../src/bls/port.js";
import type { SignatureFault } from "../../src/errors.js";
import { bitsOf, firstMembers } from "./bits.js";
import { fill, fillBytes } from "./fill.js";
import { committeeOf, createCommittee, INFINITY_SIGNATURE, secretKey, sumOf, type TestCommittee } from "./keys.js";
import {
  addKeys,
  addSignatures,
  CURVE_ORDER,
  compressedPoint,
  FIELD_MODULUS,
  INFINITY_KEY,
  KEY_OFF_CURVE,
  KEY_OUTSIDE_SUBGROUP,
  negatedPoint,
  negatedSecret,
  SIGNATURE_OFF_CURVE,
  SIGNATURE_OUTSIDE_SUBGROUP,
  smallOrderKey,
  smallOrderSignature,
} from "./points.js";

type CommitteeValue = TestCommittee["value"];

/** Part of `blsContract`: needs a backend that is ready. */
export function blsFaultsContract(backend: () => Bls): void {
  const message = fill("message");
  /** One regime in which a backend may add the present, one in which it may subtract the absent. */
  const counts = [5, 27];
  let committee: TestCommittee;

  before(() => {
    committee = createCommittee(32, "faults");
  });

  function verify(
    signature: Uint8Array,
    { bits = bitsOf(32, firstMembers(27)), root = message, value = committee.value } = {},
  ) {
    const bls = backend();
    return bls.verifySyncAggregate(bls.committee(value), bits, root, signature);
  }

  /** After every refusal: the backend must still be able to tell true from false. */
  afterEach(() => {
    expect(verify(committee.sign(firstMembers(27), message))).to.equal(null);
    expect(verify(committee.sign(firstMembers(26), message))).to.equal("mismatch");
  });

  function withKey(index: number, key: Uint8Array): CommitteeValue {
    const pubkeys = committee.value.pubkeys.map((known, i) => (i === index ? key : known));
    return { pubkeys, aggregatePubkey: committee.value.aggregatePubkey };
  }

  describe("signature-encoding", () => {
    const signed = () => committee.sign(firstMembers(27), message);
    const withFlags = (bytes: Uint8Array, flags: number) => {
      const changed = bytes.slice();
      changed[0] = (changed[0]! & 0x1f) | (flags << 5);
      return changed;
    };
    const cases: [string, () => Uint8Array][] = [
      ["a point that is not on the curve", () => SIGNATURE_OFF_CURVE],
      ["an x of exactly the field's modulus", () => compressedPoint(96, FIELD_MODULUS)],
      ["an x whose second half is the field's modulus", () => compressedPoint(96, 0n, FIELD_MODULUS)],
      ["an x beyond the modulus that is 2 when reduced", () => compressedPoint(96, FIELD_MODULUS + 2n)],
      ["all zero bytes", () => new Uint8Array(96)],
      ["all one bits", () => new Uint8Array(96).fill(0xff)],
      ["no compression flag", () => withFlags(signed(), 0b000)],
      ["the sign flag without the compression flag", () => withFlags(signed(), 0b001)],
      ["the infinity flag on a point that is none", () => withFlags(signed(), 0b110)],
      ["all flags", () => withFlags(signed(), 0b111)],
      ["infinity with the sign flag", () => withFlags(INFINITY_SIGNATURE, 0b111)],
      ["infinity without the compression flag", () => withFlags(INFINITY_SIGNATURE, 0b010)],
      ["infinity without the infinity flag", () => withFlags(INFINITY_SIGNATURE, 0b100)],
      ["no bytes", () => new Uint8Array(0)],
      ["48 bytes", () => signed().slice(0, 48)],
      ["95 bytes", () => signed().slice(0, 95)],
      ["97 bytes", () => Uint8Array.of(...signed(), 0)],
      ["the signature twice", () => Uint8Array.of(...signed(), ...signed())],
    ];
    for (const [what, signature] of cases) {
      it(`refuses ${what}`, () => expect(verify(signature())).to.equal("signature-encoding"));
    }

    it("refuses an encoding of infinity with a stray bit, for either reason", () => {
      for (const [index, bit] of [
        [95, 1],
        [47, 1],
        [1, 0x80],
        [0, 1],
      ] as const) {
        const stray = INFINITY_SIGNATURE.slice();
        stray[index]! |= bit;
        expect(verify(stray)).to.be.oneOf(["signature-encoding", "signature-infinity"]);
      }
    });
  });

  describe("signature-infinity", () => {
    for (const count of counts) {
      it(`refuses infinity by ${count}`, () => {
        expect(verify(INFINITY_SIGNATURE, { bits: bitsOf(32, firstMembers(count)) })).to.equal("signature-infinity");
      });
    }

    it("refuses infinity where the keys add up to infinity as well, whatever it looks at first", () => {
      const key = secretKey("cancel");
      const cancelling = committeeOf([key, negatedSecret(key), ...firstMembers(30).map((i) => secretKey("rest", i))]);
      const fault = verify(INFINITY_SIGNATURE, { bits: bitsOf(32, [0, 1]), value: cancelling.value });
      expect(fault).to.be.oneOf(["signature-infinity", "aggregate-invalid"]);
    });
  });

  describe("signature-subgroup", () => {
    it("refuses a point on the curve outside the subgroup, of either sign", () => {
      expect(verify(SIGNATURE_OUTSIDE_SUBGROUP)).to.equal("signature-subgroup");
      expect(verify(negatedPoint(SIGNATURE_OUTSIDE_SUBGROUP))).to.equal("signature-subgroup");
    });

    it("refuses a true signature plus a point of small order, which satisfies the pairing", () => {
      for (const count of counts) {
        const moved = addSignatures(committee.sign(firstMembers(count), message), smallOrderSignature());
        expect(verify(moved, { bits: bitsOf(32, firstMembers(count)) })).to.equal("signature-subgroup");
      }
    });
  });

  describe("pubkey-invalid", () => {
    const keys: [string, Uint8Array][] = [
      ["off the curve", KEY_OFF_CURVE],
      ["at infinity", INFINITY_KEY],
      ["of all zero bytes", new Uint8Array(48)],
      ["with an x of the field's modulus", compressedPoint(48, FIELD_MODULUS)],
      ["of 47 bytes", KEY_OUTSIDE_SUBGROUP.slice(0, 47)],
      ["of no bytes", new Uint8Array(0)],
    ];
    for (const [what, key] of keys) {
      it(`refuses a participant's key ${what}`, () => {
        const signature = committee.sign(firstMembers(5), message);
        expect(verify(signature, { bits: bitsOf(32, firstMembers(5)), value: withKey(2, key) })).to.equal(
          "pubkey-invalid",
        );
      });

      it(`does not crash on an absent member's key ${what}`, () => {
        const fault = verify(committee.sign(firstMembers(27), message), { value: withKey(30, key) });
        // a backend that adds the present never looks at it
        expect(fault).to.be.oneOf(["pubkey-invalid", null]);
      });
    }
  });

  describe("aggregate-invalid", () => {
    it("refuses two keys that cancel", () => {
      const key = secretKey("cancel");
      const cancelling = committeeOf([key, negatedSecret(key), ...firstMembers(30).map((i) => secretKey("rest", i))]);
      for (const signature of [committee.sign([0], message), cancelling.sign([0], message)]) {
        const fault = verify(signature, { bits: bitsOf(32, [0, 1]), value: cancelling.value });
        expect(fault).to.equal("aggregate-invalid");
      }
    });

    for (const count of [17, 27, 31]) {
      it(`refuses ${count} keys that cancel`, () => {
        const secrets = firstMembers(32).map((i) => secretKey("many", i));
        secrets[count - 1] = negatedSecret(sumOf(secrets.slice(0, count - 1)));
        const cancelling = committeeOf(secrets);
        const bits = bitsOf(32, firstMembers(count));
        expect(verify(committee.sign([0], message), { bits, value: cancelling.value })).to.equal("aggregate-invalid");
      });
    }

    it("refuses a whole committee that adds up to infinity", () => {
      const secrets = firstMembers(31).map((i) => secretKey("whole", i));
      const { pubkeys } = committeeOf([...secrets, negatedSecret(sumOf(secrets))]).value;
      const fault = verify(committee.sign([0], message), {
        bits: bitsOf(32, firstMembers(32)),
        value: { pubkeys, aggregatePubkey: INFINITY_KEY },
      });
      // the aggregate that the committee states is no valid key, either
      expect(fault).to.be.oneOf(["aggregate-invalid", "pubkey-invalid"]);
    });

    for (const [count, where] of [
      [5, 2],
      [27, 2],
    ] as const) {
      it(`refuses a sum outside the subgroup that satisfies the pairing (${count} of 32)`, () => {
        const moved = withKey(where, addKeys(committee.value.pubkeys[where]!, smallOrderKey()));
        const value = { ...moved, aggregatePubkey: addKeys(moved.aggregatePubkey, smallOrderKey()) };
        const signature = committee.sign(firstMembers(count), message);
        expect(verify(signature, { bits: bitsOf(32, firstMembers(count)), value })).to.equal("aggregate-invalid");
      });
    }

    it("refuses nobody, with any signature", () => {
      for (const signature of [INFINITY_SIGNATURE, committee.sign([0], message), new Uint8Array(96)]) {
        expect(verify(signature, { bits: bitsOf(32, []) })).to.not.equal(null);
      }
    });
  });

  describe("mismatch", () => {
    const mismatches: [string, () => SignatureFault | null][] = [
      ["another message", () => verify(committee.sign(firstMembers(27), fill("another")))],
      ["another committee's signature", () => verify(createCommittee(32, "strangers").sign(firstMembers(27), message))],
      ["the signature negated", () => verify(negatedPoint(committee.sign(firstMembers(27), message)))],
      ["a signature twice over", () => verify(doubled(committee.sign(firstMembers(27), message)))],
    ];
    for (const [what, run] of mismatches) it(`refuses ${what}`, () => expect(run()).to.equal("mismatch"));
  });

  describe("inputs of the wrong length", () => {
    for (const length of [0, 1, 31, 33, 64]) {
      it(`never verifies a signing root of ${length} bytes, truly signed`, () => {
        const root = fillBytes(length, "root");
        for (const count of counts) {
          const bits = bitsOf(32, firstMembers(count));
          expect(verify(committee.sign(firstMembers(count), root), { bits, root })).to.not.equal(null);
        }
      });
    }

    it("answers about a signing root or signature of megabytes", () => {
      const huge = new Uint8Array(8 << 20);
      expect(verify(committee.sign(firstMembers(27), message), { root: huge })).to.not.equal(null);
      huge.set(committee.sign(firstMembers(27), message));
      expect(verify(huge)).to.equal("signature-encoding");
    });

    it("never verifies with fewer or more bits than the committee has members", () => {
      for (const [length, count] of [
        [24, 24],
        [31, 27],
        [33, 27],
        [40, 27],
        [512, 27],
      ] as const) {
        const bits: BitArray = bitsOf(length, firstMembers(count));
        expect(verify(committee.sign(firstMembers(count), message), { bits }), `${length} bits`).to.not.equal(null);
      }
    });

    it("never verifies when the bits run past the committee", () => {
      const value = { pubkeys: committee.value.pubkeys.slice(0, 8), aggregatePubkey: committee.value.aggregatePubkey };
      expect(verify(committee.sign(firstMembers(27), message), { value })).to.not.equal(null);
    });
  });

  it("answers about any 96 bytes", () => {
    for (let i = 0; i < 200; i++) {
      const bytes = fillBytes(96, "noise", i);
      // most with a plausible flag, or they would all fail at the first byte
      if (i % 4 !== 0) bytes[0] = 0x80 | (bytes[0]! & 0x3f);
      expect(verify(bytes)).to.be.oneOf(["signature-encoding", "signature-subgroup", "mismatch"]);
    }
  });

  it("has points that are what they are called", () => {
    expect(CURVE_ORDER < FIELD_MODULUS).to.equal(true);
    const small = smallOrderSignature();
    // on the curve and outside the subgroup: a point at infinity would prove nothing above
    expect(small).to.not.deep.equal(INFINITY_SIGNATURE);
    expect(verify(small)).to.equal("signature-subgroup");
    expect(smallOrderKey()).to.not.deep.equal(INFINITY_KEY);
  });
}

function doubled(signature: Uint8Array): Uint8Array {
  return addSignatures(signature, signature);
}
