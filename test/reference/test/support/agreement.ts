/** Comparing verdicts: where the two may differ, why, and a count of what was compared. */
import { expect } from "chai";
import type { Item } from "../../src/client.js";
import type { Judgement, Pair } from "./pair.js";

/**
 * The allowed differences, in one direction: the library refuses what the reference accepts. Each is a check of the
 * specification that the reference has not, or a form of JSON that the Beacon API has not. By the code of the check.
 */
export const DIFFERENCES = {
  UPDATE_IRRELEVANT: "no news: the reference has no such check, of each header it keeps the newer",
  PERIOD_SKIPPED:
    "a signature two periods after what is final: the reference goes on with any next committee it was shown, finalized or not",
  NEXT_COMMITTEE_CONFLICT: "a second next committee for a period: the reference does not compare it with the known one",
  FINALIZED_HEADER_UNEXPECTED:
    "a finalized header that nothing proves: to the reference a header with a body root of zero is empty, whatever else it says",
  NEXT_COMMITTEE_UNEXPECTED:
    "a next committee that nothing proves: to the reference a committee with a first key of zero is empty, whatever the others are",
  EXECUTION_UNEXPECTED:
    "blob gas in a header from before Capella: the reference compares only the fields that Capella's empty header has",
  BRANCH_LENGTH_INVALID:
    "a branch to where a later fork has its leaf: to the reference the fork follows from the branch's length",
  FINALITY_BRANCH_INVALID: "a branch to where an earlier fork had its leaf: likewise",
  DECODE_FAILED: "forms of JSON that the Beacon API has not: numbers for strings, hex without 0x",
} as const satisfies Record<string, string>;

export type Difference = keyof typeof DIFFERENCES;

export interface Counts {
  accepted: number;
  refused: number;
  /** Accepted only here, being what both accept in a form that the reference cannot read. */
  sameInOtherForm: number;
  readonly refusedOnlyHere: Map<string, number>;
}

export function createCounts(): Counts {
  return { accepted: 0, refused: 0, sameInOtherForm: 0, refusedOnlyHere: new Map() };
}

/**
 * The two agree, or differ in an allowed way. The library accepts nothing that the reference refuses, unless it decodes
 * to the very object that both accept.
 *
 * @param original what it was made of, if both accept that
 */
export function assertAgreement(
  title: string,
  { item, ours, theirs }: Judgement,
  { counts, pair, original }: { readonly counts: Counts; readonly pair: Pair; readonly original?: Item },
): void {
  if (ours.accepted && theirs.accepted) {
    counts.accepted++;
  } else if (!ours.accepted && !theirs.accepted) {
    counts.refused++;
  } else if (ours.accepted) {
    const isSame = original !== undefined && pair.isSame(item, original);
    if (!isSame) expect.fail(`${title}: ACCEPTED HERE, refused by the reference: ${theirs.reason}`);
    counts.sameInOtherForm++;
  } else {
    const { code = "" } = ours;
    const isAllowed = Object.hasOwn(DIFFERENCES, code);
    if (!isAllowed) expect.fail(`${title}: accepted by the reference, refused here with ${code}: ${ours.reason}`);
    counts.refusedOnlyHere.set(code, (counts.refusedOnlyHere.get(code) ?? 0) + 1);
  }
}

/** One line for the end of a suite. */
export function describeCounts({ accepted, refused, sameInOtherForm, refusedOnlyHere }: Counts): string {
  const differences = [...refusedOnlyHere].map(([code, count]) => `${count} ${code}`).join(", ");
  const total = [...refusedOnlyHere.values()].reduce((sum, count) => sum + count, 0);
  return (
    `both accept ${accepted}, both refuse ${refused}; refused only here ${total} (${differences || "none"}); ` +
    `accepted only here, in a form that the reference cannot read, ${sameInOtherForm}`
  );
}
