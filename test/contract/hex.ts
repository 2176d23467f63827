/** Decoding hex: the same by the engine (where it can) and by our own table (where it cannot). */
import { expect } from "chai";
import { hexToBytes } from "../../src/ssz/bytes.js";

export function hexContract(): void {
  describe("hexToBytes", () => {
    it("gives every byte, in either case", () => {
      const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0")).join("");
      const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      for (const each of [digits, digits.toUpperCase()]) {
        expect(hexToBytes(`0x${each}`, 256, 256)).to.deep.equal(all);
      }
      expect(hexToBytes("0x", 0, 0)).to.deep.equal(new Uint8Array(0));
    });

    it("takes what is as long as was said, and nothing else", () => {
      expect(hexToBytes("0x0102", 1, 2)).to.deep.equal(Uint8Array.of(1, 2));
      for (const [min, max] of [
        [3, 4],
        [0, 1],
      ] as const) {
        expect(hexToBytes("0x0102", min, max)).to.equal(null);
      }
      for (const odd of ["", "0", "0x0", "0x012"]) expect(hexToBytes(odd, 0, 8), odd).to.equal(null);
    });

    it("refuses what is no digit, wherever it is, also what only looks like one", () => {
      for (const char of [
        "g",
        "G",
        " ",
        "\n",
        "-",
        "+",
        ".",
        "x",
        "/",
        ":",
        "@",
        "`",
        "\0",
        "é",
        "０",
        "ａ",
        "İ",
        "\ud800",
      ]) {
        for (let at = 2; at < 10; at++) {
          const hex = `0x${"0".repeat(at - 2)}${char}${"0".repeat(9 - at)}`;
          expect(hexToBytes(hex, 0, 8), JSON.stringify(hex)).to.equal(null);
        }
      }
    });

    it("wants the prefix, as it is written", () => {
      for (const hex of ["0X01", "0101", "x001", " 0x0", "1x01", "０x01"])
        expect(hexToBytes(hex, 0, 8), hex).to.equal(null);
    });
  });
}
