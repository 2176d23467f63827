/** Which branch a slot needs follows from its fork and from nothing that was sent. */
import { expect } from "chai";
import { initializeLightClientStore } from "../../../src/spec/initialize.js";
import { validateLightClientUpdate } from "../../../src/spec/validate.js";
import { codeOf } from "../../support/expect-code.js";
import type { Forge } from "../../support/forge.js";
import { staggeredForge, storeAt } from "../../support/forges.js";
import { contentOf } from "../../support/frozen.js";
import { DISTINCT_FORKS, firstSlotOf, LIGHT_CLIENT_FORKS, type LightClientFork } from "../../support/networks.js";
import { isAtLeast, stateGindices } from "../../support/protocol.js";

const BRANCHES = ["BRANCH_LENGTH_INVALID", "CURRENT_COMMITTEE_BRANCH_INVALID", "NEXT_COMMITTEE_BRANCH_INVALID"];
const FINALITY = ["BRANCH_LENGTH_INVALID", "FINALITY_BRANCH_INVALID"];
/** A shape older than the slot's loses or misplaces the execution data as well, or could be refused as such. */
const OLDER_SHAPE = ["EXECUTION_BRANCH_INVALID", "EXECUTION_UNEXPECTED", "FORK_MISMATCH"];

/** What may be said of a branch in this shape at a slot of this fork. */
function refusals(codes: readonly string[], shape: LightClientFork, slotFork: LightClientFork): readonly string[] {
  return isAtLeast(shape, slotFork) ? codes : [...codes, ...OLDER_SHAPE];
}

/** A block of one fork's slot, made by the rules of another: state, body and signature are consistent with that. */
const IMPOSTORS = LIGHT_CLIENT_FORKS.flatMap((slotFork) =>
  DISTINCT_FORKS.filter((made) => stateGindices(made) !== stateGindices(slotFork)).map(
    (made) => [slotFork, made] as const,
  ),
);

describe("branches by the fork of the slot", () => {
  let forge: Forge;

  before(async () => {
    forge = await staggeredForge();
  });

  /** Offsets that keep a fork's slot and its finalized one on the same side of the fork's start, mid-period. */
  const slotIn = (fork: LightClientFork) => firstSlotOf(forge.network, fork) + 40;
  const clock = 10_000;

  for (const fork of LIGHT_CLIENT_FORKS) {
    it(`takes ${fork} data in every newer shape, for what it is`, () => {
      const slot = slotIn(fork);
      const bootstrap = forge.bootstrap(slot);
      const expected = contentOf(bootstrap.value());
      const update = forge.update({ attestedSlot: slot + 1, finalizedSlot: slot - 2 });
      const store = storeAt(forge, slot);
      for (const shape of LIGHT_CLIENT_FORKS.filter((shape) => isAtLeast(shape, fork))) {
        for (const encoding of ["ssz", "json"] as const) {
          const value = bootstrap.value({ shape, encoding });
          initializeLightClientStore(forge.chain, bootstrap.root, value);
          validateLightClientUpdate(forge.chain, store, update.value({ shape, encoding }), clock);
          // Gloas's shape has no room for the payload header; nothing else may differ
          if (value.header.execution === null) continue;
          expect(contentOf(value)).to.equal(expected);
        }
      }
    });
  }

  for (const [slotFork, made] of IMPOSTORS) {
    it(`refuses a ${slotFork} slot with a state of ${made}, in the shape of either`, () => {
      const slot = slotIn(slotFork);
      const gindices = stateGindices(made);
      const bootstrap = forge.bootstrap({ slot, gindices });
      const store = storeAt(forge, slot);
      const next = forge.update({ attestedSlot: slot + 1, attested: { gindices }, finalizedSlot: null });
      const finality = forge.finalityUpdate({
        attestedSlot: slot + 1,
        attested: { gindices },
        finalizedSlot: slot - 2,
      });
      for (const shape of [slotFork, made, "gloas"] as const) {
        // the branches themselves have the depth of `made`: carried in a container of their depth, or cut to fit
        const current = bootstrap.edit(() => {}).value({ shape });
        const start = () => initializeLightClientStore(forge.chain, bootstrap.root, current);
        expect(codeOf(start), `current, ${shape}`).to.be.oneOf(refusals(BRANCHES, shape, slotFork));
        const validate = (value: Parameters<typeof validateLightClientUpdate>[2]) =>
          codeOf(() => validateLightClientUpdate(forge.chain, store, value, clock));
        expect(validate(next.value({ shape })), `next, ${shape}`).to.be.oneOf(refusals(BRANCHES, shape, slotFork));
        const { nextSyncCommittee, nextSyncCommitteeBranch } = forge
          .update({ attestedSlot: slot + 1, nextCommittee: false })
          .value();
        const value = { ...finality.value({ shape }), nextSyncCommittee, nextSyncCommitteeBranch };
        expect(validate(value), `finality, ${shape}`).to.be.oneOf(refusals(FINALITY, shape, slotFork));
      }
    });
  }

  for (const [before, after] of [
    ["deneb", "electra"],
    ["fulu", "gloas"],
  ] as const) {
    describe(`at the boundary from ${before} to ${after}`, () => {
      const boundary = () => firstSlotOf(forge.network, after);
      const cases = [
        { where: "last slot before", offset: -1, own: before, other: after },
        { where: "first slot after", offset: 0, own: after, other: before },
      ] as const;
      for (const { where, offset, own, other } of cases) {
        it(`proves the ${where} by ${own}'s indices only`, () => {
          const slot = boundary() + offset;
          const honest = forge.bootstrap(slot);
          expect(honest.fork).to.equal(own);
          const start = (bootstrap: typeof honest, shape: LightClientFork) =>
            codeOf(() => initializeLightClientStore(forge.chain, bootstrap.root, bootstrap.value({ shape })));
          expect(start(honest, own)).to.equal(null);
          const impostor = forge.bootstrap({ slot, gindices: stateGindices(other) });
          for (const shape of [own, other])
            expect(start(impostor, shape), shape).to.be.oneOf(refusals(BRANCHES, shape, own));

          const store = storeAt(forge, boundary() - 30);
          const validate = (gindices: ReturnType<typeof stateGindices>, shape: LightClientFork) => {
            const options = {
              attestedSlot: slot,
              signatureSlot: slot + 1,
              finalizedSlot: slot - 20,
              attested: { gindices },
            };
            const update = forge.update(options);
            return codeOf(() => validateLightClientUpdate(forge.chain, store, update.value({ shape }), clock));
          };
          expect(validate(stateGindices(own), own)).to.equal(null);
          for (const shape of [own, other]) {
            expect(validate(stateGindices(other), shape)).to.be.oneOf(refusals([...BRANCHES, ...FINALITY], shape, own));
          }
        });
      }

      it("proves a finalized block before by the indices of the attested block after", () => {
        const store = storeAt(forge, boundary() - 20);
        const update = forge.update({ attestedSlot: boundary() + 3, finalizedSlot: boundary() - 5 });
        expect(update.fork).to.equal(after);
        for (const encoding of ["ssz", "json"] as const) {
          validateLightClientUpdate(forge.chain, store, update.value({ encoding }), clock);
        }
      });
    });
  }
});
