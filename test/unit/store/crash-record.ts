/** Records that the crash test saves: each carries its number and fills the rest by it, so that a torn one shows. */

const RECORD_BYTES = 60_000;

export function makeRecord(number: number): Uint8Array {
  const words = new Uint32Array(RECORD_BYTES / 4);
  words.forEach((_, i) => {
    words[i] = Math.imul(number + i, 2_654_435_761) ^ number;
  });
  words[0] = number;
  return new Uint8Array(words.buffer);
}

/** Number of a record. @throws if it is torn */
export function readRecord(bytes: Uint8Array): number {
  const number = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const whole = makeRecord(number);
  if (bytes.length !== whole.length || !bytes.every((byte, i) => byte === whole[i])) {
    throw new Error(`record ${number} is torn: ${bytes.length} bytes`);
  }
  return number;
}
