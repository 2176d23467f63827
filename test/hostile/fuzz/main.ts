/** `npm run fuzz -- --minutes 10 [--seed 1]`: for as long as you like. What ends in a new way goes to the corpus. */
import { parseArgs } from "node:util";
import { heapBytes } from "../heap.js";
import { addToCorpus } from "./corpus.js";
import { fuzz, newFigures, type Recipe, tell } from "./run.js";
import { createTargets } from "./targets.js";

const RUNS = 100;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { minutes: { type: "string" }, seed: { type: "string" } } });
  const minutes = Number(values.minutes ?? 1);
  if (!(minutes > 0)) throw new Error(`--minutes: expected a number above 0, got ${values.minutes}`);
  const targets = await createTargets();
  const figures = newFigures();
  const found: Recipe[] = [];
  const endMs = Date.now() + minutes * 60_000;
  let seed = Number(values.seed ?? Date.now() % 2 ** 31);
  try {
    for (; Date.now() < endMs; seed++) {
      await fuzz(targets, { seed, runs: RUNS, figures, onNew: (recipe) => found.push(recipe) });
      console.log(`seed ${seed}: ${tell(figures)}; heap ${((await heapBytes()) / 1e6).toFixed(0)} MB`);
    }
  } catch (error) {
    console.error(`seed ${seed}: ${error}`);
    process.exitCode = 1;
  }
  console.log(`${addToCorpus(found)} new in the corpus; ${JSON.stringify(figures.outcomes)}`);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
