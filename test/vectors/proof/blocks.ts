/** Where real execution blocks are in the data, in the JSON of JSON-RPC. */
import { buildOrderedTrie, encodeRlp, keccak256 } from "../../../src/proof/index.js";
import { integerToBytes } from "../../../src/proof/rlp.js";
import { toHex } from "../../../src/ssz/bytes.js";
import { bytesOf } from "../../support/tries.js";

export interface ExecutionBlockFile {
  readonly file: string;
  /** The block within the file. */
  readonly json: (file: unknown) => unknown;
}

const whole = (file: unknown) => file;
const NIMBUS = "el-proofs/nimbus-verified-proxy";
const LODESTAR = "el-proofs/lodestar-prover";
const executionBlock = (file: unknown) => (file as { execution: { block: unknown } }).execution.block;

export const EXECUTION_BLOCKS: readonly ExecutionBlockFile[] = [
  ...["Paris", "Shanghai", "Cancun", "Prague", "22431084"].map((name) => ({
    file: `${NIMBUS}/blocks/${name}.json.gz`,
    json: whole,
  })),
  { file: `${NIMBUS}/proof_block.json`, json: whole },
  { file: `${NIMBUS}/block_0x17a2d23.json`, json: whole },
  { file: "el-proofs/helios-rpc/rpc/block.json", json: whole },
  { file: "el-proofs/eth-avm/eth_data.json.gz", json: (file) => (file as { block_header: unknown }).block_header },
  { file: "mainnet/libnimbus_lc/executionBlockHeader.json", json: whole },
  ...[
    "mainnet/eth_call",
    "mainnet/eth_estimateGas_contract_call",
    "mainnet/eth_estimateGas_simple_transfer",
    "sepolia/eth_getBalance_contract",
    "sepolia/eth_getBalance_eoa",
    "sepolia/eth_getBlock_with_contractCreation",
    "sepolia/eth_getBlock_with_no_accessList",
    "sepolia/eth_getCode",
    "sepolia/eth_getTransactionCount",
  ].map((name) => ({ file: `${LODESTAR}/${name}.json.gz`, json: executionBlock })),
];

/** An execution payload in the JSON of the Beacon API: names with underscores, integers in decimal. */
export interface Payload extends Readonly<Record<string, unknown>> {
  readonly block_hash: string;
  readonly block_number: string;
  readonly receipts_root: string;
  readonly logs_bloom: string;
  readonly transactions: readonly string[];
  readonly withdrawals: readonly Readonly<Record<string, string>>[];
}

export interface BeaconBlockFile {
  readonly file: string;
  readonly json: (file: unknown) => { readonly payload: Payload; readonly parentRoot: string };
}

interface BeaconBlock {
  readonly parent_root: string;
  readonly body: { readonly execution_payload: Payload };
}

const beaconBlock = (block: BeaconBlock) => ({ payload: block.body.execution_payload, parentRoot: block.parent_root });
const inAnswer = (file: unknown) => beaconBlock((file as { data: { message: BeaconBlock } }).data.message);

export const BEACON_BLOCKS: readonly BeaconBlockFile[] = [
  ...["helios-7109344", "helios-7109430", "helios-7109431", "synapse-slot-006632854"].map((name) => ({
    file: `blocks/mainnet-capella/${name}.json`,
    json: inAnswer,
  })),
  {
    file: "blocks/mainnet-deneb/datachainlab-mainnet_block_10265184.json",
    json: (file) => beaconBlock(file as BeaconBlock),
  },
  { file: "blocks/sepolia-deneb/snowbridge-block_by_slot_4571137.json", json: inAnswer },
];

/** Withdrawals as JSON-RPC has them. */
export function withdrawalsOf({ withdrawals }: Payload) {
  return withdrawals.map((withdrawal) => ({
    index: BigInt(withdrawal["index"]!),
    validatorIndex: BigInt(withdrawal["validator_index"]!),
    address: withdrawal["address"],
    amount: BigInt(withdrawal["amount"]!),
  }));
}

/** The JSON of the header whose hash the payload names, after the merge: its lists' roots are computed. */
export function headerOfPayload(payload: Payload, parentBeaconBlockRoot: string): Record<string, unknown> {
  const integer = (name: string) => BigInt(payload[name] as string);
  const isCancun = payload["blob_gas_used"] !== undefined;
  const rlpOfWithdrawals = withdrawalsOf(payload).map(({ index, validatorIndex, address, amount }) =>
    encodeRlp([integerToBytes(index), integerToBytes(validatorIndex), bytesOf(address!), integerToBytes(amount)]),
  );
  return {
    parentHash: payload["parent_hash"],
    sha3Uncles: toHex(keccak256(encodeRlp([]))),
    miner: payload["fee_recipient"],
    stateRoot: payload["state_root"],
    transactionsRoot: toHex(buildOrderedTrie(payload.transactions.map(bytesOf)).root),
    receiptsRoot: payload.receipts_root,
    logsBloom: payload.logs_bloom,
    difficulty: 0,
    number: integer("block_number"),
    gasLimit: integer("gas_limit"),
    gasUsed: integer("gas_used"),
    timestamp: integer("timestamp"),
    extraData: payload["extra_data"],
    mixHash: payload["prev_randao"],
    nonce: "0x0000000000000000",
    baseFeePerGas: integer("base_fee_per_gas"),
    withdrawalsRoot: toHex(buildOrderedTrie(rlpOfWithdrawals).root),
    ...(isCancun
      ? { blobGasUsed: integer("blob_gas_used"), excessBlobGas: integer("excess_blob_gas"), parentBeaconBlockRoot }
      : {}),
  };
}
