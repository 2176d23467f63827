/**
 * Thousands of small lies. A valid object of every fork is changed in one place, as bytes, as JSON or decoded, and
 * must be refused, or prove exactly what the honest one proves (`test/support/verified.ts` says what that is).
 */
import { expect } from "chai";
import fc from "fast-check";
import type { LightClientStore } from "../../../src/spec/store.js";
import type { Forge } from "../../support/forge.js";
import { forgeAt, storeAt } from "../../support/forges.js";
import { type Mutation, mutateBytes, mutateJson, mutateValue, mutations } from "../../support/mutate.js";
import { DISTINCT_FORKS, LIGHT_CLIENT_FORKS } from "../../support/networks.js";
import { type AnyForged, oneOfEach } from "../../support/objects.js";
import { runsFrom, seedOf } from "../../support/seed.js";
import { createJudge, type Judge, newOutcome, type Outcome } from "../../support/verified.js";

const SLOT = 100;
const CLOCK = 110;
const total = newOutcome();

function add(outcome: Outcome): void {
  total.tried += outcome.tried;
  total.refused += outcome.refused;
  total.acceptedUnchanged += outcome.acceptedUnchanged;
  for (const [code, count] of Object.entries(outcome.codes)) total.codes[code] = (total.codes[code] ?? 0) + count;
}

/** Each form of an object, made once: nothing that mutates changes what it is given. */
const FORMS: Record<string, (judge: Judge, forged: AnyForged) => (mutation: Mutation) => void> = {
  SSZ(judge, forged) {
    const bytes = forged.ssz();
    return (mutation) => judge.raw({ encoding: "ssz", bytes: mutateBytes(bytes, mutation), fork: forged.fork });
  },
  JSON(judge, forged) {
    const json = forged.json();
    return (mutation) => judge.raw({ encoding: "json", value: mutateJson(json, mutation), fork: forged.fork });
  },
  decoded(judge, forged) {
    const value = forged.value();
    return (mutation) => judge.value(mutateValue(value, mutation));
  },
};

describe("mutations", function () {
  this.timeout(600_000);
  const seed = seedOf();

  after(() => {
    const { tried, refused, acceptedUnchanged, codes } = total;
    const counts = `tried ${tried}, refused ${refused}, accepted unchanged ${acceptedUnchanged}`;
    console.log(`      mutations, seed ${seed}: ${counts}\n      ${JSON.stringify(codes)}`);
  });

  for (const fork of LIGHT_CLIENT_FORKS) {
    describe(`of ${fork} objects`, () => {
      let forge: Forge;
      let store: LightClientStore;
      let objects: readonly AnyForged[];

      before(async () => {
        forge = await forgeAt(fork);
        store = storeAt(forge, 70);
        objects = oneOfEach(forge, SLOT);
      });

      const judgeOf = (forged: AnyForged) =>
        createJudge(forge, forged.object, forged.value(), { store, root: forge.bootstrap(SLOT).root, clock: CLOCK });

      for (const [form, mutate] of Object.entries(FORMS)) {
        it(`are refused or change nothing: ${form}`, () => {
          for (const forged of objects) {
            const judge = judgeOf(forged);
            // updates hold everything that the others hold
            const numRuns = runsFrom(forged.object === "LightClientUpdate" ? 60 : 25);
            fc.assert(fc.property(mutations, mutate(judge, forged)), { seed, numRuns });
            add(judge.outcome);
            // hex in capitals is the one change that JSON allows
            expect(judge.outcome.refused / judge.outcome.tried, forged.object).to.be.greaterThan(0.6);
          }
        });
      }
    });
  }

  for (const fork of DISTINCT_FORKS) {
    it(`of every single byte of a ${fork} update are refused or change nothing`, async () => {
      const forge = await forgeAt(fork);
      const forged = forge.update({ attestedSlot: SLOT });
      const honest = forged.ssz();
      const root = new Uint8Array(32);
      const judge = createJudge(forge, forged.object, forged.value(), {
        store: storeAt(forge, 70),
        root,
        clock: CLOCK,
      });
      // roots, branches and keys are nearly all of it: every third byte, or all with SIDELIGHT_MUTATIONS=3
      const stride = Math.max(1, Math.round(3 / runsFrom(1)));
      for (let i = seed % stride; i < honest.length; i += stride) {
        const bytes = honest.slice();
        // a different bit at each place; over the runs of a year, all of them
        bytes[i]! ^= 1 << ((i * 5 + seed) % 8);
        judge.raw({ encoding: "ssz", bytes, fork });
      }
      add(judge.outcome);
      expect(judge.outcome.tried).to.equal(Math.ceil((honest.length - (seed % stride)) / stride));
      // the only bytes that prove nothing are those of the signature's slot: within reach of the clock
      expect(judge.outcome.acceptedUnchanged).to.be.lessThan(4);
    });
  }
});
