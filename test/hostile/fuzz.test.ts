/** Random bytes and changed answers: nothing crashes, nothing hangs, nothing false is accepted. More by `npm run fuzz`. */
import { expect } from "chai";
import { FUZZ } from "../support/fuzz.js";
import { seedOf } from "../support/seed.js";
import { watchUnhandled } from "../unit/client/waiting.js";
import { readCorpus } from "./fuzz/corpus.js";
import { fuzz, newFigures, tell, tryOne } from "./fuzz/run.js";
import { createTargets, type Targets } from "./fuzz/targets.js";
import { heapBytes } from "./heap.js";

const RUNS = 60 * FUZZ;
/** For everything that is tried: what is remembered of each input would be more. */
const MARGIN_BYTES = 12_000_000;

describe("fuzzing", function () {
  this.timeout(600_000 * FUZZ);
  watchUnhandled();
  let targets: Targets;

  before(async () => {
    targets = await createTargets();
  });

  it("the saved corpus ends as it did", async () => {
    const figures = newFigures();
    const corpus = readCorpus();
    for (const { target, mutations, outcome } of corpus) {
      expect(await tryOne(targets.get(target)!, mutations, figures), JSON.stringify(mutations)).to.equal(outcome);
    }
    console.log(`      corpus: ${tell(figures)}`);
    expect(figures.tried).to.be.at.least(100);
    expect(figures.wrong).to.equal(0);
  });

  it("random bytes and changed answers are refused or change nothing", async () => {
    const figures = newFigures();
    const before = await heapBytes();
    await fuzz(targets, { seed: seedOf(), runs: RUNS, figures });
    console.log(`      fuzz, seed ${seedOf()}: ${tell(figures)}`);
    expect(figures.wrong).to.equal(0);
    expect(figures.refused / figures.tried).to.be.greaterThan(0.6);
    expect((await heapBytes()) - before, "bytes more").to.be.below(MARGIN_BYTES);
  });
});
