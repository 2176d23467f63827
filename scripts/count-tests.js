// How many tests a run had, from what it printed.
import { stripVTControlCharacters } from "node:util";

/**
 * What mocha ("12 passing (3s)", "1 failing", "2 pending") and Node's test runner ("# pass 12", "ℹ fail 1") say at the
 * end. A part may run several.
 */
export function countTests(output) {
  const text = stripVTControlCharacters(output);
  const sum = (...patterns) =>
    patterns.flatMap((pattern) => [...text.matchAll(pattern)]).reduce((total, [, count]) => total + Number(count), 0);
  return {
    passed: sum(/^ *(\d+) passing\b/gm, /^[#ℹ] pass (\d+)$/gm),
    failed: sum(/^ *(\d+) failing$/gm, /^[#ℹ] fail (\d+)$/gm),
    pending: sum(/^ *(\d+) pending$/gm, /^[#ℹ] (?:skipped|todo) (\d+)$/gm),
  };
}
