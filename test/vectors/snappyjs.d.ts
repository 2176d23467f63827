/** snappyjs ships no types; this is what the vectors need of it. */
declare module "snappyjs" {
  /** Raw (unframed) snappy. */
  export function uncompress(compressed: Uint8Array, maxLength?: number): Uint8Array;
}
