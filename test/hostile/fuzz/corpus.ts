/** Inputs worth keeping: one for each way in which each target has ever ended. One a line, beside this file. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Recipe } from "./run.js";

const FILE = fileURLToPath(new URL("./corpus.jsonl", import.meta.url));

export function readCorpus(): Recipe[] {
  return readFileSync(FILE, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

/** Adds those that end as none of their target has. @returns how many */
export function addToCorpus(recipes: readonly Recipe[]): number {
  const known = readCorpus();
  const keyOf = ({ target, outcome }: Recipe) => `${target}: ${outcome}`;
  const all = new Map([...recipes, ...known].map((recipe) => [keyOf(recipe), recipe]));
  const lines = [...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, recipe]) => `${JSON.stringify(recipe)}\n`);
  writeFileSync(FILE, lines.join(""));
  return all.size - known.length;
}
