/** Random transactions of every type, as JSON of JSON-RPC, with the bytes that another implementation makes of them. */
import { Common, type CommonOpts, Mainnet } from "@ethereumjs/common";
import { createTx, type TypedTxData } from "@ethereumjs/tx";
import fc from "fast-check";
import { toHex } from "../../src/ssz/bytes.js";

const bytes = (minLength: number, maxLength = minLength) => fc.uint8Array({ minLength, maxLength }).map(toHex);
const quantity = (max: bigint) => fc.bigInt({ min: 0n, max }).map((value) => `0x${value.toString(16)}`);

const UINT64 = 2n ** 64n - 1n;
const UINT256 = 2n ** 256n - 1n;
/** What the other implementation takes for a signature: below the order of the curve, `s` in its lower half. */
const HALF_ORDER = 2n ** 254n;

const address = bytes(20);
const hash = fc.oneof(
  bytes(32),
  bytes(31).map((hex) => `0x00${hex.slice(2)}`),
);
const signature = {
  r: fc.bigInt({ min: 1n, max: HALF_ORDER }).map((value) => `0x${value.toString(16)}`),
  s: fc.bigInt({ min: 1n, max: HALF_ORDER }).map((value) => `0x${value.toString(16)}`),
};
const parity = fc.constantFrom("0x0", "0x1");
const accessList = fc.array(fc.record({ address, storageKeys: fc.array(hash, { maxLength: 3 }) }), { maxLength: 3 });

const common = {
  nonce: quantity(UINT64 - 1n),
  gas: quantity(UINT64),
  value: quantity(UINT256),
  input: bytes(0, 300),
  ...signature,
};
const typed = { ...common, chainId: fc.constant("0x1"), accessList, yParity: parity };
const price = quantity(2n ** 100n);
const to = fc.option(address, { nil: null });

const fees = fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 100n }), fc.bigInt({ min: 0n, max: 2n ** 100n })).map((pair) => {
  const [low, high] = pair.toSorted((a, b) => (a < b ? -1 : 1)).map((fee) => `0x${fee.toString(16)}`);
  return { maxPriorityFeePerGas: low, maxFeePerGas: high };
});

const authorization = fc.record({
  chainId: quantity(2n ** 64n - 1n),
  address,
  nonce: quantity(UINT64 - 1n),
  yParity: parity,
  ...signature,
});

export type TransactionJson = Readonly<Record<string, unknown>>;

const with_ = (
  type: number,
  shape: Record<string, fc.Arbitrary<unknown>>,
  hasFees: boolean,
): fc.Arbitrary<TransactionJson> =>
  fc
    .tuple(fc.record(shape), hasFees ? fees : fc.constant({}))
    .map(([json, more]) => ({ type: `0x${type}`, ...json, ...more }));

/** By type. Without `hash`. */
export const TRANSACTIONS: readonly fc.Arbitrary<TransactionJson>[] = [
  with_(0, { ...common, to, gasPrice: price, v: fc.constantFrom("0x1b", "0x1c", "0x25", "0x26") }, false),
  with_(1, { ...typed, to, gasPrice: price }, false),
  with_(2, { ...typed, to }, true),
  with_(
    3,
    {
      ...typed,
      to: address,
      maxFeePerBlobGas: price,
      blobVersionedHashes: fc.array(
        bytes(31).map((hex) => `0x01${hex.slice(2)}`),
        { minLength: 1, maxLength: 6 },
      ),
    },
    true,
  ),
  with_(4, { ...typed, to: address, authorizationList: fc.array(authorization, { minLength: 1, maxLength: 4 }) }, true),
];

/** It wants to see something to check blobs with, which blocks do not have. */
const customCrypto = { kzg: {} } as unknown as NonNullable<CommonOpts["customCrypto"]>;
const rules = new Common({ chain: Mainnet, hardfork: "prague", customCrypto });

/** Bytes and hash as another implementation has them. */
export function othersForm(json: TransactionJson): { readonly bytes: Uint8Array; readonly hash: string } {
  const { gas, input, yParity, accessList: list, authorizationList, ...rest } = json;
  const data = {
    ...rest,
    gasLimit: gas,
    data: input,
    ...(yParity === undefined ? {} : { v: yParity }),
    ...(list === undefined ? {} : { accessList: list }),
    ...(authorizationList === undefined ? {} : { authorizationList }),
  };
  const tx = createTx(data as unknown as TypedTxData, { common: rules, allowUnlimitedInitCodeSize: true });
  return { bytes: tx.serialize(), hash: toHex(tx.hash()) };
}
