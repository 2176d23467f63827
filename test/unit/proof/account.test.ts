import { RLP } from "@ethereumjs/rlp";
import { expect } from "chai";
import { verifyAccountProof, verifyCode, verifyStorageProof } from "../../../src/proof/account.js";
import { EMPTY_CODE_HASH, EMPTY_TRIE_ROOT, keccak256 } from "../../../src/proof/keccak.js";
import { toHex } from "../../../src/ssz/bytes.js";
import { codeOf, expectCode } from "../../support/expect-code.js";
import {
  ABSENT,
  addressOf,
  buildState,
  CODE,
  CONTRACT,
  PLAIN,
  type State,
  sampleAccounts,
  slotHex,
} from "../../support/state.js";
import { bytesOf } from "../../support/tries.js";

let state: State;
before(async () => {
  state = await buildState(sampleAccounts());
});

describe("verifyAccountProof", () => {
  const prove = async (address: string) => (await state.getProof(address)).accountProof;

  it("gives every account", async () => {
    for (const [address, { nonce, balance }] of state.accounts) {
      const account = verifyAccountProof({ stateRoot: state.stateRoot, address, proof: await prove(address) });
      expect(account?.nonce).to.equal(nonce);
      expect(account?.balanceWei).to.equal(balance);
    }
  });

  it("gives exactly the four fields", async () => {
    const proof = await prove(PLAIN);
    expect(verifyAccountProof({ stateRoot: state.stateRoot, address: PLAIN, proof })).to.deep.equal({
      nonce: 2n ** 64n - 2n,
      balanceWei: 2n ** 256n - 1n,
      storageHash: EMPTY_TRIE_ROOT,
      codeHash: EMPTY_CODE_HASH,
    });
  });

  it("gives null for what is proven not to be there", async () => {
    for (const address of [ABSENT, ...Array.from({ length: 50 }, (_, i) => addressOf(10_000 + i))]) {
      const proof = await prove(address);
      expect(verifyAccountProof({ stateRoot: state.stateRoot, address, proof })).to.equal(null);
    }
    expect(verifyAccountProof({ stateRoot: EMPTY_TRIE_ROOT, address: PLAIN, proof: [] })).to.equal(null);
  });

  it("takes bytes, and hex of either case", async () => {
    const proof = (await prove(CONTRACT)).map(bytesOf);
    const upper = (hex: string) => `0x${hex.slice(2).toUpperCase()}`;
    const asBytes = { stateRoot: bytesOf(state.stateRoot), address: bytesOf(CONTRACT), proof };
    const asHex = { stateRoot: upper(state.stateRoot), address: upper(CONTRACT), proof: proof.map(toHex).map(upper) };
    expect(verifyAccountProof(asBytes)?.nonce).to.equal(1n);
    expect(verifyAccountProof(asHex)).to.deep.equal(verifyAccountProof(asBytes));
  });

  it("refuses a proof of another account: neither its value nor its absence", async () => {
    const addresses = [...state.accounts.keys(), ABSENT];
    let same = 0;
    for (const address of addresses.slice(0, 12)) {
      const proof = await prove(address);
      for (const other of addresses) {
        if (other === address) continue;
        const code = codeOf(() => verifyAccountProof({ stateRoot: state.stateRoot, address: other, proof }));
        if (code !== null)
          expect(["TRIE_NODE_HASH_MISMATCH", "TRIE_NODE_MISSING", "TRIE_NODES_EXTRA"]).to.include(code);
        else {
          // where the way to another ends at the same node, it proves truly that the other is not there
          same++;
          const account = verifyAccountProof({ stateRoot: state.stateRoot, address: other, proof });
          expect(account === null).to.equal(!state.accounts.has(other));
        }
      }
    }
    expect(same).to.be.lessThan(12);
  });

  it("refuses arguments that are none, before it looks at the proof", async () => {
    const { stateRoot } = state;
    const wrong: [string, object][] = [
      ["stateRoot", { stateRoot: null }],
      ["stateRoot", { stateRoot: stateRoot.slice(0, -1) }],
      ["stateRoot", { stateRoot: `${stateRoot}00` }],
      ["address", { address: PLAIN.slice(2) }],
      ["address", { address: `${PLAIN}00` }],
      ["address", { address: undefined }],
      ["address", { address: new Uint8Array(32) }],
    ];
    for (const [option, change] of wrong) {
      const options = { stateRoot, address: PLAIN, proof: [], ...change } as Parameters<typeof verifyAccountProof>[0];
      expect(expectCode("OPTION_INVALID", () => verifyAccountProof(options)).option).to.equal(option);
    }
  });

  it("refuses nodes above a kibibyte, and too many", async () => {
    const [first] = await prove(PLAIN);
    const verify = (proof: (string | Uint8Array)[]) =>
      verifyAccountProof({ stateRoot: state.stateRoot, address: PLAIN, proof });
    expect(expectCode("INPUT_TOO_LARGE", () => verify([first!, new Uint8Array(1025)]))).to.deep.equal({
      object: "accountProof at [1]",
      limit: 1024,
      actual: 1025,
    });
    expect(expectCode("INPUT_TOO_LARGE", () => verify(Array.from({ length: 66 }, () => first!))).limit).to.equal(65);
    expect(codeOf(() => verify([`0x${"00".repeat(200_000_000 / 1000)}`]))).to.equal("INPUT_TOO_LARGE");
  });

  describe("refuses what is stored for an account and is none:", () => {
    const word = new Uint8Array(32).fill(1);
    const one = Uint8Array.of(1);
    const VALUES: readonly [string, Uint8Array, string][] = [
      ["no RLP", Uint8Array.of(0xf8), "RLP_INVALID"],
      ["a string", word, "RLP_INVALID"],
      ["an empty list", RLP.encode([]), "DECODE_FAILED"],
      ["three fields", RLP.encode([one, one, word]), "DECODE_FAILED"],
      ["five fields", RLP.encode([one, one, word, word, one]), "DECODE_FAILED"],
      ["a nonce of 9 bytes", RLP.encode([new Uint8Array(9).fill(1), one, word, word]), "DECODE_FAILED"],
      ["a nonce with a leading zero", RLP.encode([Uint8Array.of(0, 1), one, word, word]), "DECODE_FAILED"],
      ["a nonce of the byte 0", RLP.encode([Uint8Array.of(0), one, word, word]), "DECODE_FAILED"],
      ["a balance with a leading zero", RLP.encode([one, Uint8Array.of(0, 1), word, word]), "DECODE_FAILED"],
      ["a balance of 33 bytes", RLP.encode([one, new Uint8Array(33).fill(1), word, word]), "DECODE_FAILED"],
      ["a balance that is a list", RLP.encode([one, [one], word, word]), "DECODE_FAILED"],
      ["a storage hash of 31 bytes", RLP.encode([one, one, word.slice(1), word]), "DECODE_FAILED"],
      ["no code hash", RLP.encode([one, one, word, new Uint8Array(0)]), "DECODE_FAILED"],
    ];
    for (const [name, value, code] of VALUES) {
      it(name, () => {
        const key = keccak256(bytesOf(PLAIN));
        const leaf = RLP.encode([Uint8Array.of(0x20, ...key), value]);
        const options = { stateRoot: keccak256(leaf), address: PLAIN, proof: [leaf] };
        expect(codeOf(() => verifyAccountProof(options))).to.equal(code);
      });
    }
  });
});

describe("verifyStorageProof", () => {
  const proofOf = async (slot: bigint) => {
    const { storageHash, storageProof } = await state.getProof(CONTRACT, [slot]);
    return { storageHash, proof: storageProof[0]!.proof };
  };

  it("gives every stored word, and 0 for what is proven not to be stored", async () => {
    const { storage } = state.accounts.get(CONTRACT)!;
    for (const slot of [...storage!.keys(), 999n, 2n ** 256n - 1n]) {
      expect(verifyStorageProof({ ...(await proofOf(slot)), slot })).to.equal(storage!.get(slot) ?? 0n);
    }
    expect(verifyStorageProof({ storageHash: EMPTY_TRIE_ROOT, slot: 0, proof: [] })).to.equal(0n);
  });

  it("takes a slot as a number, as hex of any length, and as bytes", async () => {
    const options = await proofOf(11n);
    const forms = [11, 11n, "0xb", "0x0B", "0x0000b", slotHex(11n), Uint8Array.of(11), bytesOf(slotHex(11n))];
    for (const slot of forms) expect(verifyStorageProof({ ...options, slot })).to.equal(2n ** 66n);
  });

  it("refuses a slot that is none", async () => {
    const options = await proofOf(11n);
    const none = [
      -1,
      -1n,
      1.5,
      2 ** 53,
      Number.NaN,
      2n ** 256n,
      "11",
      "0x",
      "0xg",
      `0x0${"0".repeat(64)}`,
      new Uint8Array(33),
    ];
    for (const slot of [...none, null, undefined, {}, [1]]) {
      const details = expectCode("OPTION_INVALID", () => verifyStorageProof({ ...options, slot: slot as number }));
      expect(details.option).to.equal("slot");
    }
  });

  it("refuses a proof of another slot, another account, and a hash that is none", async () => {
    const options = await proofOf(11n);
    expect(codeOf(() => verifyStorageProof({ ...options, slot: 12 }))).to.be.oneOf([
      "TRIE_NODE_HASH_MISMATCH",
      "TRIE_NODES_EXTRA",
    ]);
    expect(codeOf(() => verifyStorageProof({ ...options, slot: 11, storageHash: EMPTY_TRIE_ROOT }))).to.equal(
      "TRIE_NODES_EXTRA",
    );
    expect(codeOf(() => verifyStorageProof({ ...options, slot: 11, storageHash: state.stateRoot }))).to.equal(
      "TRIE_NODE_HASH_MISMATCH",
    );
    expect(
      expectCode("OPTION_INVALID", () => verifyStorageProof({ ...options, slot: 11, storageHash: "0x" })).option,
    ).to.equal("storageHash");
  });

  it("refuses what is stored and is no word", () => {
    const key = keccak256(bytesOf(slotHex(0n)));
    const wrong: [Uint8Array, string][] = [
      [RLP.encode(new Uint8Array(33).fill(1)), "DECODE_FAILED"],
      [RLP.encode(Uint8Array.of(0, 1)), "DECODE_FAILED"],
      [RLP.encode([Uint8Array.of(1)]), "DECODE_FAILED"],
      [Uint8Array.of(0x81, 0x01), "RLP_INVALID"],
      [Uint8Array.of(1, 1), "RLP_INVALID"],
    ];
    for (const [value, code] of wrong) {
      const leaf = RLP.encode([Uint8Array.of(0x20, ...key), value]);
      const options = { storageHash: keccak256(leaf), slot: 0, proof: [leaf] };
      expect(codeOf(() => verifyStorageProof(options))).to.equal(code);
    }
  });
});

describe("verifyCode", () => {
  const codeHash = toHex(keccak256(CODE));

  it("gives the code with the hash", () => {
    expect(verifyCode({ codeHash, code: toHex(CODE) })).to.equal(toHex(CODE));
    expect(verifyCode({ codeHash: bytesOf(codeHash), code: CODE })).to.equal(toHex(CODE));
    expect(verifyCode({ codeHash: EMPTY_CODE_HASH, code: "0x" })).to.equal("0x");
  });

  it("refuses any other", () => {
    const other = CODE.slice(0, -1);
    expect(expectCode("CODE_HASH_MISMATCH", () => verifyCode({ codeHash, code: other }))).to.deep.equal({
      expected: codeHash,
      actual: toHex(keccak256(other)),
    });
    for (let bit = 0; bit < 8 * CODE.length; bit++) {
      const flipped = CODE.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      expect(codeOf(() => verifyCode({ codeHash, code: flipped }))).to.equal("CODE_HASH_MISMATCH");
    }
    expect(codeOf(() => verifyCode({ codeHash, code: "0x" }))).to.equal("CODE_HASH_MISMATCH");
  });

  it("refuses what is no code, and more than a mebibyte", () => {
    for (const code of ["", "0x0", "6001", null, undefined, 0]) {
      expect(expectCode("DECODE_FAILED", () => verifyCode({ codeHash, code: code as string })).object).to.equal("code");
    }
    expect(
      expectCode("INPUT_TOO_LARGE", () => verifyCode({ codeHash, code: new Uint8Array(2 ** 20 + 1) })).limit,
    ).to.equal(2 ** 20);
    expect(expectCode("OPTION_INVALID", () => verifyCode({ codeHash: "0x", code: "0x" })).option).to.equal("codeHash");
  });
});
