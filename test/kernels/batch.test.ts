/**
 * Batches of either build under attack, and sums at every participation against native blst. More with
 * `SIDELIGHT_FUZZ=10`.
 */
import * as native from "blst-native";
import { expect } from "chai";
import { createHandle, sumParticipants } from "../../src/bls/blst/committee.js";
import type { BlstBls } from "../../src/bls/blst/index.js";
import type { SyncAggregateItem } from "../../src/bls/port.js";
import type { SyncCommittee } from "../../src/ssz/objects.js";
import { BACKENDS } from "../support/backends.js";
import { falseItem, signedItem } from "../support/batch-items.js";
import { bitsOf, firstMembers, someMembers } from "../support/bits.js";
import { TEST_BUILDS, testEngine } from "../support/blst/test-engine.js";
import { fillBytes } from "../support/fill.js";
import { FUZZ } from "../support/fuzz.js";
import { committeeOf, createCommittee, readyKeys, secretKey } from "../support/keys.js";
import { addKeys, addSignatures, negatedPoint, smallOrderKey, smallOrderSignature } from "../support/points.js";

const COUNT = 33;

for (const build of ["blst simd", "blst baseline"] as const) {
  describe(`batches of ${build}`, function () {
    this.timeout(600_000);
    let bls: BlstBls;
    let good: SyncAggregateItem[];

    before(async () => {
      await readyKeys();
      bls = BACKENDS[build]();
      await bls.ready();
      good = firstMembers(COUNT).map((i) => signedItem(bls, i, { count: 1 + ((11 * i) % 32) }));
    });

    const replaced = (size: number, changes: Readonly<Record<number, SyncAggregateItem>>) =>
      good.slice(0, size).map((item, i) => changes[i] ?? item);

    /** What is wrong with one item of a batch, and is no fault of its own form. */
    const WRONGS: readonly ((i: number) => SyncAggregateItem)[] = [
      (i) => falseItem(bls, i, { count: 1 + ((11 * i) % 32) }),
      (i) => ({ ...good[i]!, signature: negatedPoint(good[i]!.signature) }),
      (i) => ({ ...good[i]!, signature: good[(i + 1) % COUNT]!.signature }),
      (i) => ({ ...good[i]!, committee: good[(i + 1) % COUNT]!.committee }),
      (i) => ({ ...good[i]!, signature: addSignatures(good[i]!.signature, good[i]!.signature) }),
    ];

    for (const size of [1, 2, 3, 15, 16, 17, 32, 33]) {
      it(`accepts ${size} true ones, and refuses one false one among them, wherever it is`, () => {
        expect(bls.verifyBatch(good.slice(0, size))).to.equal(null);
        for (let at = 0; at < size; at++) {
          const wrong = WRONGS[(at + size) % WRONGS.length]!(at);
          expect(bls.verifyBatch(replaced(size, { [at]: wrong })), `${at} of ${size}`).to.equal("mismatch");
        }
        expect(bls.verifyBatch(good.slice(0, size))).to.equal(null);
      });
    }

    it("accepts the same item many times over, and refuses it as often when it is false", () => {
      for (const size of [2, 3, 16, 17]) {
        expect(bls.verifyBatch(new Array<SyncAggregateItem>(size).fill(good[3]!))).to.equal(null);
        expect(bls.verifyBatch(new Array<SyncAggregateItem>(size).fill(falseItem(bls, 3)))).to.equal("mismatch");
      }
    });

    it("refuses two false ones that are exchanged, opposite, or add up to the truth", () => {
      for (let round = 0; round < 4 * FUZZ; round++) {
        const [i, j] = someMembers(COUNT, 2, `pair ${round}`) as [number, number];
        const [a, b] = [good[i]!, good[j]!];
        const error = secretKey("error", round)
          .sign(fillBytes(32, "error", round))
          .serialize();
        const pairs = [
          [b.signature, a.signature],
          [negatedPoint(a.signature), negatedPoint(b.signature)],
          [addSignatures(a.signature, error), addSignatures(b.signature, negatedPoint(error))],
        ] as const;
        pairs.forEach(([first, second], kind) => {
          const batch = replaced(COUNT, { [i]: { ...a, signature: first }, [j]: { ...b, signature: second } });
          expect(bls.verifyBatch(batch), `round ${round}, kind ${kind}`).to.equal("mismatch");
        });
      }
    });

    it("refuses two signatures moved by opposite points of small order: their sum would not tell", () => {
      const small = smallOrderSignature();
      const [first, second] = [good[0]!, good[1]!];
      const moved = addSignatures(first.signature, small);
      const movedBack = addSignatures(second.signature, negatedPoint(small));
      expect(addSignatures(moved, movedBack)).to.deep.equal(addSignatures(first.signature, second.signature));
      for (const [i, signature] of [
        [0, moved],
        [1, movedBack],
      ] as const) {
        expect(bls.verifyBatch(replaced(2, { [i]: { ...good[i]!, signature } }))).to.equal("signature-subgroup");
      }
      const both = { 0: { ...first, signature: moved }, 1: { ...second, signature: movedBack } };
      expect(bls.verifyBatch(replaced(2, both))).to.equal("signature-subgroup");
      expect(bls.verifyBatch(replaced(COUNT, both))).to.equal("signature-subgroup");
    });

    it("refuses two committees moved by opposite points of small order, added or subtracted", () => {
      const small = smallOrderKey();
      for (const count of [5, 27]) {
        const items = [small, negatedPoint(small)].map((point, i): SyncAggregateItem => {
          const { value, sign } = createCommittee(32, "moved", i);
          const pubkeys = value.pubkeys.map((key, member) => (member === 2 ? addKeys(key, point) : key));
          const committee = bls.committee({ pubkeys, aggregatePubkey: addKeys(value.aggregatePubkey, point) });
          const signingRoot = fillBytes(32, "moved", i);
          const signature = sign(firstMembers(count), signingRoot);
          return { committee, bits: bitsOf(32, firstMembers(count)), signingRoot, signature };
        });
        expect(bls.verifyBatch(items), `${count} of 32`).to.equal("aggregate-invalid");
        for (const item of items) expect(bls.verifyBatch([item])).to.equal("aggregate-invalid");
      }
    });
  });
}

for (const build of TEST_BUILDS) {
  describe(`the sum of the participants in ${build}`, function () {
    this.timeout(600_000);

    before(readyKeys);

    /** The whole by another way: native adds the present, one by one. */
    async function agreeAtEvery(value: SyncCommittee, pool: number): Promise<void> {
      const engine = await testEngine(build);
      const handle = createHandle(value);
      const size = value.pubkeys.length;
      const keys = value.pubkeys.map((key) => native.PublicKey.fromBytes(key, false));
      for (let count = 1; count <= size; count++) {
        const members = someMembers(size, count, `${pool} keys, ${count}`);
        expect(sumParticipants(engine, handle, bitsOf(size, members)), `${count} of ${size}`).to.equal(null);
        engine.testAggregate();
        const sum = Buffer.from(engine.memory.buffer, engine.io(), 96).toString("hex");
        const expected = native.aggregatePublicKeys(
          members.map((member) => keys[member]!),
          false,
        );
        expect(sum, `${count} of ${size}`).to.equal(Buffer.from(expected.toBytes(false)).toString("hex"));
      }
    }

    for (const pool of [1, 2, 37, 512]) {
      it(`is native's at every participation of 512 members with ${pool} keys`, () =>
        agreeAtEvery(committeeOf(firstMembers(512).map((i) => secretKey("pool", i % pool))).value, pool));
    }
  });
}
