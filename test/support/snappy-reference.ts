/** Snappy by somebody else: the native library, raw and framed. */
import snappy from "snappy";
import { SnappyStream, UnsnappyStream } from "snappystream";

export const rawCompress = (data: Uint8Array): Uint8Array => new Uint8Array(snappy.compressSync(Buffer.from(data)));

export const rawDecompress = (data: Uint8Array): Uint8Array =>
  new Uint8Array(snappy.uncompressSync(Buffer.from(data), { asBuffer: true }) as Buffer);

export const frame = (data: Uint8Array): Promise<Uint8Array> => through(new SnappyStream(), data);

/** Rejects where a checksum is wrong. */
export const unframe = (data: Uint8Array): Promise<Uint8Array> => through(new UnsnappyStream(true), data);

function through(stream: SnappyStream | UnsnappyStream, data: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    stream.on("data", (piece: Buffer) => pieces.push(piece));
    stream.on("end", () => resolve(new Uint8Array(Buffer.concat(pieces))));
    stream.on("error", reject);
    stream.end(Buffer.from(data));
  });
}
