/**
 * What every BLS backend must do, whatever it runs on. Behaviour by IETF draft-irtf-cfrg-bls-signature-04 and
 * consensus-specs `specs/altair/bls.md`, but nobody is no valid set of signers.
 */
import { expect } from "chai";
import type { Bls } from "../../src/bls/port.js";
import { bitsOf, firstMembers, someMembers } from "../support/bits.js";
import { blsFaultsContract } from "../support/bls-faults.js";
import { expectCode } from "../support/expect-code.js";
import { fill, fillBytes } from "../support/fill.js";
import { committeeOf, createCommittee, readyKeys, secretKey, type TestCommittee } from "../support/keys.js";

export interface BlsContractOptions {
  /**
   * Tries fewer of what differs in number alone: where the same code has been tried with all of it on another engine.
   * @default false
   */
  isBrief?: boolean;
}

/** Runs the suite. `create` makes a new backend that was not started. */
export function blsContract(name: string, create: () => Bls, { isBrief = false }: BlsContractOptions = {}): void {
  describe(`${name} as a BLS backend`, () => {
    const message = fill("message");
    const other = fill("another message");
    let bls: Bls;
    let small: TestCommittee;

    before(async () => {
      await readyKeys();
      bls = create();
      await bls.ready();
      small = createCommittee(32, "contract");
    });

    /** Signed by and verified as the same members: the two usual arguments that a test varies. */
    function verify(committee: TestCommittee, members: readonly number[], signed = message, checked = message) {
      const bits = bitsOf(committee.value.pubkeys.length, members);
      return bls.verifySyncAggregate(bls.committee(committee.value), bits, checked, committee.sign(members, signed));
    }

    describe("lifecycle", () => {
      it("refuses to verify before it is ready, and says who", () => {
        const fresh = create();
        const handle = fresh.committee(small.value);
        const bits = bitsOf(32, [0]);
        const details = expectCode("BLS_NOT_READY", () =>
          fresh.verifySyncAggregate(handle, bits, message, small.sign([0], message)),
        );
        expect(details.backend).to.equal(fresh.name).and.not.equal("");
      });

      it("starts any number of times, also at once", async () => {
        const fresh = create();
        await Promise.all([fresh.ready(), fresh.ready(), fresh.ready()]);
        await fresh.ready();
        const handle = fresh.committee(small.value);
        const signature = small.sign([3], message);
        expect(fresh.verifySyncAggregate(handle, bitsOf(32, [3]), message, signature)).to.equal(null);
      });

      it("lets two instances work side by side", async () => {
        const second = create();
        await second.ready();
        const handle = second.committee(small.value);
        const signature = small.sign([1, 2], message);
        expect(second.verifySyncAggregate(handle, bitsOf(32, [1, 2]), message, signature)).to.equal(null);
        expect(verify(small, [1, 2])).to.equal(null);
      });
    });

    describe("committee", () => {
      it("gives the same handle for the same object, another for an equal one", () => {
        const handle = bls.committee(small.value);
        expect(bls.committee(small.value)).to.equal(handle);
        expect(handle.committee).to.equal(small.value);
        expect(bls.committee({ ...small.value })).to.not.equal(handle);
      });

      it("decompresses nothing", () => {
        const garbage = {
          pubkeys: firstMembers(32).map(() => new Uint8Array(48)),
          aggregatePubkey: new Uint8Array(48),
        };
        expect(bls.committee(garbage).committee).to.equal(garbage);
      });
    });

    describe("participation", () => {
      for (let count = 1; count <= 32; count++) {
        it(`verifies ${count} of 32, and not over another message`, () => {
          expect(verify(small, firstMembers(count))).to.equal(null);
          expect(verify(small, someMembers(32, count, `some ${count}`))).to.equal(null);
          expect(verify(small, firstMembers(count), message, other)).to.equal("mismatch");
        });
      }

      it("verifies samples of 512", () => {
        const large = createCommittee(512, "contract", "large");
        for (const count of isBrief ? [1, 256, 257, 512] : [1, 2, 255, 256, 257, 341, 342, 505, 511, 512]) {
          const members = someMembers(512, count, `large ${count}`);
          expect(verify(large, members), `${count} of 512`).to.equal(null);
          expect(verify(large, members, message, other), `${count} of 512, another message`).to.equal("mismatch");
        }
      });

      it("tells one signer more, one less, and one exchanged", () => {
        const handle = bls.committee(small.value);
        for (const count of [1, 8, 16, 17, 24, 31]) {
          const signature = small.sign(firstMembers(count), message);
          const more = bitsOf(32, firstMembers(count + 1));
          expect(bls.verifySyncAggregate(handle, more, message, signature), `${count}, one more`).to.equal("mismatch");
          const exchanged = bitsOf(32, [...firstMembers(count - 1), count]);
          // member 7 of 8 has its predecessor's key: exchanging those two changes nothing
          const expected = count % 8 === 7 ? null : "mismatch";
          expect(bls.verifySyncAggregate(handle, exchanged, message, signature), `${count}, exchanged`).to.equal(
            expected,
          );
          if (count === 1) continue;
          const less = bitsOf(32, firstMembers(count - 1));
          expect(bls.verifySyncAggregate(handle, less, message, signature), `${count}, one less`).to.equal("mismatch");
        }
      });

      it("counts members with multiplicity: pools of few and of many keys", () => {
        for (const pool of isBrief ? [1, 3] : [1, 2, 3, 5, 31, 32]) {
          const secrets = firstMembers(32).map((i) => secretKey("pool", i % pool));
          const committee = committeeOf(secrets);
          for (const count of [1, 2, 15, 16, 17, 18, 31, 32]) {
            const members = someMembers(32, count, `pool ${pool} ${count}`);
            expect(verify(committee, members), `${count} of 32 with ${pool} keys`).to.equal(null);
            if (pool > 1 || count === 32) continue;
            const handle = bls.committee(committee.value);
            const bits = bitsOf(32, members);
            const tooMany = committee.sign(firstMembers(count + 1), message);
            expect(bls.verifySyncAggregate(handle, bits, message, tooMany)).to.equal("mismatch");
          }
        }
      });

      it("gives the same answer whatever was asked of the handle before", () => {
        // one handle for all: what it remembers of one set of participants must not leak into the next
        const committee = createCommittee(32, "contract", "memory");
        for (let round = 0; round < (isBrief ? 16 : 60); round++) {
          const count = 1 + ((round * 13) % 32);
          const members = someMembers(32, count, `memory ${round}`);
          const signed = round % 3 === 0 ? other : message;
          expect(verify(committee, members, signed), `round ${round}`).to.equal(signed === message ? null : "mismatch");
        }
      });
    });

    it("leaves its arguments alone, and reads views into larger buffers", () => {
      const members = firstMembers(20);
      const padded = fillBytes(300, "padding");
      padded.set(small.sign(members, message), 100);
      const signature = padded.subarray(100, 196);
      const bits = bitsOf(32, members);
      const committee = {
        pubkeys: small.value.pubkeys.map((key) => key.slice()),
        aggregatePubkey: small.value.aggregatePubkey.slice(),
      };
      const before = [padded.slice(), bits.uint8Array.slice(), ...small.value.pubkeys];
      expect(bls.verifySyncAggregate(bls.committee(committee), bits, message, signature)).to.equal(null);
      expect([padded, bits.uint8Array, ...committee.pubkeys]).to.deep.equal(before);
      expect(message).to.deep.equal(fill("message"));
    });

    blsFaultsContract(() => bls);
  });
}
