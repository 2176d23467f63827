import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { mustRunNode } from "../src/command.js";
import { REPOSITORY, temporaryFolder } from "../src/workspace.js";

const SOURCES = [
  "NOTICE",
  "package.json",
  "rollup.config.js",
  "scripts",
  "src",
  "tsconfig.base.json",
  "tsconfig.build.json",
] as const;

function hashesOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  return Object.fromEntries(
    files
      .filter((file) => statSync(join(folder, file)).isFile())
      .map((file) => [
        file,
        createHash("sha256")
          .update(readFileSync(join(folder, file)))
          .digest("hex"),
      ]),
  );
}

describe("the build", () => {
  it("gives the same bytes in another folder", async function () {
    this.timeout(300_000);
    const folder = temporaryFolder("build");
    for (const name of SOURCES) cpSync(join(REPOSITORY, name), join(folder, name), { recursive: true });
    symlinkSync(join(REPOSITORY, "node_modules"), join(folder, "node_modules"), "dir");
    await mustRunNode(["scripts/build.js"], { cwd: folder });
    const [ours, theirs] = [hashesOf(join(REPOSITORY, "dist")), hashesOf(join(folder, "dist"))];
    expect(Object.keys(theirs)).to.include.members(["index.js", "index.d.ts", "sidelight.min.js", "sri.json"]);
    expect(theirs).to.deep.equal(ours);
  });
});
