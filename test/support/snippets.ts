/** The snippets of docs/proofs.md and docs/spec.md, to be run as they are. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { blstBls } from "../../src/bls/blst/index.js";
import * as networks from "../../src/networks/index.js";
import * as proof from "../../src/proof/index.js";
import * as proofBundle from "../../src/proof-bundle/index.js";
import * as proofFetch from "../../src/proof-fetch/index.js";
import * as spec from "../../src/spec/index.js";

const textOf = (name: string) => readFileSync(fileURLToPath(new URL(`../../docs/${name}`, import.meta.url)), "utf8");
const snippetsOf = (text: string) => [...text.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code!);

export const TEXT = textOf("proofs.md");
export const SNIPPETS = snippetsOf(TEXT);
export const SPEC_SNIPPETS = snippetsOf(textOf("spec.md"));
/** The first ones are of the execution layer: run by a unit test. The others need a beacon chain. */
export const EXECUTION_SNIPPETS = 5;

const ENTRIES = {
  ...{ networks, spec, proof, "proof/fetch": proofFetch, "proof/bundle": proofBundle },
  "bls/blst": { blstBls },
};

export type Names = Readonly<Record<string, unknown>>;

/** What a snippet prints. */
export async function runSnippet(snippet: string, names: Names): Promise<unknown[]> {
  const code = snippet.replace(
    /^import (\{[^}]*\}) from "sidelight\/([a-z/]+)";$/gm,
    (_, imported: string, entry: string) => `const ${imported} = entries[${JSON.stringify(entry)}];`,
  );
  expect(code).to.not.match(/^import/m);
  const printed: unknown[] = [];
  const all: Names = {
    entries: ENTRIES,
    console: { log: (...values: unknown[]) => printed.push(...values) },
    ...names,
  };
  // biome-ignore lint/complexity/useArrowFunction: its constructor is what is needed
  const AsyncFunction = async function () {}.constructor as new (
    ...args: string[]
  ) => (...values: unknown[]) => unknown;
  // a block of its own: a snippet may name something as its input is named
  await new AsyncFunction(...Object.keys(all), `{\n${code}\n}`)(...Object.values(all));
  return printed;
}
