// How many tests a run had, and which of them failed, from what it printed.
import { stripVTControlCharacters } from "node:util";

/**
 * What mocha ("12 passing (3s)", "1 failing", "2 pending"), Node's test runner ("# pass 12", "ℹ fail 1") and karma
 * ("TOTAL: 1 FAILED, 12 SUCCESS") say at the end. A part may run several.
 */
export function countTests(output) {
  const text = stripVTControlCharacters(output);
  const sum = (...patterns) =>
    patterns.flatMap((pattern) => [...text.matchAll(pattern)]).reduce((total, [, count]) => total + Number(count), 0);
  return {
    passed: sum(/^ *(\d+) passing\b/gm, /^[#ℹ] pass (\d+)$/gm, /^TOTAL: (?:\d+ FAILED, )?(\d+) SUCCESS$/gm),
    failed: sum(/^ *(\d+) failing$/gm, /^[#ℹ] fail (\d+)$/gm, /^TOTAL: (\d+) FAILED\b/gm),
    pending: sum(/^ *(\d+) pending$/gm, /^[#ℹ] (?:skipped|todo) (\d+)$/gm),
  };
}

/** At most so much of what failed is said again. */
const MAX_FAILURE_LINES = 120;

/** What a run said of its failures: mocha and Node tell them last, after "1 failing", karma each where it happened. */
export function findFailures(output) {
  const lines = stripVTControlCharacters(output).split("\n");
  const last = lines.findIndex((line) => /^ *\d+ failing$|^✖ failing tests:$/.test(line));
  // karma indents what a failed test threw by a tab
  const found = last < 0 ? lines.filter((line) => /\bFAILED\b|^\s*✖|\berror\b|^\t/i.test(line)) : lines.slice(last);
  return (found.length === 0 ? lines.slice(-MAX_FAILURE_LINES) : found.slice(0, MAX_FAILURE_LINES)).join("\n");
}
