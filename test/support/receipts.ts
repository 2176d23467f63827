/** Random receipts, in JSON and as another implementation of RLP has them. */
import { RLP } from "@ethereumjs/rlp";
import fc from "fast-check";
import { logsBloomOf } from "../../src/proof/bloom.js";
import type { Log } from "../../src/proof/receipt.js";
import { integerToBytes } from "../../src/proof/rlp.js";
import { toHex } from "../../src/ssz/bytes.js";
import { bytesOf } from "./tries.js";

const bytes = (minLength: number, maxLength = minLength) => fc.uint8Array({ minLength, maxLength }).map(toHex);

/** Few, so that filters match. */
const addresses = fc.integer({ min: 1, max: 6 }).map((i) => `0x${i.toString(16).padStart(40, "0")}`);
const topics = fc.integer({ min: 1, max: 8 }).map((i) => `0x${i.toString(16).padStart(64, "a")}`);

export const logs: fc.Arbitrary<Log> = fc.record({
  address: addresses,
  topics: fc.array(topics, { maxLength: 4 }),
  data: bytes(0, 70),
});

export interface ReceiptJson {
  readonly type: string;
  readonly status?: string;
  readonly root?: string;
  readonly cumulativeGasUsed: string;
  readonly logsBloom: string;
  readonly logs: readonly Log[];
}

export const receipts: fc.Arbitrary<ReceiptJson> = fc
  .record({
    type: fc.integer({ min: 0, max: 4 }),
    outcome: fc.oneof(fc.constantFrom("0x0", "0x1"), bytes(32)),
    gas: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    logs: fc.array(logs, { maxLength: 5 }),
  })
  .map(({ type, outcome, gas, logs: list }) => ({
    type: `0x${type}`,
    ...(outcome.length > 3 ? { root: outcome } : { status: outcome }),
    cumulativeGasUsed: `0x${gas.toString(16)}`,
    logsBloom: logsBloomOf(list),
    logs: list,
  }));

export function rlpOfReceipt({
  type,
  status,
  root,
  cumulativeGasUsed,
  logsBloom,
  logs: list,
}: ReceiptJson): Uint8Array {
  const outcome = root === undefined ? integerToBytes(BigInt(status!)) : bytesOf(root);
  const fields = list.map((log) => [bytesOf(log.address), log.topics.map(bytesOf), bytesOf(log.data)]);
  const payload = RLP.encode([outcome, integerToBytes(BigInt(cumulativeGasUsed)), bytesOf(logsBloom), fields]);
  return Number(type) === 0 ? payload : Uint8Array.of(Number(type), ...payload);
}
