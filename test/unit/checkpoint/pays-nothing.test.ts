/** Who passes a root brings none of this along. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { transformSync } from "esbuild";

const SRC = new URL("../../../src/", import.meta.url);

/** Files that a module runs, itself included; types cost nothing. */
function reach(file: string, seen: Set<string> = new Set()): Set<string> {
  const url = new URL(file, SRC);
  const name = fileURLToPath(url).slice(fileURLToPath(SRC).length);
  if (seen.has(name)) return seen;
  seen.add(name);
  // imports of types alone go, all others stay
  const tsconfigRaw = { compilerOptions: { verbatimModuleSyntax: true } };
  const { code } = transformSync(readFileSync(url, "utf8"), { loader: "ts", format: "esm", tsconfigRaw });
  for (const [, path] of code.matchAll(/\bfrom "(\.[^"]+)\.js"/g)) {
    reach(new URL(`${path}.ts`, url).href, seen);
  }
  return seen;
}

describe("a client whose checkpoint is a root", () => {
  it("runs nothing of the quorum, and knows no provider", () => {
    const files = reach("index.ts");
    expect([...files]).to.include.members(["client/establish.ts", "client/anchor.ts", "errors.ts"]);
    expect([...files].filter((file) => file.startsWith("checkpoint/"))).to.deep.equal([]);
  });

  it("is another thing than the quorum, which runs no client", () => {
    const files = [...reach("checkpoint/index.ts")];
    expect(files).to.include.members(["checkpoint/quorum.ts", "checkpoint/providers.ts", "transport/http.ts"]);
    expect(files.filter((file) => /^(client|bls|spec|store)\//.test(file))).to.deep.equal([]);
  });
});
