import { expect } from "chai";
import {
  describeValue,
  type ErrorJson,
  errorFromJson,
  isSidelightError,
  messageOf,
  SidelightError,
} from "../../src/errors.js";

const error = () =>
  new SidelightError(
    "PARTICIPATION_TOO_LOW",
    "too few",
    { participants: 1, required: 2, size: 32 },
    { cause: new Error("why") },
  );

describe("SidelightError", () => {
  it("is an Error with an explicit name, a code, details and a cause", () => {
    const thrown = error();
    expect(thrown).to.be.instanceOf(Error);
    expect(thrown.name).to.equal("SidelightError");
    expect(thrown.code).to.equal("PARTICIPATION_TOO_LOW");
    expect(thrown.details).to.deep.equal({ participants: 1, required: 2, size: 32 });
    expect((thrown.cause as Error).message).to.equal("why");
    expect(String(thrown)).to.equal("SidelightError: too few");
  });

  it("keeps its name when the class is renamed, as minifiers do", () => {
    class Renamed extends SidelightError {}
    const thrown = new Renamed("BLS_NOT_READY", "not ready", { backend: "x" });
    expect(thrown.name).to.equal("SidelightError");
    expect(isSidelightError(thrown)).to.equal(true);
  });

  it("has no cause when none is given", () => {
    expect("cause" in new SidelightError("BLS_NOT_READY", "not ready", { backend: "x" })).to.equal(false);
  });

  it("goes through JSON and back without loss", () => {
    const json = JSON.parse(JSON.stringify(error())) as ErrorJson;
    expect(json).to.deep.equal({
      name: "SidelightError",
      code: "PARTICIPATION_TOO_LOW",
      message: "too few",
      details: { participants: 1, required: 2, size: 32 },
    });
    const back = errorFromJson(json);
    expect(isSidelightError(back, "PARTICIPATION_TOO_LOW")).to.equal(true);
    expect(back.toJSON()).to.deep.equal(json);
  });
});

describe("isSidelightError", () => {
  it("tells the code", () => {
    expect(isSidelightError(error())).to.equal(true);
    expect(isSidelightError(error(), "PARTICIPATION_TOO_LOW")).to.equal(true);
    expect(isSidelightError(error(), "BLS_NOT_READY")).to.equal(false);
  });

  it("knows an error of another copy of the library", () => {
    const foreign = Object.assign(new Error("x"), { name: "SidelightError", code: "BLS_NOT_READY", details: {} });
    expect(isSidelightError(foreign, "BLS_NOT_READY")).to.equal(true);
  });

  it("refuses what only looks like one", () => {
    const lookalikes = [
      null,
      undefined,
      "SidelightError",
      new Error("x"),
      Object.assign(new Error("x"), { name: "SidelightError" }),
      { name: "SidelightError", code: "BLS_NOT_READY", message: "x" },
    ];
    for (const lookalike of lookalikes) expect(isSidelightError(lookalike)).to.equal(false);
  });
});

describe("describeValue", () => {
  for (const [value, text] of [
    [null, "null"],
    [undefined, "undefined"],
    ["abc", '"abc"'],
    ['a"b', '"a\\"b"'],
    ["", '""'],
    ["\u001b[2J\u009b31m\u202e\u2028", '"\\u001b[2J\ufffd31m\ufffd\ufffd"'],
    ["\u{e0001}é😀", '"\ufffdé😀"'],
    ["x".repeat(80), `"${"x".repeat(80)}"`],
    ["x".repeat(81), "string of 81 characters"],
    [1.5, "1.5"],
    [Number.NaN, "NaN"],
    [10n ** 30n, `1${"0".repeat(30)}`],
    [true, "true"],
    [[1, 2], "array of 2"],
    [new Uint8Array(3), "3 bytes"],
    [new DataView(new ArrayBuffer(5)), "5 bytes"],
    [{ a: 1 }, "object"],
    [() => 1, "function"],
  ] as const) {
    it(`says ${text}`, () => expect(describeValue(value)).to.equal(text));
  }

  it("stays short whatever comes", () => {
    const hostile = [
      "\u0000".repeat(80),
      "\u009b".repeat(80),
      "\u{e0001}".repeat(40),
      "\ud800".repeat(80),
      new Array(1e6),
      10n ** 60n,
    ];
    for (const value of hostile) expect(describeValue(value).length).to.be.lessThan(600);
  });

  it("says something of a symbol", () => {
    expect(describeValue(Symbol("x"))).to.be.a("string");
  });
});

describe("messageOf", () => {
  it("gives the message of an error", () => expect(messageOf(new TypeError("no"))).to.equal("no"));
  it("describes anything else that was thrown", () => {
    expect(messageOf("a text")).to.equal('"a text"');
    expect(messageOf(undefined)).to.equal("undefined");
    expect(messageOf({ toString: () => "hostile" })).to.equal("object");
  });
});
