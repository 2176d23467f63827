import { expect } from "chai";
import fc from "fast-check";
import {
  assertEnd,
  RESPONSE_CODES,
  type ResponseShape,
  readPayload,
  readResponse,
  writeChunk,
  writeError,
  writePayload,
  writeVarint,
} from "../../../../src/transport/libp2p/codec/chunks.js";
import { createReader } from "../../../../src/transport/libp2p/codec/reader.js";
import { FUZZ } from "../../../support/fuzz.js";
import { frame } from "../../../support/snappy-reference.js";
import { concat, fail, piecesOf } from "./pieces.js";

const SHAPE: ResponseShape = { hasContext: true, maxPayloadBytes: 1_000, maxChunks: 3 };
const DIGEST = Uint8Array.of(0xde, 0xad, 0xbe, 0xef);

const reader = (bytes: Uint8Array, pieceBytes = 7) => createReader(piecesOf(bytes, pieceBytes), fail);
const read = (bytes: Uint8Array, shape: Partial<ResponseShape> = {}, pieceBytes?: number) =>
  readResponse(reader(bytes, pieceBytes), { ...SHAPE, ...shape }, fail);

/** As another node would write it: the length, then frames by another library. */
async function foreignPayload(payload: Uint8Array): Promise<Uint8Array> {
  return concat([writeVarint(payload.length), await frame(payload)]);
}

const refusal = (reading: Promise<unknown>) =>
  reading.then(
    () => "taken",
    (error: Error) => error.message,
  );

describe("readResponse", () => {
  it("reads chunk after chunk, each with the digest before it", async () => {
    const payloads = [Uint8Array.of(1, 2, 3), new Uint8Array(900).fill(9), Uint8Array.of(4)];
    const foreign = await Promise.all(
      payloads.map(async (payload) => concat([Uint8Array.of(0), DIGEST, await foreignPayload(payload)])),
    );
    for (const pieceBytes of [1, 7, 10_000]) {
      const chunks = await read(concat(foreign), {}, pieceBytes);
      expect(chunks).to.deep.equal(payloads.map((payload) => ({ code: 0, digest: "0xdeadbeef", payload })));
    }
  });

  it("reads what writeChunk wrote, with and without context", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 1_000 }), fc.boolean(), async (payload, hasContext) => {
        const written = writeChunk(payload, hasContext ? DIGEST : undefined);
        const context = hasContext ? { digest: "0xdeadbeef" } : {};
        expect(await read(written, { hasContext })).to.deep.equal([{ code: 0, ...context, payload }]);
      }),
      { numRuns: 50 * FUZZ },
    );
  });

  it("is an empty list where nothing comes", async () => {
    expect(await read(new Uint8Array(0))).to.deep.equal([]);
  });

  it("gives an error with its text, which has no context, and what came before it", async () => {
    const bytes = concat([writeChunk(Uint8Array.of(1), DIGEST), writeError(RESPONSE_CODES.resourceUnavailable, "no")]);
    const [first, second] = await read(bytes);
    expect(first).to.include({ code: 0 });
    expect(second).to.include({ code: 3 });
    expect(new TextDecoder().decode(second!.payload)).to.equal("no");
  });

  it("takes an error without a text", async () => {
    expect(await read(Uint8Array.of(2))).to.deep.equal([{ code: 2, payload: new Uint8Array(0) }]);
    expect(await read(concat([Uint8Array.of(139, 0)]))).to.deep.equal([{ code: 139, payload: new Uint8Array(0) }]);
  });

  it("tells after each chunk that there was one", async () => {
    let told = 0;
    const bytes = concat([writeChunk(Uint8Array.of(1), DIGEST), writeChunk(Uint8Array.of(2), DIGEST)]);
    await readResponse(reader(bytes), SHAPE, fail, () => told++);
    expect(told).to.equal(2);
  });

  const one = writeChunk(Uint8Array.of(1), DIGEST);
  const cases: Record<string, { bytes: Uint8Array; says: RegExp }> = {
    "more chunks than asked for": { bytes: concat([one, one, one, one]), says: /at most 3 response chunks, got more/ },
    "a payload that is announced too large": {
      bytes: concat([Uint8Array.of(0), DIGEST, writeVarint(1_001)]),
      says: /at most 1000 bytes, got an announcement of 1001/,
    },
    "an announcement of 4 GiB": {
      bytes: concat([Uint8Array.of(0), DIGEST, writeVarint(0xffffffff)]),
      says: /at most 1000 bytes, got an announcement of 4294967295/,
    },
    "a length of ten bytes": {
      bytes: concat([Uint8Array.of(0), DIGEST, new Uint8Array(10).fill(0x80)]),
      says: /at most 5 bytes/,
    },
    "a length that is longer than it must be": {
      bytes: concat([Uint8Array.of(0), DIGEST, Uint8Array.of(0x81, 0x00)]),
      says: /shortest form/,
    },
    "context bytes that are cut off": { bytes: Uint8Array.of(0, 1, 2), says: /end of the stream/ },
    "a code alone, where it is success": { bytes: Uint8Array.of(0), says: /end of the stream/ },
    "no payload": { bytes: concat([Uint8Array.of(0), DIGEST]), says: /end of the stream/ },
    "bytes after the last chunk": { bytes: concat([one, Uint8Array.of(0)]), says: /end of the stream/ },
    "an error text of more than 256 bytes": {
      bytes: concat([Uint8Array.of(2), writePayload(new Uint8Array(257))]),
      says: /at most 256 bytes/,
    },
  };
  for (const [what, { bytes, says }] of Object.entries(cases)) {
    it(`refuses ${what}`, async () => {
      expect(await refusal(read(bytes))).to.match(says);
    });
  }

  it("refuses every beginning of a response but nothing and all of it", async () => {
    for (let length = 1; length < one.length; length++) {
      expect(await refusal(read(one.subarray(0, length))), `${length} bytes`).to.match(/end of the stream/);
    }
  });

  it("ends in a result or a refusal for any bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        expect(await refusal(read(bytes))).to.match(/^taken$|^expected .*, got/);
      }),
      { numRuns: 300 * FUZZ },
    );
  });
});

describe("readPayload", () => {
  it("reads a request of another library", async () => {
    const root = new Uint8Array(32).fill(7);
    const one = reader(await foreignPayload(root));
    expect(await readPayload(one, 32, fail)).to.deep.equal(root);
    await assertEnd(one, fail);
  });

  it("leaves bytes behind it to be refused by assertEnd", async () => {
    const one = reader(concat([writePayload(Uint8Array.of(1)), Uint8Array.of(0)]));
    await readPayload(one, 32, fail);
    expect(await refusal(assertEnd(one, fail))).to.equal("expected the end of the stream, got more bytes");
  });
});

describe("writeError", () => {
  it("cuts its text to what a peer has to take", async () => {
    const [chunk] = await read(writeError(1, "x".repeat(1_000)));
    expect(chunk!.payload).to.have.length(256);
  });
});
