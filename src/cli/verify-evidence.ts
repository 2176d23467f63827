/** `sidelight verify-evidence <file>`: is it true that a sync committee contradicted itself? */
import { readFileSync, statSync } from "node:fs";
import { blstBls } from "../bls/blst/index.js";
import { isSidelightError, messageOf } from "../errors.js";
import { type Equivocation, type ProvenStatement, parseEvidence, verifyEquivocation } from "../evidence/index.js";
import { EXIT, type ExitCode, usageError } from "./failure.js";
import { resolveNetwork } from "./network.js";
import type { Terminal } from "./render/screen.js";
import type { Style } from "./render/style.js";
import { formatCount } from "./render/text.js";
import type { Verification } from "./settings.js";

/** Evidence has up to 500 KB. */
const MAX_FILE_BYTES = 4_194_304;

/** @throws OPTION_INVALID, EVIDENCE_MALFORMED for what cannot be read; what `verifyEquivocation` throws for what is not true */
export async function runVerification(
  settings: Verification,
  { out }: Pick<Terminal, "out">,
  style: Style,
  signal: AbortSignal,
): Promise<ExitCode> {
  const network = await resolveNetwork({ ...settings, beacons: [], timeoutMs: undefined }, signal);
  const evidence = parseEvidence(readText(settings.file));
  const bls = blstBls();
  await bls.ready();
  const proven = verifyEquivocation(evidence, { network, bls, trusted: settings.trusted });
  if (settings.json) out(`${JSON.stringify({ event: "verified", ...proven })}\n`);
  else for (const line of renderProven(style, proven)) out(`${line}\n`);
  return EXIT.done;
}

function readText(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > MAX_FILE_BYTES) throw usageError("file", `at most ${MAX_FILE_BYTES} bytes`, `${size}`);
    return readFileSync(path, "utf8");
  } catch (thrown) {
    throw isSidelightError(thrown) ? thrown : usageError("file", "a file that can be read", messageOf(thrown));
  }
}

const WHAT: Readonly<Record<Equivocation["kind"], string>> = {
  head: "two blocks of one slot were signed as the head: whoever proposed them, or who signed both in one slot, is at fault",
  finality:
    "two blocks that cannot both be final were signed as final: a third of the committee, or of all validators, is at fault",
  "next-committee": "two committees were signed as the next one of a period",
};

export function renderProven(style: Style, { kind, known, received, signedBoth }: Equivocation): string[] {
  const both =
    signedBoth === null
      ? "not known: not the same committee, or one of them was not signed"
      : `${signedBoth.length} members`;
  return [
    `${style.bold(style.red("✔"))} ${style.bold(kind)}: ${WHAT[kind]}`,
    ...renderStatement(style, "one", known),
    ...renderStatement(style, "other", received),
    `  ${style.dim("signed both".padEnd(12))}${both}`,
  ];
}

function renderStatement(
  style: Style,
  label: string,
  { slot, root, participants, restsOn }: ProvenStatement,
): string[] {
  const signed =
    participants === null ? "the trusted block says so" : `signed by ${participants.count} of ${participants.size}`;
  return [
    `  ${style.dim(label.padEnd(12))}slot ${formatCount(slot)}  ${root}  ${signed}`,
    `  ${" ".repeat(12)}${style.dim(`committee of period ${restsOn.committeePeriod}, ${restsOn.committeeRoot}`)}`,
    `  ${" ".repeat(12)}${style.dim(`in the state of block ${restsOn.blockRoot} (slot ${restsOn.blockSlot})`)}`,
  ];
}
