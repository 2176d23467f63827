import { expect } from "chai";
import fc from "fast-check";
import { crc32c, maskedCrc32c } from "../../../../src/transport/libp2p/codec/crc32c.js";
import { maxCompressedBytes, readFrames, writeFrames } from "../../../../src/transport/libp2p/codec/frames.js";
import { createReader } from "../../../../src/transport/libp2p/codec/reader.js";
import { FUZZ } from "../../../support/fuzz.js";
import { frame, rawCompress, unframe } from "../../../support/snappy-reference.js";
import { concat, fail, piecesOf } from "./pieces.js";

const IDENTIFIER = Uint8Array.of(0xff, 6, 0, 0, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59);
const encoder = new TextEncoder();

const read = (bytes: Uint8Array, length: number, pieceBytes = 1_000_000) =>
  readFrames(createReader(piecesOf(bytes, pieceBytes), fail), length, fail);

/** One frame, whatever it is worth. */
function frameOf(type: number, body: Uint8Array): Uint8Array {
  return concat([Uint8Array.of(type, body.length & 255, (body.length >> 8) & 255, body.length >> 16), body]);
}

function checked(type: number, content: Uint8Array, data: Uint8Array): Uint8Array {
  const checksum = new Uint8Array(4);
  new DataView(checksum.buffer).setUint32(0, maskedCrc32c(data), true);
  return frameOf(type, concat([checksum, content]));
}

async function refusal(bytes: Uint8Array, length: number): Promise<string> {
  try {
    await read(bytes, length);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("it was taken");
}

describe("crc32c", () => {
  it("is RFC 3720's, appendix B.4", () => {
    expect(crc32c(new Uint8Array(32))).to.equal(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).to.equal(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).to.equal(0x46dd794e);
    expect(crc32c(encoder.encode("123456789"))).to.equal(0xe3069283);
  });
});

describe("frames", () => {
  it("are opened when another library wrote them, in whatever pieces they come", async () => {
    const lengths = fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 3_000 }), fc.constant(new Uint8Array(70_000)));
    await fc.assert(
      fc.asyncProperty(lengths, fc.integer({ min: 1, max: 5_000 }), async (data, pieceBytes) => {
        expect(await read(await frame(data), data.length, pieceBytes)).to.deep.equal(data);
      }),
      { numRuns: 60 * FUZZ },
    );
  });

  it("of ours are opened by another library, checksums and all", async () => {
    for (const length of [1, 100, 26_936, 65_536, 65_537, 200_000]) {
      const data = Uint8Array.from({ length }, (_, i) => (i * i) & 255);
      expect(await unframe(writeFrames(data))).to.deep.equal(data);
      expect(await read(writeFrames(data), length)).to.deep.equal(data);
    }
    expect(await read(writeFrames(new Uint8Array(0)), 0)).to.have.length(0);
  });

  it("end where the payload does: what follows is left in the stream", async () => {
    const data = encoder.encode("light client");
    const reader = createReader(piecesOf(concat([await frame(data), Uint8Array.of(42)]), 3), fail);
    expect(await readFrames(reader, data.length, fail)).to.deep.equal(data);
    expect(await reader.read(1)).to.deep.equal(Uint8Array.of(42));
  });

  it("may be padding, to be skipped, or the identifier again", async () => {
    const data = encoder.encode("abc");
    const skipped = [frameOf(0xfe, new Uint8Array(3)), frameOf(0x80, Uint8Array.of(1)), IDENTIFIER];
    expect(await read(concat([IDENTIFIER, ...skipped, checked(1, data, data)]), 3)).to.deep.equal(data);
  });

  const abc = encoder.encode("abc");
  const bomb = new Uint8Array(20_000);
  const refused: Record<string, { bytes: Uint8Array; length: number; says: RegExp }> = {
    "no identifier": { bytes: checked(1, abc, abc), length: 3, says: /stream identifier/ },
    "another identifier": { bytes: frameOf(0xff, encoder.encode("sNaPpy")), length: 3, says: /sNaPpY/ },
    "a wrong checksum, uncompressed": {
      bytes: concat([IDENTIFIER, checked(1, abc, encoder.encode("abd"))]),
      length: 3,
      says: /checksum/,
    },
    "a wrong checksum, compressed": {
      bytes: concat([IDENTIFIER, checked(0, rawCompress(abc), encoder.encode("abd"))]),
      length: 3,
      says: /checksum/,
    },
    "a checksum that is not masked": {
      bytes: concat([IDENTIFIER, frameOf(1, concat([new Uint8Array(new Uint32Array([crc32c(abc)]).buffer), abc]))]),
      length: 3,
      says: /checksum/,
    },
    "no room for a checksum": {
      bytes: concat([IDENTIFIER, frameOf(1, new Uint8Array(3))]),
      length: 3,
      says: /with a checksum/,
    },
    "more than announced, uncompressed": { bytes: writeFrames(new Uint8Array(4)), length: 3, says: /at most 3 bytes/ },
    "more than announced, compressed": {
      bytes: concat([IDENTIFIER, checked(0, rawCompress(new Uint8Array(4)), new Uint8Array(4))]),
      length: 3,
      says: /at most 3 bytes/,
    },
    "a bomb: 20 kB in a frame of a few bytes": {
      bytes: concat([IDENTIFIER, checked(0, rawCompress(bomb), bomb)]),
      length: 1_000,
      says: /at most 1000 bytes when decompressed/,
    },
    "a frame of more than 64 KiB": {
      bytes: concat([IDENTIFIER, checked(1, new Uint8Array(65_537), new Uint8Array(65_537))]),
      length: 200_000,
      says: /at most 65536 bytes/,
    },
    "a reserved frame": { bytes: concat([IDENTIFIER, frameOf(2, abc)]), length: 3, says: /reserved type 2/ },
    "the last reserved frame": {
      bytes: concat([IDENTIFIER, frameOf(0x7f, abc)]),
      length: 3,
      says: /reserved type 127/,
    },
    "its beginning only": {
      bytes: (writeFrames(abc) as Uint8Array).subarray(0, 19),
      length: 3,
      says: /end of the str/,
    },
    "less than announced": { bytes: writeFrames(abc), length: 4, says: /end of the stream/ },
  };
  for (const [what, { bytes, length, says }] of Object.entries(refused)) {
    it(`are refused: ${what}`, async () => {
      expect(await refusal(bytes, length)).to.match(says);
    });
  }

  it("that hold nothing do not go on for ever", async () => {
    const empty = checked(1, new Uint8Array(0), new Uint8Array(0));
    let sent = 0;
    async function* endless() {
      yield IDENTIFIER;
      for (; sent < 1_000_000; sent++) yield empty;
    }
    const reading = readFrames(createReader(endless(), fail), 1_000, fail);
    expect(await reading.then(String, (error: Error) => error.message)).to.match(/bytes of frames for 1000/);
    expect(sent * empty.length).to.be.below(2 * maxCompressedBytes(1_000));
  });

  it("with any one bit changed are refused or mean the same", async () => {
    const data = encoder.encode("sync committee sync committee sync committee");
    const written = await frame(data);
    for (let bit = 0; bit < written.length * 8; bit++) {
      const damaged = written.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      const got = await read(damaged, data.length).catch(() => null);
      if (got !== null) expect(got, `bit ${bit}`).to.deep.equal(data);
    }
  });
});
