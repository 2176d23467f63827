import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { parseCommandLine } from "../../../src/cli/args.js";
import { keepEvidence } from "../../../src/cli/evidence-files.js";
import type { LightClientEvents } from "../../../src/client/types.js";
import { createEmitter } from "../../../src/events.js";
import { parseEvidence } from "../../../src/evidence/index.js";
import { type Contradictions, contradictionsOf } from "../../support/contradictions.js";
import { forgeAt } from "../../support/forges.js";

const ROOT = `0x${"ab".repeat(32)}`;

describe("keepEvidence", () => {
  let folder: string;
  let made: Contradictions;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "sidelight-evidence-"));
    made = contradictionsOf(await forgeAt("fulu"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** What is told when a committee contradicts itself. */
  function toldOf(into: string, network: string): { notes: string[]; warnings: string[] } {
    const emitter = createEmitter<LightClientEvents>(() => {});
    const notes: string[] = [];
    const warnings: string[] = [];
    const reporter = {
      note: (text: string) => void notes.push(text),
      warn: (text: string) => void warnings.push(text),
    };
    keepEvidence(emitter, into, network, reporter);
    emitter.emit("equivocation", () => made.evidence.finality);
    return { notes, warnings };
  }

  it("writes a file, and says the command that verifies it on the network it is of", () => {
    for (const network of ["mainnet", "sepolia", "config.yaml", "from-beacon"]) {
      const { notes, warnings } = toldOf(folder, network);
      expect(warnings).to.deep.equal([]);
      const [, command] = /: sidelight (.*)$/.exec(notes[0]!)!;
      const words = command!.replace("<root that you trust>", ROOT).replace("<file>", "config.yaml").split(" ");
      const invocation = parseCommandLine(words);
      if (invocation.kind !== "verify") throw new Error(`expected a verification, got ${invocation.kind}`);
      const named = network === "from-beacon" ? "config.yaml" : network;
      expect(invocation.verification).to.include({ network: named });
      expect(parseEvidence(readFileSync(invocation.verification.file, "utf8")).kind).to.equal("finality");
    }
  });

  it("says so where it cannot be written", () => {
    const { notes, warnings } = toldOf(join(process.execPath, "folder"), "mainnet");
    expect(notes).to.deep.equal([]);
    expect(warnings[0]).to.include("the evidence could not be written: ENOTDIR");
  });
});
