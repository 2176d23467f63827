/** Each attack of docs/security.md names a test: it is there, under that name. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "chai";

const ROOT = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), "utf8");

/** Attack, file and title of each row. */
function rows(): { readonly attack: string; readonly file: string; readonly title: string }[] {
  const table = read("docs/security.md").split("<!-- attacks -->")[1]!.split("<!-- /attacks -->")[0]!;
  return table
    .trim()
    .split("\n")
    .slice(2)
    .map((row) => {
      const [, attack, , test] = row.split(/(?<!\\)\|/).map((cell) => cell.trim());
      const [, file, title] = /^`([^`]+)`: "(.*)"$/.exec(test!) ?? [];
      if (file === undefined || title === undefined) throw new Error(`no test is named in: ${row}`);
      return { attack: attack!, file, title: title.replaceAll('\\"', '"') };
    });
}

describe("the attacks of docs/security.md", () => {
  it("are many, each told once", () => {
    const attacks = rows().map(({ attack }) => attack);
    expect(attacks.length).to.be.at.least(25);
    expect(new Set(attacks).size).to.equal(attacks.length);
  });

  for (const { attack, file, title } of rows()) {
    it(`name a test that exists: ${attack}`, () => {
      expect(existsSync(fileURLToPath(new URL(file, ROOT))), file).to.equal(true);
      // as written there, template and all
      expect(read(file)).to.include(title);
    });
  }
});
