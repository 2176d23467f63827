import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { replaceFile } from "../../../src/cli/whole-file.js";

describe("replaceFile", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sidelight-whole-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("puts a file there, and another in its place", () => {
    const path = join(folder, "file");
    for (const content of ["first", Uint8Array.of(1, 2, 3)]) {
      replaceFile(path, content);
      expect(readFileSync(path)).to.deep.equal(Buffer.from(content));
    }
    expect(readdirSync(folder)).to.deep.equal(["file"]);
  });

  it("leaves what was there, and nothing of its own, where it cannot", () => {
    const path = join(folder, "place");
    mkdirSync(path);
    writeFileSync(join(path, "inside"), "kept");
    // a folder that is not empty is in the way of the file's name, as the last step finds
    expect(() => replaceFile(path, "new")).to.throw();
    expect(readFileSync(join(path, "inside"), "utf8")).to.equal("kept");
    expect(readdirSync(folder)).to.deep.equal(["place"]);
    expect(() => replaceFile(join(folder, "nowhere", "file"), "new")).to.throw(/ENOENT/);
  });
});
