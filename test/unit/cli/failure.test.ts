import { expect } from "chai";
import { EXIT, exitCodeOf, failureOf, isRefusal } from "../../../src/cli/failure.js";
import { type ErrorCode, SidelightError } from "../../../src/errors.js";

function error(code: ErrorCode): SidelightError {
  return new SidelightError(code, code, {} as never);
}

function noSource(...codes: ErrorCode[]): SidelightError {
  const attempts = codes.map((code, i) => ({ source: `s${i}`, code, message: code }));
  return new SidelightError("NO_SOURCE_ANSWERED", "nobody", { request: "bootstrap", attempts });
}

describe("exitCodeOf", () => {
  const cases: [number, ErrorCode[]][] = [
    [EXIT.usage, ["OPTION_INVALID", "NETWORK_UNKNOWN", "NETWORK_CONFIG_INVALID", "CHECKPOINT_NOT_STORED"]],
    [
      EXIT.unverified,
      [
        "CHECKPOINT_TOO_OLD",
        "CHECKPOINT_DISAGREEMENT",
        "CLOCK_SKEWED",
        "HEAD_STALLED",
        "CATCH_UP_INCOMPLETE",
        "RESPONSE_INVALID",
      ],
    ],
    [EXIT.unanswered, ["NETWORK_FAILED", "REQUEST_TIMEOUT", "HTTP_STATUS", "NOT_AVAILABLE", "CHECKPOINT_NO_QUORUM"]],
    [EXIT.unexpected, ["PACKAGES_MISSING", "BLS_UNAVAILABLE", "STORE_FAILED", "UNEXPECTED", "CLIENT_STOPPED"]],
  ];
  for (const [exitCode, codes] of cases) {
    it(`is ${exitCode} for ${codes.join(", ")}`, () => {
      for (const code of codes) expect(exitCodeOf(error(code)), code).to.equal(exitCode);
    });
  }

  it("is 4 when no source gave anything", () => {
    expect(exitCodeOf(noSource())).to.equal(4);
    expect(exitCodeOf(noSource("NETWORK_FAILED", "HTTP_STATUS", "NOT_AVAILABLE", "REQUEST_TIMEOUT"))).to.equal(4);
  });

  it("is 3 when one of them gave something that did not hold", () => {
    const refusals: ErrorCode[] = ["SIGNATURE_INVALID", "DECODE_FAILED", "INPUT_TOO_LARGE", "UPDATE_FROM_FUTURE"];
    for (const code of refusals) expect(exitCodeOf(noSource("NETWORK_FAILED", code)), code).to.equal(3);
  });

  it("is 3 when what did not hold came before the last question", () => {
    expect(exitCodeOf(noSource("NETWORK_FAILED"), new Set<ErrorCode>(["SIGNATURE_INVALID"]))).to.equal(3);
    expect(exitCodeOf(noSource("NETWORK_FAILED"), new Set<ErrorCode>(["NETWORK_FAILED", "SNAPSHOT_INVALID"]))).to.equal(
      4,
    );
  });

  it("is 1 when the trouble is this program's", () => {
    expect(exitCodeOf(noSource("UNEXPECTED"))).to.equal(1);
    expect(exitCodeOf(new TypeError("x is not a function"))).to.equal(1);
    expect(exitCodeOf("thrown")).to.equal(1);
  });

  it("is that of a failed verification for every code of the protocol", () => {
    const protocol: ErrorCode[] = ["BOOTSTRAP_ROOT_MISMATCH", "NEXT_COMMITTEE_CONFLICT", "FORK_DIGEST_UNKNOWN"];
    for (const code of protocol) expect(isRefusal(code), code).to.equal(true);
  });
});

describe("failureOf", () => {
  it("keeps what an error of the library carries", () => {
    const thrown = new SidelightError("CLOCK_SKEWED", "off", { slot: 2, currentSlot: 1 });
    const { stack: _, ...rest } = failureOf(thrown);
    expect(rest).to.deep.equal({
      code: "CLOCK_SKEWED",
      message: "off",
      details: { slot: 2, currentSlot: 1 },
      exitCode: 3,
    });
  });

  it("calls anything else unexpected", () => {
    const failure = failureOf(new TypeError("x is not a function"));
    expect(failure).to.include({ code: "UNEXPECTED", message: "x is not a function", exitCode: 1 });
    expect(failure.stack).to.include("TypeError");
  });
});
