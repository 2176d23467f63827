/** Bits as SSZ packs them: bit 0 in the lowest bit of the first byte (consensus-specs `ssz/simple-serialize.md`). */

/** A bitvector's value: who of a committee took part. Never changed after it was made. */
export class BitArray {
  constructor(
    /** The packed bits; those beyond `bitLen` are zero. */
    readonly uint8Array: Uint8Array,
    /** How many bits there are. */
    readonly bitLen: number,
  ) {}

  get(index: number): boolean {
    return ((this.uint8Array[index >> 3]! >> (index & 7)) & 1) === 1;
  }

  /** Indexes of the bits that are set, ascending. */
  getTrueBitIndexes(): number[] {
    const indexes: number[] = [];
    for (let i = 0; i < this.bitLen; i++) if (this.get(i)) indexes.push(i);
    return indexes;
  }
}
