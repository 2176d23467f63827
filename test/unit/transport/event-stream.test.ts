import { expect } from "chai";
import fc from "fast-check";
import { createEventParser } from "../../../src/transport/event-stream.js";

type Event = readonly [name: string, data: string];

function parse(chunks: readonly string[], limit = 1_000): Event[] {
  const events: Event[] = [];
  const feed = createEventParser(
    limit,
    (name, data) => events.push([name, data]),
    () => {
      throw new Error("too large");
    },
  );
  for (const chunk of chunks) feed(chunk);
  return events;
}

describe("createEventParser", () => {
  for (const [what, text, events] of [
    ["a name and data", "event: head\ndata: 1\n\n", [["head", "1"]]],
    ["data without a name", "data: 1\n\n", [["", "1"]]],
    ["nothing without data", "event: head\n\n", []],
    ["no name of the event before", "event: head\n\ndata: 1\n\n", [["", "1"]]],
    [
      "empty data",
      "data\n\ndata:\n\n",
      [
        ["", ""],
        ["", ""],
      ],
    ],
    ["lines of data as lines", "data: a\ndata: b\ndata:\n\n", [["", "a\nb\n"]]],
    ["one space after the colon as no part of it", "data:  a: b \n\n", [["", " a: b "]]],
    ["no event that is not ended", "data: 1\n", []],
    [
      "nothing of comments, ids and unknown fields",
      ":data: 0\nid: 1\nretry: 2\nDATA: 3\n data: 4\ndata: 5\n\n",
      [["", "5"]],
    ],
    [
      "every kind of line end",
      "event: a\r\ndata: 1\r\r\ndata: 2\r\n\ndata: 3\n\r",
      [
        ["a", "1"],
        ["", "2"],
        ["", "3"],
      ],
    ],
  ] as const) {
    it(`reads ${what}`, () => expect(parse([text])).to.deep.equal(events));
  }

  it("reads the same from any pieces", () => {
    const field = fc.constantFrom("event: a", "data: x", "data:", "", ":", "id: 1", "data: é");
    const lines = fc.array(fc.tuple(field, fc.constantFrom("\n", "\r\n", "\r")), { maxLength: 20 });
    fc.assert(
      fc.property(lines, fc.array(fc.nat(80), { maxLength: 12 }), (parts, cuts) => {
        const text = parts.map(([line, end]) => line + end).join("");
        const places = [0, ...cuts.map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b), text.length];
        const pieces = places.slice(1).map((to, i) => text.slice(places[i], to));
        expect(parse(pieces)).to.deep.equal(parse([...text]));
        expect(parse(pieces)).to.deep.equal(parse([text]));
      }),
    );
  });

  it("holds no more of one event than its limit, in one line or many", () => {
    const data = "x".repeat(60);
    expect(parse([`data: ${data}\n`, "data: y\n\n"], 100)).to.deep.equal([["", `${data}\ny`]]);
    expect(() => parse([`data: ${data}${data}`], 100)).to.throw("too large");
    expect(() => parse([`data: ${data}\ndata: ${data}\n`], 100)).to.throw("too large");
    expect(() => parse(["x".repeat(60), "x".repeat(60)], 100)).to.throw("too large");
  });

  it("takes a megabyte in single characters in no time that grows with its square", () => {
    const text = `data: ${"x".repeat(1_000_000)}\n\n`;
    const [[, data]] = parse([...text], 2_000_000) as [Event];
    expect(data.length).to.equal(1_000_000);
  });
});
