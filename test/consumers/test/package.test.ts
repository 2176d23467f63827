import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { expect } from "chai";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { modulesOf, openWorkspace, type Workspace } from "../src/workspace.js";

/**
 * The package is ES modules alone. In TypeScript's oldest mode ("node10") there are no subpaths; and a CommonJS program
 * gets modules by `require` only from the Node versions that `engines` names.
 */
const MEANT = ["NoResolution:node10", "CJSResolvesToESM:node16-cjs"];

describe("the package", function () {
  this.timeout(60_000);
  let workspace: Workspace;

  before(() => {
    workspace = openWorkspace();
  });

  it("is as publint wants it", async () => {
    const { messages, pkg } = await publint({ pkgDir: workspace.packageFolder, pack: false, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).to.deep.equal([]);
  });

  it("has types that are not wrong", async () => {
    const tarball = createPackageFromTarballData(new Uint8Array(readFileSync(workspace.tarball)));
    const entrypoints = modulesOf(workspace.manifest).map((module) => module.replace("sidelight", "."));
    const result = await checkPackage(tarball, { entrypoints });
    if (result.types === false) throw new Error("attw found no types");
    const problems = result.problems.map((problem) => {
      const where = "resolutionKind" in problem ? problem.resolutionKind : "";
      const entry = "entrypoint" in problem ? problem.entrypoint : "";
      return { kind: `${problem.kind}:${where}`, entry };
    });
    expect(problems.filter(({ kind }) => !MEANT.includes(kind))).to.deep.equal([]);
  });

  it("names types first for every module", () => {
    for (const [subpath, target] of Object.entries(workspace.manifest.exports)) {
      if (typeof target !== "string") expect(Object.keys(target)[0], subpath).to.equal("types");
    }
  });

  it("holds what it needs and no more", () => {
    const { packageFolder } = workspace;
    expect(readdirSync(packageFolder).filter((name) => name !== "node_modules")).to.have.members([
      "CHANGELOG.md",
      "LICENSE",
      "NOTICE",
      "README.md",
      "SECURITY.md",
      "bin",
      "dist",
      "docs",
      "package.json",
      "src",
    ]);
    const files = readdirSync(packageFolder, { recursive: true, encoding: "utf8" });
    expect(files.filter((file) => /\.test\.|tsbuildinfo|node_modules/.test(file))).to.deep.equal([]);
  });

  it("has no file in dist/ that no source stands behind", () => {
    const { packageFolder } = workspace;
    const sources = new Set(readdirSync(join(packageFolder, "src"), { recursive: true, encoding: "utf8" }));
    const made = readdirSync(join(packageFolder, "dist"), { recursive: true, encoding: "utf8" });
    const orphans = made.filter(
      (file) => /\.(js|d\.ts)$/.test(file) && !sources.has(file.replace(/(\.d\.ts|\.js)$/, ".ts")),
    );
    // cli/shared.js: what both files of the command line have in common
    expect(orphans).to.have.members(["cli/shared.js", "sidelight.min.js"]);
  });
});
