/** Corrupted objects of a real chain: the two refuse the same, but for the differences that are listed. */
import { expect } from "chai";
import { assertAgreement, createCounts, describeCounts } from "./support/agreement.js";
import { CORRUPTIONS_OF_FORM } from "./support/corruptions-of-form.js";
import { CORRUPTIONS_OF_PROOFS } from "./support/corruptions-of-proofs.js";
import { CORRUPTIONS_OF_SIGNING } from "./support/corruptions-of-signing.js";
import { describeWithReference } from "./support/reference.js";
import { prepareStages, type Stage } from "./support/stages.js";

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

  for (const { name, expected, make } of [
    ...CORRUPTIONS_OF_PROOFS,
    ...CORRUPTIONS_OF_SIGNING,
    ...CORRUPTIONS_OF_FORM,
  ]) {
    it(`${TITLES[expected] ?? "refused only here"}: ${name}`, async function () {
      this.timeout(60_000);
      let made = 0;
      for (const { item, pair } of stages) {
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
