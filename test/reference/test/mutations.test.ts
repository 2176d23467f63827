/** Random mutations of honest objects: whatever comes of them, the library accepts nothing that the reference refuses. */
import { expect } from "chai";
import { minimalPreset } from "../../../src/networks/presets.js";
import { createTypes } from "../../../src/spec/index.js";
import { runsFrom, seedOf } from "../../support/seed.js";
import { assertAgreement, createCounts, describeCounts } from "./support/agreement.js";
import { mutate } from "./support/mutations.js";
import { createRandom } from "./support/random.js";
import { describeWithReference } from "./support/reference.js";
import { prepareStages, type Stages } from "./support/stages.js";

const SEED = seedOf();
const COUNT = runsFrom(240);

describeWithReference("random mutations and another light client", (reference) => {
  let prepared: Stages;

  before(async function () {
    this.timeout(120_000);
    prepared = await prepareStages(reference());
  });

  it(`agree on ${COUNT} mutations (seed ${SEED})`, async function () {
    this.timeout(30_000 + COUNT * 100);
    const types = createTypes(minimalPreset);
    const random = createRandom(SEED);
    const counts = createCounts();
    for (let i = 0; i < COUNT; i++) {
      const { item, pair } = random.pick(prepared.stages);
      const mutant = mutate(types, item, random);
      const [judgement] = await pair.judge([mutant]);
      const title = `mutation ${i} (${item.kind}, ${item.forks}, ${mutant.object.encoding}): ${mutant.mutation}`;
      assertAgreement(title, judgement!, { counts, pair, original: item });
    }
    console.log(`      ${describeCounts(counts)}`);
    expect(counts.refused).to.be.greaterThan(COUNT / 2);
  });
});
