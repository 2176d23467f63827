/** An object as it came: SSZ bytes, or the value of parsed JSON. */
export type RawObject =
  | {
      readonly encoding: "ssz";
      readonly bytes: Uint8Array;
      /** Lower-case fork name that the server claims (`Eth-Consensus-Version`). */
      readonly fork?: string;
      /** `0x` hex of the four context bytes in front of the object, if the encoding has them. */
      readonly digest?: string;
    }
  | {
      readonly encoding: "json";
      /** The `data` of the answer. */
      readonly value: unknown;
      /** Lower-case fork name that the server claims (`version`). */
      readonly fork?: string;
    };
