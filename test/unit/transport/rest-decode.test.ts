import { expect } from "chai";
import fc from "fast-check";
import { isSidelightError } from "../../../src/errors.js";
import type { RawObject } from "../../../src/transport/port.js";
import { bodyKind, forkClaim, splitUpdateChunks, unwrapJson } from "../../../src/transport/rest-decode.js";
import type { Asked } from "../../../src/transport/rest-errors.js";
import { chunk, thrownBy } from "./lying-server.js";

const asked: Asked = { source: "a.example", request: "3 updates from period 7", redact: (text) => text };

describe("bodyKind", () => {
  it("tells JSON and SSZ apart whatever the case and the parameters", () => {
    for (const type of [
      "application/json",
      "Application/JSON; charset=utf-8",
      "application/problem+json",
      "text/json",
    ]) {
      expect(bodyKind(type), type).to.equal("json");
    }
    for (const type of ["application/octet-stream", " APPLICATION/Octet-Stream ;q=1"]) {
      expect(bodyKind(type), type).to.equal("ssz");
    }
  });

  it("never takes an unlabelled body for SSZ", () => {
    for (const type of [null, "", "text/plain", "text/plain; charset=utf-8"]) {
      expect(bodyKind(type), String(type)).to.equal("unlabelled");
    }
  });

  it("knows that a page is neither", () => {
    for (const type of ["text/html", "application/jsonp", "json", "application/octet-streams"]) {
      expect(bodyKind(type), type).to.equal("other");
    }
  });
});

describe("forkClaim", () => {
  it("lower-cases and trims", () => expect(forkClaim(" Electra ")).to.equal("electra"));
  it("takes a doubled header", () => expect(forkClaim("deneb, deneb")).to.equal("deneb"));

  it("makes no claim of what it cannot read", () => {
    for (const value of [null, undefined, 5, {}, "", ",", "deneb,electra", "1st", "a b", "x".repeat(33)]) {
      expect(forkClaim(value), String(value)).to.equal(undefined);
    }
  });
});

describe("unwrapJson", () => {
  it("takes the object and its fork out of the wrapper", () => {
    expect(unwrapJson({ version: "Deneb", data: { a: 1 } })).to.deep.equal({
      encoding: "json",
      value: { a: 1 },
      fork: "deneb",
    });
  });

  it("makes no claim without a version, and uses the one of the header", () => {
    expect(unwrapJson({ data: {} })).to.deep.equal({ encoding: "json", value: {} });
    expect(unwrapJson({ data: {} }, undefined, "deneb")).to.deep.equal({ encoding: "json", value: {}, fork: "deneb" });
  });

  it("takes a bare object only where it is told how to know one", () => {
    const bare = { attested_header: {} };
    expect(unwrapJson(bare)).to.equal(undefined);
    expect(unwrapJson(bare, "attested_header")).to.deep.equal({ encoding: "json", value: bare });
  });

  it("refuses everything else", () => {
    for (const value of [null, 1, "x", [], {}, { data: null }, { data: [] }, { data: "x" }]) {
      expect(unwrapJson(value, "attested_header"), JSON.stringify(value)).to.equal(undefined);
    }
  });
});

describe("splitUpdateChunks", () => {
  const digest = Uint8Array.of(0xde, 0xad, 0, 0xef);
  const good = chunk(digest, Uint8Array.of(1, 2, 3));

  function withLength(length: bigint): Uint8Array {
    const out = good.slice();
    new DataView(out.buffer).setBigUint64(0, length, true);
    return out;
  }

  it("splits at the lengths and keeps the digests", () => {
    const body = Uint8Array.of(...good, ...chunk(Uint8Array.of(0, 1, 2, 3), Uint8Array.of(9)));
    expect(splitUpdateChunks(asked, body, 2)).to.deep.equal([
      { encoding: "ssz", bytes: Uint8Array.of(1, 2, 3), digest: "0xdead00ef" },
      { encoding: "ssz", bytes: Uint8Array.of(9), digest: "0x00010203" },
    ]);
  });

  it("reads a view into a larger buffer at its own offset", () => {
    const padded = Uint8Array.of(7, 7, 7, ...good, 7).subarray(3, 3 + good.length);
    expect(splitUpdateChunks(asked, padded, 1)).to.have.length(1);
  });

  it("gives nothing for no bytes", () => expect(splitUpdateChunks(asked, new Uint8Array(), 1)).to.deep.equal([]));

  it("refuses every truncation", () => {
    for (let length = 1; length < good.length; length++) {
      thrownBy("RESPONSE_INVALID", () => splitUpdateChunks(asked, good.slice(0, length), 1));
    }
  });

  it("refuses a length of zero, of less than a digest, of a digest alone, too long and huge", () => {
    for (const length of [0n, 3n, 4n, 8n, 2n ** 32n + 7n, 2n ** 53n + 7n, 2n ** 64n - 1n]) {
      const error = thrownBy("RESPONSE_INVALID", () => splitUpdateChunks(asked, withLength(length), 1));
      expect(error.details.actual, String(length)).to.contain(String(length));
    }
  });

  it("refuses trailing bytes and more chunks than were asked for", () => {
    thrownBy("RESPONSE_INVALID", () => splitUpdateChunks(asked, Uint8Array.of(...good, 0), 2));
    const error = thrownBy("RESPONSE_INVALID", () => splitUpdateChunks(asked, Uint8Array.of(...good, ...good), 1));
    expect(error.details.expected).to.equal("at most 1 updates");
  });

  it("refuses one chunk larger than an update can be, even if the whole answer is in bounds", () => {
    const body = chunk(digest, new Uint8Array(64 * 1024 + 1));
    thrownBy("INPUT_TOO_LARGE", () => splitUpdateChunks(asked, body, 128));
    expect(splitUpdateChunks(asked, chunk(digest, new Uint8Array(64 * 1024)), 128)).to.have.length(1);
  });

  it("throws nothing but its own errors, for any bytes", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      // bytes that look right at first
      fc
        .tuple(fc.nat(40), fc.uint8Array({ maxLength: 64 }))
        .map(([length, rest]) => Uint8Array.of(length, 0, 0, 0, 0, 0, 0, 0, ...rest)),
    );
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 4 }), (body, count) => {
        try {
          const objects = splitUpdateChunks(asked, body, count);
          const total = objects.reduce((sum, object) => sum + 12 + sszOf(object).byteLength, 0);
          return objects.length <= count && total === body.byteLength;
        } catch (thrown) {
          return isSidelightError(thrown, "RESPONSE_INVALID") || isSidelightError(thrown, "INPUT_TOO_LARGE");
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("gives back what was put together", () => {
    const four = fc.uint8Array({ minLength: 4, maxLength: 4 });
    const parts = fc.array(fc.tuple(four, fc.uint8Array({ minLength: 1, maxLength: 50 })), { maxLength: 8 });
    fc.assert(
      fc.property(parts, (list) => {
        const body = Buffer.concat(list.map(([start, ssz]) => chunk(start, ssz)));
        const objects = splitUpdateChunks(asked, body, 8);
        expect(objects).to.deep.equal(
          list.map(([start, ssz]) => ({
            encoding: "ssz",
            bytes: Uint8Array.from(ssz),
            digest: `0x${Buffer.from(start).toString("hex")}`,
          })),
        );
      }),
    );
  });
});

function sszOf(object: RawObject): Uint8Array {
  if (object.encoding !== "ssz") throw new Error("expected SSZ");
  return object.bytes;
}
