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
      checkpoint: { kind: "root", root: ROOT },
      beacons: [{ url: "http://a.example", headers: {} }],
      peers: [],
      listen: [],
      maxConnections: undefined,
      timeoutMs: undefined,
      store: undefined,
      at: undefined,
      maxCheckpointAgeSeconds: undefined,
      staleCheckpoint: undefined,
      forceUpdate: false,
      slots: undefined,
      forSeconds: undefined,
      evidence: undefined,
      metrics: undefined,
      json: false,
      verbose: false,
      color: true,
    });
  });

  it("serves this machine unless told otherwise, and others by as many addresses as are given", () => {
    expect(settingsOf(["serve", ...REQUIRED]).listen).to.deep.equal(["/ip4/127.0.0.1/tcp/9001/ws"]);
    const args = ["--listen", "a", "--listen", "b", "--max-connections", "7", "--metrics", ":1", "--for", "2"];
    const settings = settingsOf(["serve", ...REQUIRED, ...args]);
    expect(settings).to.deep.include({ listen: ["a", "b"], maxConnections: 7, forSeconds: 2 });
  });

  it("needs no beacon where there is a peer, but to be told the network by", () => {
    const args = ["follow", "--checkpoint", ROOT, "--peer", "enr:a"];
    expect(settingsOf(args)).to.deep.include({ beacons: [], peers: ["enr:a"] });
    const error = expectCode("OPTION_INVALID", () => parseCommandLine([...args, "--network", "from-beacon"]));
    expect(error).to.deep.include({ option: "--network", expected: "a name or a file where there is no --beacon" });
  });

  it("refuses options of other commands", () => {
    for (const args of [
      ["follow", "--listen", "a"],
      ["sync", "--max-connections", "2"],
      ["serve", "--at", "12"],
      ["sync", "--metrics", ":1"],
    ]) {
      const error = expectCode("OPTION_INVALID", () => parseCommandLine([args[0]!, ...REQUIRED, ...args.slice(1)]));
      expect(error).to.include({ option: args[1], actual: `it with ${args[0]}` });
    }
  });

  it("reads every option", () => {
    const args = [
      "--network=hoodi",
      "--beacon",
      "http://b.example",
      "--peer",
      "/dns4/c.example/tcp/443/wss",
      "--header",
      "X-Key: a:b",
      "--header",
      "y:1",
    ];
    args.push("--timeout", "2.5", "--store", "folder", "--at", "12", "--max-checkpoint-age", "3600", "--json");
    args.push(
      "--stale-checkpoint",
      "warn",
      "--force-update",
      "--slots",
      "3",
      "--for",
      "0.5",
      "--verbose",
      "--no-color",
    );
    args.push("--genesis-time", "1", "--genesis-validators-root", ROOT, "--metrics", "[::1]:9100");
    args.push("--evidence", "proofs");
    expect(settingsOf(["follow", ...REQUIRED, ...args])).to.deep.equal({
      command: "follow",
      network: "hoodi",
      genesisTime: "1",
      genesisValidatorsRoot: ROOT,
      checkpoint: { kind: "root", root: ROOT },
      beacons: [
        { url: "http://a.example", headers: {} },
        { url: "http://b.example", headers: { "X-Key": "a:b", y: "1" } },
      ],
      peers: ["/dns4/c.example/tcp/443/wss"],
      listen: [],
      maxConnections: undefined,
      timeoutMs: 2_500,
      store: "folder",
      at: { slot: 12 },
      maxCheckpointAgeSeconds: 3_600,
      staleCheckpoint: "warn",
      forceUpdate: true,
      slots: 3,
      forSeconds: 0.5,
      evidence: "proofs",
      metrics: { host: "::1", port: 9100 },
      json: true,
      verbose: true,
      color: false,
    });
  });

  it("reads a root in any case", () => {
    const upper = `0x${"AB".repeat(32)}`;
    expect(settingsOf(["sync", "--checkpoint", upper, "--beacon", "http://a.example"]).checkpoint).to.deep.equal({
      kind: "root",
      root: ROOT,
    });
  });

  describe("reads what is trusted", () => {
    const checkpointOf = (...args: string[]) =>
      settingsOf(["sync", "--beacon", "http://a.example", ...args]).checkpoint;
    const [A, B] = ["https://a.example/?key=1", "beta=http://b.example/x=y"];

    it("by quorum, of public providers or those that are named", () => {
      expect(checkpointOf("--checkpoint", "quorum")).to.deep.equal({
        kind: "quorum",
        providers: undefined,
        required: undefined,
      });
      const named = {
        kind: "quorum",
        providers: [{ url: A }, { url: "http://b.example/x=y", name: "beta", operator: "beta" }],
        required: 2,
      };
      const providers = ["--checkpoint-provider", A, "--checkpoint-provider", B, "--require", "2"];
      expect(checkpointOf(...providers)).to.deep.equal(named);
      expect(checkpointOf("--checkpoint", "quorum", ...providers)).to.deep.equal(named);
    });

    it("as stored", () => {
      expect(checkpointOf("--checkpoint", "stored", "--store", "folder")).to.deep.equal({ kind: "stored" });
    });

    const refusedCheckpoints: [string, string[], string][] = [
      ["stored without a store", ["--checkpoint", "stored"], "--checkpoint"],
      ["a quorum as of another time", ["--checkpoint", "quorum", "--at", "12"], "--checkpoint"],
      ["providers beside a root", ["--checkpoint", ROOT, "--checkpoint-provider", A], "--checkpoint-provider"],
      ["a number beside a root", ["--checkpoint", ROOT, "--require", "2"], "--require"],
      ["a number beside stored", ["--checkpoint", "stored", "--store", "x", "--require", "2"], "--require"],
      ["a number alone", ["--require", "2"], "--require"],
      ["a number that is none", ["--checkpoint", "quorum", "--require", "most"], "--require"],
      ["none needed", ["--checkpoint", "quorum", "--require", "0"], "--require"],
      ["another word", ["--checkpoint", "Quorum"], "--checkpoint"],
      ["an unknown policy", ["--checkpoint", "quorum", "--stale-checkpoint", "yes"], "--stale-checkpoint"],
    ];
    for (const [name, args, option] of refusedCheckpoints) {
      it(`refuses ${name}`, () => {
        expect(expectCode("OPTION_INVALID", () => checkpointOf(...args)).option).to.equal(option);
      });
    }
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

  it("refuses what a timer cannot wait for: it would end at once, or long before its time", () => {
    for (const option of ["--for", "--timeout"]) {
      const args = ["follow", ...REQUIRED, option];
      const details = expectCode("OPTION_INVALID", () => parseCommandLine([...args, "2147484"]));
      expect(details).to.deep.equal({ option, expected: "at most 2147483 seconds", actual: '"2147484"' });
      expect(parseCommandLine([...args, "2147483"]).kind).to.equal("run");
    }
  });

  it("names every command to whoever types another one, and says where those stand that read their own options", () => {
    const { expected } = expectCode("OPTION_INVALID", () => parseCommandLine(["watch"]));
    const general = helpText("general", createStyle(false));
    const known = new Set([...general.matchAll(/^ {2}sidelight ([a-z][a-z-]*)/gm)].map(([, word]) => word));
    expect(expected.split(" or ")).to.have.members([...known].filter((word) => word !== "help"));
    expect(expected.split(" or ")).to.have.length(7);
    const details = expectCode("OPTION_INVALID", () => parseCommandLine(["--json", "prove"]));
    expect(details).to.include({ expected: "prove as the first word" });
  });

  it("says in one line what is wrong with it", () => {
    const { actual } = expectCode("OPTION_INVALID", () => parseCommandLine(["sync", "--beacon", "--beacon", "a"]));
    expect(actual).to.equal("option '--beacon' argument is ambiguous");
  });

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
  const texts = { sync: helpText("sync", plain), follow: helpText("follow", plain), serve: helpText("serve", plain) };

  it("explains every option where it can be used", () => {
    for (const name of Object.keys(OPTIONS)) {
      const explained = new RegExp(`^ {2}.*--${name}\\b`, "m");
      if (name === "committee") expect(helpText("verify-evidence", plain)).to.match(explained);
      else if (["listen", "max-connections"].includes(name)) expect(texts.serve).to.match(explained);
      else expect(texts.follow, name).to.match(explained);
      if (name !== "committee" && name !== "at") expect(texts.serve, name).to.match(explained);
      if (!["slots", "for", "metrics", "committee", "listen", "max-connections"].includes(name))
        expect(texts.sync, name).to.match(new RegExp(`^ {2}.*--${name}\\b`, "m"));
    }
  });

  it("knows no option that does not exist", () => {
    for (const [, name] of `${texts.sync}${texts.follow}${texts.serve}${helpText("general", plain)}`.matchAll(
      /(?<!\S)--([a-z-]+)/g,
    )) {
      expect(Object.keys(OPTIONS)).to.include(name);
    }
  });

  it("fits a terminal of 120 columns", () => {
    const all = [...Object.values(texts), helpText("general", plain), helpText("verify-evidence", plain)];
    for (const line of all.join("\n").split("\n")) expect(line.length, line).to.be.at.most(120);
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

describe("parseCommandLine for verify-evidence", () => {
  const OTHER = `0x${"CD".repeat(32)}`;

  it("reads a file and every root that is trusted", () => {
    const args = [
      "verify-evidence",
      "a.json",
      "--checkpoint",
      ROOT,
      "--committee",
      OTHER,
      "--network",
      "hoodi",
      "--json",
    ];
    expect(parseCommandLine(args)).to.deep.equal({
      kind: "verify",
      verification: {
        file: "a.json",
        trusted: [OTHER.toLowerCase(), ROOT],
        network: "hoodi",
        genesisTime: undefined,
        genesisValidatorsRoot: undefined,
        json: true,
        color: true,
      },
    });
  });

  for (const [what, args] of [
    ["no file", ["--checkpoint", ROOT]],
    ["two files", ["a", "b", "--checkpoint", ROOT]],
    ["nothing that is trusted", ["a"]],
    ["a checkpoint that is no root", ["a", "--checkpoint", "quorum"]],
    ["a committee that is no root", ["a", "--committee", "0x12"]],
    ["a server to ask", ["a", "--checkpoint", ROOT, "--beacon", "http://a.example"]],
    ["a network from a server", ["a", "--checkpoint", ROOT, "--network", "from-beacon"]],
  ] as const) {
    it(`refuses ${what}`, () => {
      expectCode("OPTION_INVALID", () => parseCommandLine(["verify-evidence", ...args]));
    });
  }

  it("refuses its committee elsewhere", () => {
    expectCode("OPTION_INVALID", () => parseCommandLine(["sync", ...REQUIRED, "--committee", ROOT]));
  });
});
