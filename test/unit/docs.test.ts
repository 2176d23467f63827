/**
 * What is written for users, as far as it can be held against the code without running it: links, names, commands, options,
 * events. The table of docs/errors.md is written by this test with SIDELIGHT_WRITE=1.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { parseCommandLine } from "../../src/cli/args.js";
import { exitCodeOf } from "../../src/cli/failure.js";
import { parseHealth } from "../../src/cli/health/settings.js";
import { parseProofArgs } from "../../src/cli/proof-args.js";
import type { LightClientEvents } from "../../src/client/types.js";
import { type ErrorCode, SidelightError } from "../../src/errors.js";
import { mainnet } from "../../src/networks/index.js";
import { resolveOptions } from "../../src/options.js";
import type { Source } from "../../src/transport/port.js";
import { type RestSourceOptions, resolveRestOptions } from "../../src/transport/rest-options.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const FILES = textsIn("");
const MANIFEST = JSON.parse(read("package.json")) as {
  scripts: Record<string, string>;
  exports: Record<string, unknown>;
};
const HASH = `0x${"ab".repeat(32)}`;

/** Every text of the repository, and none of its packages'. */
function textsIn(folder: string): string[] {
  const built = ["node_modules", "dist", "dist-test", "coverage", "screenshots"];
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return built.includes(entry.name) || entry.name.startsWith(".") ? [] : textsIn(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

const withoutCode = (text: string) => text.replace(/^ *```.*?^ *```/gms, "");
const codeIn = (path: string, language: string) =>
  [...read(path).matchAll(new RegExp(`^ *\`\`\`${language}\n(.*?)^ *\`\`\``, "gms"))].map(([, code]) => code!);

/** As GitHub makes them of a heading. */
function anchorsOf(path: string): Set<string> {
  const headings = [...withoutCode(read(path)).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading!);
  return new Set(
    headings.map((heading) =>
      heading
        .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_ -]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

describe("what is written for users", () => {
  for (const file of FILES) {
    it(`${file} links to what is there`, () => {
      const text = withoutCode(read(file));
      for (const [, link, source] of text.matchAll(/\]\(([^)\s]+)\)|src="([^"]+)"/g)) {
        const [path, anchor] = (link ?? source)!.split("#") as [string, string?];
        if (/^[a-z]+:/.test(path)) continue;
        const target = path === "" ? file : normalize(join(dirname(file), path));
        expect(existsSync(join(ROOT, target)), `${link ?? source}`).to.equal(true);
        if (anchor !== undefined) expect([...anchorsOf(target)], `${link}`).to.include(anchor);
      }
    });
  }

  it("names entries of the package that there are", () => {
    for (const file of FILES) {
      for (const [, entry] of read(file).matchAll(/["`]sidelight\/([\w/.-]*\w)["`]/g))
        expect(MANIFEST.exports, file).to.have.property(`./${entry}`);
    }
  });

  it("names scripts that there are", () => {
    for (const file of FILES.filter((path) => !path.startsWith("test/"))) {
      const text = read(file);
      for (const [, script] of text.matchAll(/npm run ([a-z:]+)(?![^\n]*examples)/g)) {
        if (script === "dev") continue; // of an example
        expect(MANIFEST.scripts, file).to.have.property(script!);
      }
      for (const [, script] of text.matchAll(/`(test:[a-z]+)`/g))
        expect(MANIFEST.scripts, file).to.have.property(script!);
    }
  });

  it("has commands that can be typed", () => {
    const commands = FILES.flatMap((file) =>
      codeIn(file, "sh").flatMap((code) =>
        [...code.replaceAll("\\\n", " ").matchAll(/^ *(?:npx )?sidelight (.*)$/gm)].map(([, words]) => words!),
      ),
    );
    for (const line of commands) {
      const typed = line
        .replace(/ *(#|>|\|).*$/, "")
        .replace(" … ", ` --checkpoint ${HASH} --beacon https://a.example `)
        .replaceAll(/0x…/g, HASH)
        .trim()
        .split(/ +/);
      const [command, ...rest] = typed;
      if (command === "prove" || command === "verify") parseProofArgs(command, rest);
      else if (command === "health") expect(parseHealth(rest), line).not.to.equal(null);
      else expect(parseCommandLine(typed).kind, line).to.be.oneOf(["run", "verify", "help"]);
    }
    expect(commands.length).to.be.at.least(12);
  });
});

/** Cells of the table below `heading`, row by row. */
function tableBelow(path: string, heading: string): string[][] {
  const section = read(path).split(`\n## ${heading}\n`)[1]!;
  const rows = /(?:^\|.*\|\n)+/m.exec(section)![0].trim().split("\n").slice(2);
  return rows.map((row) =>
    row
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
}

describe("docs/client.md", () => {
  const nobody = async () => {
    throw new Error("nobody is asked");
  };
  const source: Source = {
    name: "a",
    bootstrap: nobody,
    updates: nobody,
    finalityUpdate: nobody,
    optimisticUpdate: nobody,
  };

  it("has every option, with its default", () => {
    const resolved = resolveOptions({ network: mainnet, checkpoint: HASH, sources: [source] });
    const rows = new Map(tableBelow("docs/client.md", "Options").map(([name, text]) => [name!, text!]));
    expect([...rows.keys()]).to.have.members(Object.keys(resolved).map((name) => `\`${name}\``));
    const defaults: Partial<Record<keyof typeof resolved, string>> = {
      maxCheckpointAgeSeconds: "the network's weak-subjectivity period, at most 14 days",
      maxHeadAgeSlots: `one epoch (${resolved.maxHeadAgeSlots} on mainnet)`,
      clockToleranceMs: resolved.clockToleranceMs.toLocaleString("en"),
      maxBytesPerHour: resolved.maxBytesPerHour === Number.POSITIVE_INFINITY ? "no limit" : "",
      staleCheckpoint: `\`"${resolved.staleCheckpoint}"\``,
      whenHidden: `\`"${resolved.whenHidden}"\``,
      forceUpdate: `\`${resolved.forceUpdate}\``,
    };
    expect(resolved.maxCheckpointAgeSeconds).to.equal(null);
    for (const [name, text] of Object.entries(defaults)) expect(rows.get(`\`${name}\``), name).to.equal(text);
  });

  it("has every option of restSource, with its default", () => {
    const resolved = resolveRestOptions("https://a.example:1", {});
    const names: Record<keyof RestSourceOptions, true> = {
      ...{ name: true, headers: true, timeoutMs: true, retries: true, encodings: true, streamIdleMs: true },
      ...{ fetch: true, clock: true, random: true },
    };
    const rows = new Map(tableBelow("docs/client.md", "Sources").map(([name, text]) => [name!, text!]));
    expect([...rows.keys()]).to.have.members(Object.keys(names).map((name) => `\`${name}\``));
    for (const name of ["timeoutMs", "retries", "streamIdleMs"] as const)
      expect(rows.get(`\`${name}\``), name).to.equal(resolved[name].toLocaleString("en"));
    expect(resolved).to.include({ name: "a.example:1", jsonOnly: false });
    expect(resolved.headers).to.deep.equal({});
  });

  it("has every event", () => {
    const events: Record<keyof LightClientEvents, true> = {
      ...{ head: true, finality: true, participation: true, committee: true, reorg: true, status: true, peer: true },
      ...{ "forced-update": true, woke: true, checkpoint: true, store: true, equivocation: true, error: true },
    };
    const rows = tableBelow("docs/client.md", "Events").map(([name]) => name!);
    expect(rows).to.have.members(Object.keys(events).map((name) => `\`${name}\``));
  });
});

describe("docs/errors.md", () => {
  const TABLE = /(<!-- errors: test\/unit\/docs\.test\.ts -->\n)(.*)(<!-- \/errors -->)/s;

  it("has every code, as src/errors.ts explains it", () => {
    const text = read("docs/errors.md");
    const tables = `\n${tablesOfErrors().join("\n\n")}\n\n`;
    if (process.env["SIDELIGHT_WRITE"] === "1") {
      writeFileSync(
        join(ROOT, "docs/errors.md"),
        text.replace(TABLE, (_, a, _b, c) => a + tables + c),
      );
    } else expect(TABLE.exec(text)?.[2]).to.equal(tables);
  });

  it("names codes that there are", () => {
    const codes = [...interfaceOfErrors().matchAll(/^ {2}([A-Z_]+): \{/gm)].map(([, code]) => code!);
    expect(codes.length).to.be.above(70);
    for (const file of FILES.filter((path) => path !== "CHANGELOG.md")) {
      // a code is what is in capitals and alone; settings of the environment and of a chain look alike
      for (const [, code] of read(file).matchAll(
        /`([A-Z]+(?:_[A-Z]+)*_(?:INVALID|MISMATCH|FAILED|MISSING|UNAVAILABLE))`/g,
      ))
        expect(codes, file).to.include(code);
    }
  });
});

function interfaceOfErrors(): string {
  return /export interface ErrorDetails \{\n(.*?)^\}/ms.exec(read("src/errors.ts"))![1]!;
}

function tablesOfErrors(): string[] {
  const [, ...sections] = interfaceOfErrors().split(/^ {2}\/\/ --- /m);
  return sections.map((section) => {
    const title = /^(.*) ---$/m.exec(section)![1]!;
    const rows = [...section.matchAll(/^ {2}\/\*\*(.*?)\*\/\n {2}([A-Z_]+): \{/gms)].map(([, doc, code]) => {
      const meaning = doc!.replace(/\s*\n\s*\*?\s*/g, " ").trim();
      return [`\`${code}\``, meaning.replaceAll("|", "\\|"), exitCodes(code as ErrorCode)];
    });
    return `## ${title.charAt(0).toUpperCase()}${title.slice(1)}\n\n${tableOf([["code", "what it means", "exit"], ...rows])}`;
  });
}

/** By what its attempts say: the sum of what sources did. */
function exitCodes(code: ErrorCode): string {
  if (code === "NO_SOURCE_ANSWERED") return "3, 4";
  return String(exitCodeOf(new SidelightError(code, "", {} as never)));
}

function tableOf([head, ...rows]: readonly (readonly string[])[]): string {
  const widths = head!.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  return [line(head!), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...rows.map(line)].join("\n");
}
