import { fromHex } from "../../ssz/bytes.js";

/** A key, a message and its signature, and a Merkle root, made with other implementations. */
export const SELF_TEST = {
  pubkey: fromHex("0x8ae7e5822ba97ab07877ea318e747499da648b27302414f9d0b9bb7e3646d248be90c9fdaddfdb93485a6e9334f01093"),
  message: fromHex("0x736964656c696768743a20424c532073656c662d74657374206d657373616765"),
  signature: fromHex(
    "0xa74dd832368f8df2ae3ac9e6769aab3e2b602b8540d27167e9bcf2e7c881cd3240e9e23acc2f1296a178ce476c3cefb9" +
      "179338251302a4b578f4efdef04f9bb11b46870fe0d754d7d7710a4e7763b9f3a09a3e6acf8d778e6e5793ef4d641a63",
  ),
  merkleRoot: fromHex("0xe6a383195b02b7a3f76a107f525a340ed06619c3bcee1e7bbdca026201f18ab7"),
};
