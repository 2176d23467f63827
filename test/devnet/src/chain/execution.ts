import { createHash } from "node:crypto";
import { type ForkName, ForkSeq } from "@lodestar/params";
import { keccak_256 } from "@noble/hashes/sha3";
import type { ExecutionBlockJson } from "../api-types.ts";
import { toHex } from "./ssz-types.ts";

/** An execution block header, as far as an empty block needs one. */
export type ExecutionHeader = {
  fork: ForkName;
  parentHash: Uint8Array;
  feeRecipient: Uint8Array;
  stateRoot: Uint8Array;
  prevRandao: Uint8Array;
  blockNumber: number;
  gasLimit: number;
  timestamp: number;
  extraData: Uint8Array;
  /** EIP-4788, from Deneb on. */
  parentBeaconBlockRoot: Uint8Array;
  /** EIP-7843, from Gloas on. */
  slot: number;
};

export type ExecutionBlock = { header: ExecutionHeader; hash: Uint8Array };

type Rlp = Uint8Array | Rlp[];

export const GAS_LIMIT = 30_000_000;
/** The floor of EIP-1559: an empty block never moves away from it. */
export const BASE_FEE = 7;
const EMPTY_STRING = new Uint8Array(0);
const EMPTY_LIST_HASH = keccak_256(Uint8Array.of(0xc0));
/** Root of the empty Merkle-Patricia trie: no transactions, no receipts, no withdrawals. */
export const EMPTY_TRIE_ROOT = keccak_256(Uint8Array.of(0x80));
/** EIP-7685: the requests hash of a block without requests is the hash of nothing. */
const EMPTY_REQUESTS_HASH = new Uint8Array(createHash("sha256").digest());

/** https://ethereum.org/en/developers/docs/data-structures-and-encoding/rlp/ */
export function rlpEncode(item: Rlp): Uint8Array {
  if (item instanceof Uint8Array) {
    if (item.length === 1 && (item[0] as number) < 0x80) return item;
    return Buffer.concat([rlpPrefix(item.length, 0x80), item]);
  }
  const payload = Buffer.concat(item.map(rlpEncode));
  return Buffer.concat([rlpPrefix(payload.length, 0xc0), payload]);
}

function rlpPrefix(length: number, offset: number): Uint8Array {
  if (length < 56) return Uint8Array.of(offset + length);
  const size = minimalBytes(length);
  return Uint8Array.of(offset + 55 + size.length, ...size);
}

/** Big-endian without leading zeros; zero is the empty string. */
function minimalBytes(value: number): Uint8Array {
  if (value === 0) return EMPTY_STRING;
  const hex = value.toString(16);
  return new Uint8Array(Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex"));
}

/**
 * Header fields in the order in which they are hashed. Each fork appends: EIP-1559 base fee, EIP-4895 withdrawals root,
 * EIP-4844 blob gas and EIP-4788 beacon root, EIP-7685 requests hash, EIP-7928 access list hash and EIP-7843 slot.
 */
function headerFields(header: ExecutionHeader): Uint8Array[] {
  const seq = ForkSeq[header.fork];
  const fields = [
    header.parentHash,
    EMPTY_LIST_HASH,
    header.feeRecipient,
    header.stateRoot,
    EMPTY_TRIE_ROOT,
    EMPTY_TRIE_ROOT,
    new Uint8Array(256),
    EMPTY_STRING,
    minimalBytes(header.blockNumber),
    minimalBytes(header.gasLimit),
    EMPTY_STRING,
    minimalBytes(header.timestamp),
    header.extraData,
    header.prevRandao,
    new Uint8Array(8),
    minimalBytes(BASE_FEE),
  ];
  if (seq >= ForkSeq.capella) fields.push(EMPTY_TRIE_ROOT);
  if (seq >= ForkSeq.deneb) fields.push(EMPTY_STRING, EMPTY_STRING, header.parentBeaconBlockRoot);
  if (seq >= ForkSeq.electra) fields.push(EMPTY_REQUESTS_HASH);
  if (seq >= ForkSeq.gloas) fields.push(EMPTY_LIST_HASH, minimalBytes(header.slot));
  return fields;
}

export function sealExecutionBlock(header: ExecutionHeader): ExecutionBlock {
  return { header, hash: keccak_256(rlpEncode(headerFields(header))) };
}

/** The block that the first payload of a chain builds on. */
export function executionGenesis(fork: ForkName, timestamp: number, stateRoot: Uint8Array): ExecutionBlock {
  return sealExecutionBlock({
    fork,
    parentHash: new Uint8Array(32),
    feeRecipient: new Uint8Array(20),
    stateRoot,
    prevRandao: new Uint8Array(32),
    blockNumber: 0,
    gasLimit: GAS_LIMIT,
    timestamp,
    extraData: EMPTY_STRING,
    parentBeaconBlockRoot: new Uint8Array(32),
    slot: 0,
  });
}

function quantity(value: number): string {
  return `0x${value.toString(16)}`;
}

/** The shape of `eth_getBlockByHash` (execution-apis, `Block`), without transactions. */
export function executionBlockToJson({ header, hash }: ExecutionBlock): ExecutionBlockJson {
  const seq = ForkSeq[header.fork];
  const json: ExecutionBlockJson = {
    hash: toHex(hash),
    parentHash: toHex(header.parentHash),
    sha3Uncles: toHex(EMPTY_LIST_HASH),
    miner: toHex(header.feeRecipient),
    stateRoot: toHex(header.stateRoot),
    transactionsRoot: toHex(EMPTY_TRIE_ROOT),
    receiptsRoot: toHex(EMPTY_TRIE_ROOT),
    logsBloom: toHex(new Uint8Array(256)),
    difficulty: "0x0",
    number: quantity(header.blockNumber),
    gasLimit: quantity(header.gasLimit),
    gasUsed: "0x0",
    timestamp: quantity(header.timestamp),
    extraData: toHex(header.extraData),
    mixHash: toHex(header.prevRandao),
    nonce: "0x0000000000000000",
    baseFeePerGas: quantity(BASE_FEE),
    size: quantity(rlpEncode(headerFields(header)).length),
    uncles: [],
    transactions: [],
  };
  if (seq >= ForkSeq.capella) Object.assign(json, { withdrawalsRoot: toHex(EMPTY_TRIE_ROOT), withdrawals: [] });
  if (seq >= ForkSeq.deneb) {
    const parentBeaconBlockRoot = toHex(header.parentBeaconBlockRoot);
    Object.assign(json, { blobGasUsed: "0x0", excessBlobGas: "0x0", parentBeaconBlockRoot });
  }
  if (seq >= ForkSeq.electra) json.requestsHash = toHex(EMPTY_REQUESTS_HASH);
  if (seq >= ForkSeq.gloas) {
    Object.assign(json, { blockAccessListHash: toHex(EMPTY_LIST_HASH), slotNumber: quantity(header.slot) });
  }
  return json;
}
