import { expect } from "chai";
import { EMPTY_CODE_HASH, EMPTY_TRIE_ROOT, keccak256 } from "../../../src/proof/keccak.js";
import { encodeRlp } from "../../../src/proof/rlp.js";
import { toHex } from "../../../src/ssz/bytes.js";

describe("keccak256", () => {
  it("is Keccak as Ethereum has it, not SHA-3", () => {
    expect(toHex(keccak256(new TextEncoder().encode("abc")))).to.equal(
      "0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45",
    );
  });

  it("gives the hashes that stand for nothing", () => {
    expect(toHex(keccak256(new Uint8Array(0)))).to.equal(EMPTY_CODE_HASH);
    expect(toHex(keccak256(encodeRlp(new Uint8Array(0))))).to.equal(EMPTY_TRIE_ROOT);
  });
});
