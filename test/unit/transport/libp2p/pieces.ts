export const fail = (expected: string, actual: string) => new Error(`expected ${expected}, got ${actual}`);

/** A stream that comes in pieces of so many bytes, some of them empty. */
export async function* piecesOf(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += pieceBytes) {
    if (from > 0) yield new Uint8Array(0);
    yield bytes.subarray(from, from + pieceBytes);
  }
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
