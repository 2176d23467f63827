/** Reads a stream piece by piece, and never holds more than one of its chunks and what was asked for. */

/**
 * Makes the error for what is not as it should be: the codec does not know who sent it. With `bytes`, as many as were
 * announced or came, it is too large and not merely wrong.
 */
export type Fail = (expected: string, actual: string, bytes?: number) => Error;

export interface ByteReader {
  /** Exactly `length` bytes. The caller bounds `length`. @throws by `fail` if the stream ends before */
  read(length: number): Promise<Uint8Array>;
  /** Is there nothing left? Waits for the next byte or the end. */
  isAtEnd(): Promise<boolean>;
}

/** What libp2p streams give: byte arrays, or lists of them. */
export type Chunk = Uint8Array | { subarray(): Uint8Array };

export function createReader(chunks: AsyncIterable<Chunk>, fail: Fail, onBytes?: (bytes: number) => void): ByteReader {
  const iterator = chunks[Symbol.asyncIterator]();
  let current: Uint8Array = new Uint8Array(0);

  async function refill(): Promise<boolean> {
    while (current.byteLength === 0) {
      const { done, value } = await iterator.next();
      if (done) return false;
      current = value instanceof Uint8Array ? value : value.subarray();
      onBytes?.(current.byteLength);
    }
    return true;
  }

  return {
    async read(length) {
      const out = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        if (!(await refill())) throw fail(`${length} bytes`, `${filled} and the end of the stream`);
        const piece = current.subarray(0, length - filled);
        out.set(piece, filled);
        filled += piece.byteLength;
        current = current.subarray(piece.byteLength);
      }
      return out;
    },
    isAtEnd: async () => !(await refill()),
  };
}
