import { expect } from "chai";
import { OPTIONS, parseAsOf, parseCommandLine } from "../../../src/cli/args.js";
import { helpText } from "../../../src/cli/help-text.js";
import { createStyle } from "../../../src/cli/render/style.js";
import type { Settings } from "../../../src/cli/settings.js";
import { expectCode } from "../../support/expect-code.js";

const ROOT = `0x${"ab".repeat(32)}`;
const REQUIRED = ["--checkpoint", ROOT, "--beacon", "http://a.example"];

function settingsOf(args: readonly string[]): Settings {
  const invocation = parseCommandLine(args);
  if (invocation.kind !== "run") throw new Error(`expected settings, got ${invocation.kind}`);
  return invocation.settings;
}

describe("parseCommandLine", () => {
  it("needs a command, a checkpoint and a beacon, and leaves the rest at its default", () => {
    expect(settingsOf(["sync", ...REQUIRED])).to.deep.equal({
      command: "sync",
      network: "mainnet",
      genesisTime: undefined,
      genesisValidatorsRoot: undefined,
      checkpoint: ROOT,
      beacons: ["http://a.example"],
      headers: {},
      timeoutMs: undefined,
      store: undefined,
      at: undefined,
      maxCheckpointAgeSeconds: undefined,
      allowStaleCheckpoint: false,
      forceUpdate: false,
      slots: undefined,
      forSeconds: undefined,
      json: false,
      verbose: false,
      color: true,
    });
  });

  it("reads every option", () => {
    const args = ["--network=hoodi", "--beacon", "http://b.example", "--header", "X-Key: a:b", "--header", "y:1"];
    args.push("--timeout", "2.5", "--store", "folder", "--at", "12", "--max-checkpoint-age", "3600", "--json");
    args.push("--allow-stale-checkpoint", "--force-update", "--slots", "3", "--for", "0.5", "--verbose", "--no-color");
    args.push("--genesis-time", "1", "--genesis-validators-root", ROOT);
    expect(settingsOf(["follow", ...REQUIRED, ...args])).to.deep.equal({
      command: "follow",
      network: "hoodi",
      genesisTime: "1",
      genesisValidatorsRoot: ROOT,
      checkpoint: ROOT,
      beacons: ["http://a.example", "http://b.example"],
      headers: { "X-Key": "a:b", y: "1" },
      timeoutMs: 2_500,
      store: "folder",
      at: { slot: 12 },
      maxCheckpointAgeSeconds: 3_600,
      allowStaleCheckpoint: true,
      forceUpdate: true,
      slots: 3,
      forSeconds: 0.5,
      json: true,
      verbose: true,
      color: false,
    });
  });

  it("reads a root in any case", () => {
    const upper = `0x${"AB".repeat(32)}`;
    expect(settingsOf(["sync", "--checkpoint", upper, "--beacon", "http://a.example"]).checkpoint).to.equal(ROOT);
  });

  it("tells help of a command from that of all, wherever it stands", () => {
    for (const args of [
      ["help", "sync"],
      ["sync", "--help"],
      ["-h", "sync"],
    ]) {
      expect(parseCommandLine(args)).to.deep.equal({ kind: "help", topic: "sync" });
    }
    for (const args of [["help"], ["--help"]]) {
      expect(parseCommandLine(args)).to.deep.equal({ kind: "help", topic: "general" });
    }
    expect(parseCommandLine(["-V"])).to.deep.equal({ kind: "version" });
  });

  it("refuses an option that is there twice, unless it may be", () => {
    const details = expectCode("OPTION_INVALID", () => parseCommandLine(["sync", ...REQUIRED, "--checkpoint", ROOT]));
    expect(details).to.deep.equal({ option: "--checkpoint", expected: "it once", actual: "it twice" });
  });

  const refused: [string, string[]][] = [
    ["a second word", ["now"]],
    ["a root of zeroes", ["--checkpoint", `0x${"00".repeat(32)}`]],
    ["a number that is none", ["--timeout", "soon"]],
    ["no time at all", ["--timeout", "0"]],
    ["an exponent", ["--max-checkpoint-age", "1e9"]],
    ["a header without a name", ["--header", ": value"]],
    ["a header without a colon", ["--header", "secret"]],
    ["an empty store", ["--store", ""]],
    ["an option without its value", ["--at"]],
    ["a value for what has none", ["--json=yes"]],
  ];
  for (const [name, args] of refused) {
    it(`refuses ${name}`, () => {
      const required = args[0] === "--checkpoint" ? ["--beacon", "http://a.example"] : REQUIRED;
      expectCode("OPTION_INVALID", () => parseCommandLine(["sync", ...required, ...args]));
    });
  }

  it("never repeats what may be a key", () => {
    const details = expectCode("OPTION_INVALID", () => parseCommandLine(["sync", ...REQUIRED, "--header", "secret"]));
    expect(JSON.stringify(details)).not.to.include("secret");
  });

  it("refuses parts of a slot", () => {
    expectCode("OPTION_INVALID", () => parseCommandLine(["follow", ...REQUIRED, "--slots", "1.5"]));
  });
});

describe("parseAsOf", () => {
  it("reads slots and times", () => {
    expect(parseAsOf("0")).to.deep.equal({ slot: 0 });
    expect(parseAsOf("7109432")).to.deep.equal({ slot: 7_109_432 });
    expect(parseAsOf("2024-02-29")).to.deep.equal({ unixMs: Date.UTC(2024, 1, 29) });
    expect(parseAsOf("2024-02-29T12:30Z")).to.deep.equal({ unixMs: Date.UTC(2024, 1, 29, 12, 30) });
    expect(parseAsOf("2024-02-29T12:30:15.5+02:00")).to.deep.equal({ unixMs: Date.UTC(2024, 1, 29, 10, 30, 15, 500) });
  });

  for (const text of [
    "",
    "-1",
    "01",
    "1.5",
    "0x10",
    "2023-02-29",
    "2024-13-01",
    "2024-02-29T12:30",
    "29.2.2024",
    "now",
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expectCode("OPTION_INVALID", () => parseAsOf(text));
    });
  }
});

describe("helpText", () => {
  const plain = createStyle(false);
  const texts = { sync: helpText("sync", plain), follow: helpText("follow", plain) };

  it("explains every option where it can be used", () => {
    for (const name of Object.keys(OPTIONS)) {
      expect(texts.follow, name).to.match(new RegExp(`^ {2}.*--${name}\\b`, "m"));
      if (name !== "slots" && name !== "for") expect(texts.sync, name).to.match(new RegExp(`^ {2}.*--${name}\\b`, "m"));
    }
  });

  it("knows no option that does not exist", () => {
    for (const [, name] of `${texts.sync}${texts.follow}${helpText("general", plain)}`.matchAll(
      /(?<!\S)--([a-z-]+)/g,
    )) {
      expect(Object.keys(OPTIONS)).to.include(name);
    }
  });

  it("fits a terminal of 120 columns", () => {
    for (const line of `${texts.sync}\n${texts.follow}`.split("\n")) expect(line.length, line).to.be.at.most(120);
  });

  it("has examples that parse", () => {
    for (const text of Object.values(texts)) {
      const examples = [...text.matchAll(/^ {2}\$ sidelight (.*?)(?: \| .*)?$/gm)].map(([, command]) => command!);
      expect(examples).to.have.length(3);
      for (const example of examples) {
        expect(parseCommandLine(example.replaceAll("0x…", ROOT).split(" ")).kind).to.equal("run");
      }
    }
  });
});
