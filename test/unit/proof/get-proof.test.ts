import { expect } from "chai";
import { verifyGetProof } from "../../../src/proof/get-proof.js";
import { EMPTY_CODE_HASH, EMPTY_TRIE_ROOT, keccak256 } from "../../../src/proof/keccak.js";
import { toHex } from "../../../src/ssz/bytes.js";
import { codeOf, expectCode } from "../../support/expect-code.js";
import { jsonLeaves, withoutValueAt, withValueAt } from "../../support/json-paths.js";
import {
  ABSENT,
  buildState,
  CODE,
  CONTRACT,
  PLAIN,
  type RpcProof,
  type State,
  sampleAccounts,
  slotHex,
} from "../../support/state.js";

const SLOTS = [1n, 5n, 2n ** 255n, 777n];
const ZERO_HASH = `0x${"00".repeat(32)}`;

describe("verifyGetProof", () => {
  let state: State;
  let answer: RpcProof;
  before(async () => {
    state = await buildState(sampleAccounts());
    answer = await state.getProof(CONTRACT, SLOTS);
  });
  const verify = (changed: unknown, changes: object = {}) =>
    verifyGetProof({ stateRoot: state.stateRoot, address: CONTRACT, slots: SLOTS, answer: changed, ...changes });

  it("gives the account and its storage, in the order asked for", () => {
    expect(verify(answer)).to.deep.equal({
      account: { nonce: 1n, balanceWei: 0n, storageHash: answer.storageHash, codeHash: toHex(keccak256(CODE)) },
      storage: [
        { slot: slotHex(1n), value: 64n },
        { slot: slotHex(5n), value: 0n },
        { slot: slotHex(2n ** 255n), value: 2n ** 256n - 1n },
        { slot: slotHex(777n), value: 0n },
      ],
    });
  });

  it("needs no slots", async () => {
    const { account, storage } = verifyGetProof({
      stateRoot: state.stateRoot,
      address: PLAIN,
      answer: await state.getProof(PLAIN),
    });
    expect(account?.nonce).to.equal(2n ** 64n - 2n);
    expect(storage).to.deep.equal([]);
  });

  it("takes the forms in which servers give slots and quantities, and numbers", () => {
    const forms = {
      ...answer,
      nonce: 1,
      balance: 0n,
      address: `0x${CONTRACT.slice(2).toUpperCase()}`,
      codeHash: `0x${answer.codeHash.slice(2).toUpperCase()}`,
      storageProof: answer.storageProof.map((item, i) => ({
        ...item,
        key: i === 0 ? "0x1" : i === 1 ? "0x05" : item.key,
        value: i === 0 ? slotHex(64n) : i === 1 ? "0x00" : BigInt(item.value),
      })),
    };
    expect(verify(forms)).to.deep.equal(verify(answer));
  });

  describe("of an account that is not there", () => {
    it("gives null, and 0 for all of its storage", async () => {
      const absent = await state.getProof(ABSENT, SLOTS);
      expect(verify(absent, { address: ABSENT })).to.deep.equal({
        account: null,
        storage: SLOTS.map((slot) => ({ slot: slotHex(slot), value: 0n })),
      });
    });

    it("takes zero hashes, as some servers say it, and an empty node for its storage", async () => {
      const absent = await state.getProof(ABSENT, [1n]);
      const zeros = { ...absent, codeHash: ZERO_HASH, storageHash: ZERO_HASH };
      expect(verify(zeros, { address: ABSENT, slots: [1n] }).account).to.equal(null);
      const node = { ...absent, storageProof: [{ key: "0x1", value: "0x0", proof: ["0x80"] }] };
      expect(verify(node, { address: ABSENT, slots: [1n] }).account).to.equal(null);
    });

    it("refuses claims that it has anything", async () => {
      const absent = await state.getProof(ABSENT, [1n]);
      for (const [field, claim] of [
        ["nonce", "0x1"],
        ["balance", "0x1"],
        ["codeHash", toHex(keccak256(CODE))],
        ["storageHash", EMPTY_CODE_HASH],
        ["codeHash", EMPTY_TRIE_ROOT],
      ] as const) {
        const details = expectCode("CLAIM_MISMATCH", () =>
          verify({ ...absent, [field]: claim }, { address: ABSENT, slots: [1n] }),
        );
        expect([details.field, details.claimed]).to.deep.equal([field, claim]);
      }
      const stored = { ...absent, storageProof: [{ ...absent.storageProof[0]!, value: "0x7" }] };
      expect(expectCode("CLAIM_MISMATCH", () => verify(stored, { address: ABSENT, slots: [1n] })).field).to.equal(
        "storageProof[0].value",
      );
    });
  });

  describe("refuses an answer", () => {
    it("that claims another value than it proves", () => {
      const cases: [string, RpcProof, string, string][] = [
        ["nonce", { ...answer, nonce: "0x2" }, "0x2", "0x1"],
        ["balance", { ...answer, balance: "0xde0b6b3a7640000" }, "0xde0b6b3a7640000", "0x0"],
        ["codeHash", { ...answer, codeHash: EMPTY_CODE_HASH }, EMPTY_CODE_HASH, answer.codeHash],
        ["storageHash", { ...answer, storageHash: EMPTY_TRIE_ROOT }, EMPTY_TRIE_ROOT, answer.storageHash],
        ["address", { ...answer, address: PLAIN }, PLAIN, CONTRACT],
      ];
      for (const [field, changed, claimed, proven] of cases) {
        expect(expectCode("CLAIM_MISMATCH", () => verify(changed))).to.deep.equal({
          object: "eth_getProof",
          field,
          claimed,
          proven,
        });
      }
      const item = { ...answer.storageProof[2]!, value: "0x1" };
      expect(
        expectCode("CLAIM_MISMATCH", () => verify({ ...answer, storageProof: answer.storageProof.with(2, item) })),
      ).to.deep.include({ field: "storageProof[2].value", claimed: "0x1" });
    });

    it("for other slots, in another order, more or fewer", () => {
      const { storageProof } = answer;
      const field = (list: unknown[]) =>
        expectCode("CLAIM_MISMATCH", () => verify({ ...answer, storageProof: list })).field;
      expect(field(storageProof.toReversed())).to.equal("storageProof[0].key");
      expect(field(storageProof.slice(1))).to.equal("storageProof.length");
      expect(field([])).to.equal("storageProof.length");
      expect(field(storageProof.with(1, { ...storageProof[1]!, key: "0x6" }))).to.equal("storageProof[1].key");
      expect(codeOf(() => verify({ ...answer, storageProof: [...storageProof, storageProof[0]!] }))).to.equal(
        "INPUT_TOO_LARGE",
      );
    });

    it("with the proof of another slot", () => {
      const [first, second] = answer.storageProof;
      const storageProof = answer.storageProof.with(0, { ...first!, proof: second!.proof });
      const thrown = expectCode("TRIE_NODE_HASH_MISMATCH", () => verify({ ...answer, storageProof }));
      expect(thrown.proof).to.equal("storageProof[0].proof");
    });

    it("for another account or state", async () => {
      const other = await state.getProof(PLAIN, []);
      expect(codeOf(() => verify(other))).to.equal("CLAIM_MISMATCH");
      // even if it says it were for the right one
      expect(codeOf(() => verify({ ...other, address: CONTRACT }))).to.be.oneOf([
        "TRIE_NODE_HASH_MISMATCH",
        "TRIE_NODE_MISSING",
        "TRIE_NODES_EXTRA",
      ]);
      expect(codeOf(() => verify(answer, { stateRoot: ZERO_HASH }))).to.equal("TRIE_NODE_HASH_MISMATCH");
    });

    it("without one of its fields, or with one that is something else", () => {
      const leaves = jsonLeaves(answer);
      const fields = ["address", "accountProof", "balance", "nonce", "codeHash", "storageHash", "storageProof"];
      for (const key of fields) {
        expect(expectCode("DECODE_FAILED", () => verify(withoutValueAt(answer, [key]))).path).to.equal(key);
        for (const value of [null, {}, true, "0x", "", -1, 1.5]) {
          expect(expectCode("DECODE_FAILED", () => verify(withValueAt(answer, [key], value))).path).to.equal(key);
        }
      }
      for (const key of ["key", "value", "proof"]) {
        const details = expectCode("DECODE_FAILED", () => verify(withoutValueAt(answer, ["storageProof", 1, key])));
        expect(details.path).to.equal(`storageProof[1].${key}`);
      }
      for (const { keys } of leaves)
        expect(codeOf(() => verify(withValueAt(answer, keys, "0xzz")))).to.equal("DECODE_FAILED");
      for (const none of [null, undefined, [], "0x", 1, new Map()])
        expect(codeOf(() => verify(none))).to.equal("DECODE_FAILED");
    });

    it("whose fields are inherited", () => {
      expect(codeOf(() => verify(Object.create(answer)))).to.equal("DECODE_FAILED");
    });
  });

  it("refuses every answer with a digit changed", () => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    let tried = 0;
    for (const { keys, path, value } of jsonLeaves(answer)) {
      const hex = value as string;
      // a branch has a thousand digits, all alike
      for (let at = 2; at < hex.length; at += hex.length > 100 ? 13 : 1) {
        const digit = ((Number.parseInt(hex[at]!, 16) + 1) % 16).toString(16);
        const code = codeOf(() => verify(withValueAt(answer, keys, hex.slice(0, at) + digit + hex.slice(at + 1))));
        tried++;
        if (code !== "CLAIM_MISMATCH" && code !== "TRIE_NODE_HASH_MISMATCH")
          expect.fail(`${path}, digit ${at}: ${code}`);
      }
    }
    Error.stackTraceLimit = stackTraceLimit;
    expect(tried).to.be.greaterThan(500);
  });
});
