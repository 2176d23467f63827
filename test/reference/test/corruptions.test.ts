/** Corrupted objects of a real chain: the two refuse the same, but for the differences that are listed. */
import { expect } from "chai";
import { FUZZ } from "../../support/fuzz.js";
import { assertAgreement, createCounts, describeCounts } from "./support/agreement.js";
import { CORRUPTIONS_OF_FORM } from "./support/corruptions-of-form.js";
import { CORRUPTIONS_OF_PROOFS } from "./support/corruptions-of-proofs.js";
import { CORRUPTIONS_OF_SIGNING } from "./support/corruptions-of-signing.js";
import { describeWithReference } from "./support/reference.js";
import { prepareStages, type Stage } from "./support/stages.js";

/** Of the stages of the chain, each corruption is tried at one in so many, another one each; `SIDELIGHT_FUZZ=3`: at all. */
const STAGES_EVERY = 3;

const TITLES: Readonly<Record<string, string>> = {
  refused: "refused by both",
  accepted: "accepted by both",
  same: "accepted only here, being the same object",
};

describeWithReference("corrupted objects and another light client", (reference) => {
  const counts = createCounts();
  let stages: readonly Stage[];

  before(async function () {
    this.timeout(120_000);
    ({ stages } = await prepareStages(reference()));
  });

  after(() => console.log(`      ${describeCounts(counts)}`));

  /** Beginning with another one for each corruption. */
  const stagesFrom = (start: number) => stages.map((_, i) => stages[(start + i) % stages.length]!);

  const all = [...CORRUPTIONS_OF_PROOFS, ...CORRUPTIONS_OF_SIGNING, ...CORRUPTIONS_OF_FORM];
  for (const [which, { name, expected, make }] of all.entries()) {
    it(`${TITLES[expected] ?? "refused only here"}: ${name}`, async function () {
      this.timeout(60_000);
      let made = 0;
      const enough = Math.ceil((stages.length * FUZZ) / STAGES_EVERY);
      for (const [i, { item, pair }] of stagesFrom(which).entries()) {
        // not every object has what is to be corrupted
        if (i >= enough && made > 0) break;
        const items = make(item).map((change) => {
          const { data = item.data, fork = item.object.fork, currentSlot = item.currentSlot } = change;
          const object = { encoding: "json", fork, text: JSON.stringify(data) } as const;
          return { kind: item.kind, object, currentSlot, keep: false };
        });
        for (const judgement of await pair.judge(items)) {
          const { ours, theirs } = judgement;
          const reasons = `here: ${ours.reason ?? "accepted"}; reference: ${theirs.reason ?? "accepted"}`;
          const title = `${name} (${item.kind}, ${item.forks}): ${reasons}`;
          assertAgreement(title, judgement, { counts, pair, original: item });
          expect(ours.accepted, title).to.equal(expected === "accepted" || expected === "same");
          expect(theirs.accepted, title).to.equal(expected !== "refused" && expected !== "same");
          if (!Object.hasOwn(TITLES, expected)) expect(ours.code, title).to.equal(expected);
          made++;
        }
      }
      expect(made, "objects that it can be made of").to.be.greaterThan(0);
    });
  }
});
