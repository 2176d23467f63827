import { expect } from "chai";
import fc from "fast-check";
import { BACKOFF_BASE_MS, BACKOFF_CAP_MS, backoffMs, parseRetryAfterMs } from "../../../src/transport/backoff.js";

describe("backoffMs", () => {
  it("doubles the ceiling each time, up to the cap", () => {
    const ceilings = [0, 1, 2, 3, 4, 5, 60].map((attempt) => backoffMs(attempt, () => 1));
    expect(ceilings).to.deep.equal([500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
  });

  it("spreads over the whole range", () => {
    expect(backoffMs(0, () => 0)).to.equal(0);
    expect(backoffMs(0, () => 0.5)).to.equal(BACKOFF_BASE_MS / 2);
  });

  it("stays in range whatever the random function gives", () => {
    const assertion = (attempt: number, spread: number) => {
      const delay = backoffMs(attempt, () => spread);
      return Number.isInteger(delay) && delay >= 0 && delay <= BACKOFF_CAP_MS;
    };
    fc.assert(fc.property(fc.nat(2_000), fc.double(), assertion));
  });
});

describe("parseRetryAfterMs", () => {
  const now = Date.UTC(1994, 10, 6, 8, 49, 0);

  it("reads seconds", () => {
    expect(parseRetryAfterMs("120", now)).to.equal(120_000);
    expect(parseRetryAfterMs(" 0 ", now)).to.equal(0);
  });

  it("reads an HTTP date, in both zoned forms of RFC 9110", () => {
    expect(parseRetryAfterMs("Sun, 06 Nov 1994 08:49:37 GMT", now)).to.equal(37_000);
    expect(parseRetryAfterMs("Sunday, 06-Nov-94 08:49:37 GMT", now)).to.equal(37_000);
  });

  it("gives 0 for a date in the past", () => {
    expect(parseRetryAfterMs("Sun, 06 Nov 1994 08:48:37 GMT", now)).to.equal(0);
  });

  it("stays a safe integer for an absurd number of seconds", () => {
    expect(parseRetryAfterMs("9".repeat(400), now)).to.equal(Number.MAX_SAFE_INTEGER);
  });

  it("ignores what is neither", () => {
    for (const value of [null, "", "soon", "-1", "1.5", "try 1", "Xxx, 99 Yyy 9999 99:99:99 GMT"]) {
      expect(parseRetryAfterMs(value, now), String(value)).to.equal(undefined);
    }
  });
});
