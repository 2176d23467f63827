import { expect } from "chai";
import { PROOF_HELP, PROOF_OPTIONS, parseProofArgs } from "../../../src/cli/proof-args.js";
import { expectCode } from "../../support/expect-code.js";

const ROOT = `0x${"ab".repeat(32)}`;
const PROVE = ["--checkpoint", ROOT, "--beacon", "http://a.example", "-o", "file"];
const VERIFY = ["--checkpoint", ROOT, "file"];

describe("parseProofArgs", () => {
  it("reads what to prove, and whom to ask", () => {
    const args = ["--path", "validators.12.slashed", "--account", "0x12", "--rpc", "http://b.example", "--slot", "7"];
    expect(parseProofArgs("prove", [...PROVE, ...args])).to.deep.include({
      checkpoint: ROOT,
      beacons: [{ url: "http://a.example", headers: {} }],
      rpcs: ["http://b.example"],
      paths: [["validators", 12, "slashed"]],
      account: "0x12",
      slots: [`0x${"7".padStart(64, "0")}`],
      timeoutMs: undefined,
      file: "file",
    });
    const more = parseProofArgs("prove", [...PROVE, "--header", "X-Key: a", "--timeout", "60"]);
    expect(more).to.deep.include({
      beacons: [{ url: "http://a.example", headers: { "X-Key": "a" } }],
      timeoutMs: 60_000,
    });
  });

  it("takes no option that verify would not look at: what was asked for would seem to be proven", () => {
    for (const args of [
      ["--path", "validators.12.slashed"],
      ["--account", "0x12"],
      ["--slot", "7"],
      ["--rpc", "http://b.example"],
      ["--beacon", "http://a.example"],
      ["--max-state-bytes", "1"],
      ["--header", "a: b"],
      ["--timeout", "1"],
      ["--output", "other"],
    ]) {
      const details = expectCode("OPTION_INVALID", () => parseProofArgs("verify", [...VERIFY, ...args]));
      expect(details).to.deep.equal({ option: args[0], expected: "it with prove only", actual: "it with verify" });
    }
  });

  it("refuses an option that is there twice: of two checkpoints, which is trusted?", () => {
    for (const [command, args] of [
      ["verify", VERIFY],
      ["prove", PROVE],
    ] as const) {
      const other = ["--checkpoint", `0x${"cd".repeat(32)}`];
      const details = expectCode("OPTION_INVALID", () => parseProofArgs(command, [...args, ...other]));
      expect(details).to.deep.equal({ option: "--checkpoint", expected: "it once", actual: "it twice" });
    }
  });

  it("refuses an execution node that nothing is asked of", () => {
    const details = expectCode("OPTION_INVALID", () =>
      parseProofArgs("prove", [...PROVE, "--rpc", "http://b.example"]),
    );
    expect(details).to.include({ option: "--account", expected: "an address, for --rpc" });
  });

  it("takes what every command takes", () => {
    for (const flag of ["--json", "--verbose", "--no-color"]) {
      expect(parseProofArgs("verify", [...VERIFY, flag]).file).to.equal("file");
    }
  });

  it("is explained option by option, in 120 columns", () => {
    for (const name of Object.keys(PROOF_OPTIONS)) {
      if (name !== "help") expect(PROOF_HELP).to.match(new RegExp(`^ {2}.*--${name}\\b`, "m"));
    }
    for (const [, name] of PROOF_HELP.matchAll(/(?<!\S)--([a-z-]+)/g)) {
      expect(Object.keys(PROOF_OPTIONS)).to.include(name);
    }
    for (const line of PROOF_HELP.split("\n")) expect(line.length, line).to.be.at.most(120);
  });
});
