/** Headers of execution blocks that are facts, and random ones of every fork. */
import fc from "fast-check";
import { toHex } from "../../src/ssz/bytes.js";

const zeros = (length: number) => `0x${"00".repeat(length)}`;
const EMPTY_ROOT = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421";
const EMPTY_LIST_HASH = "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347";

export type HeaderJson = Readonly<Record<string, string>>;

/** Block 0 of mainnet. */
export const GENESIS_HEADER: HeaderJson = {
  hash: "0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3",
  parentHash: zeros(32),
  sha3Uncles: EMPTY_LIST_HASH,
  miner: zeros(20),
  stateRoot: "0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544",
  transactionsRoot: EMPTY_ROOT,
  receiptsRoot: EMPTY_ROOT,
  logsBloom: zeros(256),
  difficulty: "0x400000000",
  number: "0x0",
  gasLimit: "0x1388",
  gasUsed: "0x0",
  timestamp: "0x0",
  extraData: "0x11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa",
  mixHash: zeros(32),
  nonce: "0x0000000000000042",
};

/** Block 192 of a public test of Amsterdam, made by reth 2.7.0. */
export const AMSTERDAM_HEADER: HeaderJson = {
  hash: "0x86e1583ca604ce5de648b44c41fb309b8dfe72ab21b57ad9f12eb0d92ac991f8",
  parentHash: "0x2648510bb7819909b36373a3a2ccda82a51a0c8b154d03ff7710ef8d64b689e6",
  sha3Uncles: EMPTY_LIST_HASH,
  miner: "0x8943545177806ed17b9f23f0a21ee5948ecaa776",
  stateRoot: "0x2338ab0cb5b76db31251fc2352e9142fd8b2bf19de6ac4a3c201b84d6ba737d3",
  transactionsRoot: EMPTY_ROOT,
  receiptsRoot: EMPTY_ROOT,
  logsBloom: zeros(256),
  difficulty: "0x0",
  number: "0xc0",
  gasLimit: "0xbebc200",
  gasUsed: "0x0",
  timestamp: "0x6abd0dcb",
  extraData: "0x726574682f76322e372e302f6c696e7578",
  mixHash: "0x27184df4d2e2182675a2310a546d32e0d74a7accd4fbeafa84a903cd489dd40c",
  nonce: zeros(8),
  baseFeePerGas: "0x7",
  withdrawalsRoot: EMPTY_ROOT,
  blobGasUsed: "0x0",
  excessBlobGas: "0x0",
  parentBeaconBlockRoot: "0x1214de134cf32c261ff3c2b6f96435016e9b98bf7dcd4870ad0009a2acf79974",
  requestsHash: "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  blockAccessListHash: "0x1d33a17375e8dd0aef5da65c3f51422043f1c40d52eceaaca238cc92501aa32e",
  slotNumber: "0xc0",
};

/** What each fork has put at the end of the header. */
export const ADDED_BY_FORK: readonly (readonly [fork: string, fields: readonly string[]])[] = [
  ["chainstart", []],
  ["berlin", []],
  ["london", ["baseFeePerGas"]],
  ["paris", []],
  ["shanghai", ["withdrawalsRoot"]],
  ["cancun", ["blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot"]],
  ["prague", ["requestsHash"]],
  ["osaka", []],
  ["amsterdam", ["blockAccessListHash", "slotNumber"]],
];

const LATER = ADDED_BY_FORK.flatMap(([, fields]) => fields);

/** The fields of the header of a fork, without the hash. */
export function fieldsOfFork(fork: string): string[] {
  const first = Object.keys(GENESIS_HEADER).filter((name) => name !== "hash");
  const upTo = ADDED_BY_FORK.findIndex(([name]) => name === fork);
  return [...first, ...ADDED_BY_FORK.slice(0, upTo + 1).flatMap(([, fields]) => fields)];
}

const bytes = (minLength: number, maxLength = minLength) => fc.uint8Array({ minLength, maxLength }).map(toHex);
const integer = (max: bigint) =>
  fc
    .oneof(fc.bigInt({ min: 0n, max }), fc.constantFrom(0n, 1n, 127n, 128n, max))
    .map((value) => `0x${value.toString(16)}`);

function valuesOf(name: string): fc.Arbitrary<string> {
  if (["number", "timestamp", "slotNumber"].includes(name)) return integer(2n ** 53n - 1n);
  if (["gasLimit", "gasUsed", "blobGasUsed", "excessBlobGas"].includes(name)) return integer(2n ** 63n - 1n);
  if (["difficulty", "baseFeePerGas"].includes(name)) return integer(2n ** 256n - 1n);
  if (name === "extraData") return bytes(0, 32);
  // hashes that begin with zeros, too: as integers they would lose them
  const { length } = (GENESIS_HEADER[name] ?? AMSTERDAM_HEADER[name])!;
  const size = (length - 2) / 2;
  return fc.oneof(
    bytes(size),
    bytes(size - 1).map((hex) => `0x00${hex.slice(2)}`),
  );
}

/** JSON of a header of a fork, with no more gas used than there is: the other implementation looks at that. */
export function headersOfFork(fork: string): fc.Arbitrary<HeaderJson> {
  const fields = Object.fromEntries(fieldsOfFork(fork).map((name) => [name, valuesOf(name)]));
  return fc.record(fields).map((json) => {
    const [low, high] = [json["gasUsed"]!, json["gasLimit"]!].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
    return { ...json, gasUsed: low!, gasLimit: high! };
  });
}

export function isLaterField(name: string): boolean {
  return LATER.includes(name);
}
