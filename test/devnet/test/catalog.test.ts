import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { FAULT_KINDS, FAULTS, ROUTE_NAMES } from "../src/client.ts";

const README = readFileSync(new URL("../README.md", import.meta.url), "utf8");

function faultTable(): string {
  const rows = FAULT_KINDS.map((kind) => {
    const { doc, routes } = FAULTS[kind];
    return `| \`${kind}\` | ${doc} | ${routes ? routes.map((name) => `\`${name}\``).join(" ") : "all"} |`;
  });
  return ["| kind | what it does | where, if not told |", "| --- | --- | --- |", ...rows].join("\n");
}

/** The formatter aligns the columns of a table. */
function withoutPadding(table: string): string {
  return table.replaceAll(/ +/g, " ").replaceAll(/-{3,}/g, "---").trim();
}

describe("README.md", () => {
  it("lists the faults as they are defined", () => {
    const listed = /<!-- faults: .* -->\n([\s\S]*)\n<!-- \/faults -->/.exec(README)?.[1];
    assert.equal(withoutPadding(listed ?? ""), faultTable());
  });

  it("names every route", () => {
    const missing = ROUTE_NAMES.filter((name) => !README.includes(`\`${name}\``) && !README.includes(`\`${name}`));
    assert.deepEqual(
      missing.filter((name) => !["syncing", "health", "identity"].includes(name)),
      [],
    );
  });
});

describe("the tests", () => {
  it("try every kind of fault", () => {
    const folder = new URL("./", import.meta.url);
    const sources = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), "utf8"));
    const missing = FAULT_KINDS.filter((kind) => !sources.some((source) => source.includes(`kind: "${kind}"`)));
    assert.deepEqual(missing, []);
  });
});
