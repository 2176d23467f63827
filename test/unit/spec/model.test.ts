/** Long random histories: the library and a literal copy of the specification must agree after every step. */
import { expect } from "chai";
import fc from "fast-check";
import { processLightClientStoreForceUpdate, processLightClientUpdate } from "../../../src/spec/process.js";
import type { LightClientStore } from "../../../src/spec/store.js";
import type { LightClientUpdate } from "../../../src/ssz/objects.js";
import { codeOf } from "../../support/expect-code.js";
import { fillBytes } from "../../support/fill.js";
import type { Forge, UpdateOptions } from "../../support/forge.js";
import { storeAt, unsignedForge } from "../../support/forges.js";
import { contentOf } from "../../support/frozen.js";
import { createModel, ModelAssertion, type ModelStore } from "../../support/model.js";
import { runsFrom, seedOf } from "../../support/seed.js";

const START = 150;
const SPAN = 400;

describe("the state machine against the specification's text", () => {
  let forge: Forge;
  let pool: LightClientUpdate[];

  before(async () => {
    forge = await unsignedForge();
    pool = Array.from({ length: 260 }, (_, i) => forge.update(optionsOf(forge, i)).value());
  });

  const steps = fc.array(
    fc.oneof(
      { weight: 8, arbitrary: fc.record({ update: fc.nat(259), clock: fc.nat(SPAN + 100) }) },
      { weight: 12, arbitrary: fc.record({ update: fc.nat(259), clock: fc.constant(10_000) }) },
      { weight: 1, arbitrary: fc.record({ update: fc.constant(-1), clock: fc.nat(SPAN + 200) }) },
    ),
    { minLength: 5, maxLength: 80 },
  );

  it("agrees after every step", () => {
    const seed = seedOf();
    const seen = { accepted: 0, refused: 0, forced: 0, rotated: 0 };
    const model = createModel(forge.network.preset);
    fc.assert(
      fc.property(steps, fc.boolean(), (list, sorted) => {
        // in order of slots the store goes far, in any order it meets everything
        const history = sorted ? [...list].sort((a, b) => a.update - b.update) : list;
        let store = storeAt(forge, START);
        const expected: ModelStore = { ...store };
        for (const { update, clock } of history) {
          const before = store;
          const run = (): LightClientStore =>
            update === -1
              ? processLightClientStoreForceUpdate(forge.chain, store, START + clock)
              : processLightClientUpdate(forge.chain, store, pool[update]!, START + clock);
          const refused = codeOf(() => {
            store = run();
          });
          const refusedByModel = isRefused(() => {
            if (update === -1) model.forceUpdate(expected, START + clock);
            else model.process(expected, pool[update]!, START + clock);
          });
          expect(refused !== null, `${refused}`).to.equal(refusedByModel);
          expectSame(store, expected);
          if (refused !== null) seen.refused++;
          else if (update === -1 && store !== before) seen.forced++;
          else seen.accepted++;
          if (store.currentSyncCommittee !== before.currentSyncCommittee) seen.rotated++;
        }
      }),
      { seed, numRuns: runsFrom(800) },
    );
    console.log(`      model, seed ${seed}: ${JSON.stringify(seen)}`);
    for (const count of Object.values(seen)) expect(count).to.be.greaterThan(10);
  });
});

/** A varied update: the later in the pool, the later its slots. */
function optionsOf(forge: Forge, i: number): UpdateOptions {
  const random = fillBytes(8, "pool", i);
  const attestedSlot = START - 20 + Math.floor((i * SPAN) / 260) + (random[0]! % 16);
  const signatureSlot = attestedSlot + 1 + (random[1]! % 4 === 0 ? random[2]! % 40 : 0);
  const finalized = [undefined, null, 0, attestedSlot - (random[3]! % 80), attestedSlot][random[4]! % 5];
  const participants = [32, 32, 30, 22, 21, 10, 5, 1][random[5]! % 8]!;
  const finalizedSlot = finalized === undefined || finalized === null ? finalized : Math.max(0, finalized);
  const isConflict = random[7]! % 16 === 0;
  return {
    attestedSlot,
    signatureSlot,
    participants,
    ...(finalizedSlot === undefined
      ? {}
      : { finalizedSlot: finalizedSlot === attestedSlot ? attestedSlot - 1 : finalizedSlot }),
    ...(random[6]! % 3 === 0 ? { nextCommittee: random[6]! % 2 === 0 } : {}),
    ...(isConflict ? { attested: { nextCommittee: forge.otherCommittee("conflict") } } : {}),
  };
}

function isRefused(run: () => void): boolean {
  try {
    run();
    return false;
  } catch (thrown) {
    if (thrown instanceof ModelAssertion) return true;
    throw thrown;
  }
}

/** Headers and updates by identity, since neither side makes new ones (but for a forced one, which is not kept). */
function expectSame(store: LightClientStore, expected: ModelStore): void {
  expect(store.finalizedHeader === expected.finalizedHeader, "finalized header").to.equal(true);
  expect(store.optimisticHeader === expected.optimisticHeader, "optimistic header").to.equal(true);
  expect(store.bestValidUpdate === expected.bestValidUpdate, "best valid update").to.equal(true);
  expect(store.currentSyncCommittee === expected.currentSyncCommittee, "current committee").to.equal(true);
  expect(store.nextSyncCommittee === expected.nextSyncCommittee, "next committee").to.equal(true);
  expect([store.previousMaxActiveParticipants, store.currentMaxActiveParticipants]).to.deep.equal([
    expected.previousMaxActiveParticipants,
    expected.currentMaxActiveParticipants,
  ]);
  expect(contentOf(Object.keys(store).sort())).to.equal(contentOf(Object.keys(expected).sort()));
}
