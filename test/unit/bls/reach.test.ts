/** What comes along with an import: herumi's WASM must not, unless it was asked for. */
import { readFileSync } from "node:fs";
import { expect } from "chai";

const source = new URL("../../../src/", import.meta.url);

/** The packages that a file imports, and those that its imports import. Types do not count: nothing is left of them. */
function packagesOf(start: string): Set<string> {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const visit = (file: URL) => {
    if (seen.has(file.href)) return;
    seen.add(file.href);
    const text = readFileSync(file, "utf8");
    for (const [, isType, specifier] of text.matchAll(/^(?:import|export)\b( type\b)?[^;]*?"([^"]+)";/gm)) {
      if (isType !== undefined) continue;
      if (specifier!.startsWith(".")) visit(new URL(specifier!.replace(/\.js$/, ".ts"), file));
      else packages.add(specifier!);
    }
  };
  visit(new URL(start, source));
  return packages;
}

describe("bls-eth-wasm, an optional peer", () => {
  for (const entry of ["index.ts", "iife.ts", "cli/main.ts", "spec/index.ts", "bls/blst/index.ts", "bls/both.ts"]) {
    it(`is not reached from ${entry}`, () => expect([...packagesOf(entry)]).to.not.include("bls-eth-wasm"));
  }

  it("is reached from bls/herumi.ts", () => expect([...packagesOf("bls/herumi.ts")]).to.include("bls-eth-wasm"));
});
