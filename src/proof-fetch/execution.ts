/** Execution state, receipts and logs, fetched from JSON-RPC endpoints that nobody trusts and proven by a client's headers. */
import type { TrustLabel, VerifiedHeader } from "../client/types.js";
import { isSidelightError, messageOf, optionInvalid, SidelightError } from "../errors.js";
import { type Account, type Slot, slotBytes, verifyCode } from "../proof/account.js";
import { verifyExecutionBlock } from "../proof/block.js";
import { type ProvenLog, type ProvenReceipt, verifyReceipts } from "../proof/block-lists.js";
import { bytes32, fieldFromJson, smallInteger } from "../proof/codec.js";
import { type ProvenStorage, verifyGetProof } from "../proof/get-proof.js";
import { type ExecutionHeader, verifyExecutionHeader } from "../proof/header.js";
import { type BytesLike, optionBytes, placeOf } from "../proof/input.js";
import { EMPTY_CODE_HASH } from "../proof/keccak.js";
import { type LogFilter, mayHaveLogs, verifyBlockLogs } from "../proof/logs.js";
import { HISTORY_STORAGE_ADDRESS, historyStorageSlot, verifyHistoricalBlockHash } from "../proof/system-contracts.js";
import type { HashedTransaction } from "../proof/transaction.js";
import { toHex } from "../ssz/bytes.js";
import { createSourcePool, type SourcePoolOptions } from "../transport/pool/source-pool.js";
import type { RequestOptions } from "../transport/port.js";
import { notAvailable } from "../transport/rest-errors.js";
import { type Anchor, anchorHeader, type HeaderSource } from "./anchor.js";
import type { RpcSource } from "./rpc-source.js";

export interface ExecutionOptions extends SourcePoolOptions {
  readonly client: HeaderSource;
  /** Untrusted. Asked one after the other, in the order of their standing. */
  readonly rpc: readonly RpcSource[];
}

export interface ExecutionCallOptions {
  /**
   * Of which block: that of the finalized header, of the head, or the one of a number, of the 8191 before that of the
   * finalized header (EIP-2935, from Prague on).
   * @default "finalized"
   */
  readonly at?: Anchor | number;
  readonly signal?: AbortSignal;
}

/** A value, and the execution block in whose state it is. */
export interface ProvenInBlock<T> {
  readonly value: T;
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly stateRoot: string;
  /** Of the verified header that proves it. */
  readonly trust: TrustLabel;
}

/** What a transaction did. */
export interface ProvenTransaction {
  readonly receipt: ProvenReceipt;
  readonly transaction: HashedTransaction;
  /** In its block. */
  readonly index: number;
}

export interface LogQuery extends LogFilter {
  /** Number of a block. @default the last one */
  readonly fromBlock?: number;
}

/**
 * All methods reject with
 *
 * - OPTION_INVALID an argument that is none
 * - CLIENT_STATE_INVALID the client has no verified header yet, or one without execution data (before Capella)
 * - NO_SOURCE_ANSWERED nobody gave a proof, with what each said; `signal.reason`
 */
export interface ExecutionReader {
  /** The whole account; `null`: it is proven that there is none. */
  getAccount(address: string, options?: ExecutionCallOptions): Promise<ProvenInBlock<Account | null>>;
  /** In wei; 0 for an account that is not there. */
  getBalance(address: string, options?: ExecutionCallOptions): Promise<ProvenInBlock<bigint>>;
  /** The word in a slot; 0 where nothing is stored. */
  getStorage(address: string, slot: Slot, options?: ExecutionCallOptions): Promise<ProvenInBlock<bigint>>;
  /** `0x` hex; `0x` for an account without code. */
  getCode(address: string, options?: ExecutionCallOptions): Promise<ProvenInBlock<string>>;
  /**
   * The receipt of a transaction, of a block that `at` allows for. A node that says it does not know the transaction, or that
   * it is in a block that `at` does not allow for, is not to be believed, and cannot be refuted: the next one is asked, and
   * where all say so NO_SOURCE_ANSWERED.
   */
  getTransactionReceipt(hash: string, options?: ExecutionCallOptions): Promise<ProvenInBlock<ProvenTransaction>>;
  /** All logs that match, of the blocks from `fromBlock` to that of `at`: at most 256. None is left out. */
  getLogs(query: LogQuery, options?: ExecutionCallOptions): Promise<ProvenInBlock<readonly ProvenLogInBlock[]>>;
  /** The execution header itself. */
  getHeader(options?: ExecutionCallOptions): Promise<ProvenInBlock<ExecutionHeader>>;
}

export interface ProvenLogInBlock extends ProvenLog {
  readonly blockNumber: number;
  readonly blockHash: string;
}

const MAX_BLOCKS = 256;

/** EIP-2935: of how many blocks before its own a state has the hashes. */
const HISTORY_BLOCKS = 8191;

interface Place extends Omit<ProvenInBlock<never>, "value"> {
  readonly header: ExecutionHeader;
}

/**
 * Reads the execution chain through a client: `execution({ client, rpc: [rpcSource("https://…")] })`. Every answer is
 * proven by a state root, or a root of receipts, of an execution header whose hash a verified beacon header proves; from
 * Gloas on that is the last payload that the beacon block builds on.
 *
 * @throws OPTION_INVALID
 */
export function execution(options: ExecutionOptions): ExecutionReader {
  const { client } = options;
  const pool = createSourcePool("rpc", options.rpc, options);

  function ask<T>(
    method: string,
    params: readonly unknown[],
    signal: AbortSignal | undefined,
    use: (answer: unknown) => T | Promise<T>,
  ): Promise<T> {
    return pool.ask({ request: method, signal, ask: (source, call) => source.call(method, params, call), use });
  }

  function headerByHash(blockHash: string, signal: AbortSignal | undefined): Promise<ExecutionHeader> {
    return ask("eth_getBlockByHash", [blockHash, false], signal, (header) =>
      verifyExecutionHeader({ blockHash, header }),
    );
  }

  async function placeAt({ at = "finalized", signal }: ExecutionCallOptions): Promise<Place> {
    const verified = anchorHeader(client, typeof at === "number" ? "finalized" : at);
    const { trust } = verified;
    const first = executionHash(verified);
    const header = await headerByHash(first, signal);
    if (typeof at !== "number" || at === header.number) return placeIn(header, first, trust);
    const blockHash = await earlierHash(header, at, signal);
    return placeIn(await headerByHash(blockHash, signal), blockHash, trust);
  }

  async function earlierHash({ stateRoot, number }: ExecutionHeader, blockNumber: number, signal?: AbortSignal) {
    const first = Math.max(0, number - HISTORY_BLOCKS);
    // before anybody is asked: who answers has no part in it
    if (!(Number.isSafeInteger(blockNumber) && blockNumber >= first && blockNumber < number)) {
      throw optionInvalid("at", `a block from ${first} to ${number}`, blockNumber);
    }
    const params = [HISTORY_STORAGE_ADDRESS, [quantity(historyStorageSlot(blockNumber))], quantity(number)];
    const hash = await ask("eth_getProof", params, signal, (answer) =>
      verifyHistoricalBlockHash({ stateRoot, stateBlockNumber: number, blockNumber, answer }),
    );
    if (hash === null) throw optionInvalid("at", "a block since Prague, whose hash the state has", blockNumber);
    return hash;
  }

  /** `eth_getProof`, proven. */
  async function stateOf(address: string, slots: readonly Slot[], place: Place, signal: AbortSignal | undefined) {
    const keys = slots.map((slot) => toHex(slotBytes(slot)));
    const { stateRoot } = place;
    return askOfState("eth_getProof", [hexAddress(address), keys], place, signal, (answer) =>
      verifyGetProof({ stateRoot, address, slots, answer }),
    );
  }

  /**
   * Nodes are asked for a state by the number of its block, as not all take its hash (EIP-1898). One that has followed the
   * chain to another head answers truly of that: who says that it has another block there is passed over, and not blamed.
   * What is final has no other block.
   */
  function askOfState<T>(
    method: string,
    params: readonly unknown[],
    { blockNumber, blockHash, trust }: Place,
    signal: AbortSignal | undefined,
    verify: (answer: unknown) => T,
  ): Promise<T> {
    const ofBlock = [...params, quantity(blockNumber)];
    if (trust.level === "finalized") return ask(method, ofBlock, signal, verify);
    return pool.ask({
      request: method,
      signal,
      async ask(source, options): Promise<{ readonly value: T } | { readonly thrown: unknown }> {
        const answer = await source.call(method, ofBlock, options);
        try {
          return { value: verify(answer) };
        } catch (thrown) {
          const other = await otherBlock(source, blockNumber, blockHash, options);
          if (other === null) return { thrown };
          const why = `the state of block ${blockNumber} ${other}, not ${blockHash}`;
          throw notAvailable({ source: source.name, request: method, redact: (text) => text }, why);
        }
      },
      use(result) {
        if ("thrown" in result) throw result.thrown;
        return result.value;
      },
    });
  }

  async function inState<T>(
    address: string,
    slots: readonly Slot[],
    call: ExecutionCallOptions,
    read: (account: Account | null, storage: readonly ProvenStorage[]) => T,
  ): Promise<ProvenInBlock<T>> {
    hexAddress(address);
    const place = await placeAt(call);
    const { account, storage } = await stateOf(address, slots, place, call.signal);
    return withValue(place, read(account, storage));
  }

  /** @throws CLAIM_MISMATCH it is not in this block */
  async function findIn(place: Place, hash: string, signal: AbortSignal | undefined) {
    const { blockHash, blockNumber } = place;
    const { transactions } = await ask("eth_getBlockByHash", [blockHash, true], signal, (block) =>
      verifyExecutionBlock({ blockHash, block }),
    );
    const index = transactions.findIndex((transaction) => transaction.hash === hash);
    if (index === -1) throw notInBlock(hash, blockNumber);
    return { place, transaction: transactions[index]!, index };
  }

  return {
    getAccount: (address, call = {}) => inState(address, [], call, (account) => account),
    getBalance: (address, call = {}) => inState(address, [], call, (account) => account?.balanceWei ?? 0n),
    getStorage: (address, slot, call = {}) => inState(address, [slot], call, (_, [item]) => item!.value),

    async getCode(address, call = {}) {
      const place = await placeAt(call);
      const { account } = await stateOf(address, [], place, call.signal);
      const codeHash = account?.codeHash ?? EMPTY_CODE_HASH;
      if (codeHash === EMPTY_CODE_HASH) return withValue(place, "0x");
      const code = await askOfState("eth_getCode", [hexAddress(address)], place, call.signal, (answer) =>
        verifyCode({ codeHash, code: answer as string }),
      );
      return withValue(place, code);
    },

    async getTransactionReceipt(hash, call = {}) {
      const { signal } = call;
      const wanted = toHex(optionBytes("hash", hash, 32));
      const last = await placeAt(call);
      const request = "eth_getTransactionReceipt";
      const found = await pool.ask({
        request,
        signal,
        // its own answer, the hash of that block, and its header: of the last two it may not be the one that is slow
        weight: 3,
        async ask(source, options) {
          const answer = await source.call(request, [wanted], options);
          try {
            return { answer, place: await placeBefore(last, blockNumberOf(answer), options.signal) };
          } catch (thrown) {
            options.signal?.throwIfAborted();
            // malformed: judged below, where who answers so is blamed
            if (isSidelightError(thrown, "DECODE_FAILED")) return { answer, place: null };
            const isPlaceless =
              isSidelightError(thrown, "OPTION_INVALID") || isSidelightError(thrown, "NO_SOURCE_ANSWERED");
            if (!isPlaceless) throw thrown;
            // who names such a block may be right, and cannot be believed: the next one is asked
            throw notAvailable({ source: source.name, request, redact: (text) => text }, messageOf(thrown));
          }
        },
        async use({ answer, place }) {
          try {
            return await findIn(place ?? (await placeBefore(last, blockNumberOf(answer), signal)), wanted, signal);
          } catch (thrown) {
            // who says where it is has not done wrong if others do not have the block
            if (isSidelightError(thrown, "NO_SOURCE_ANSWERED")) return { thrown };
            throw thrown;
          }
        },
      });
      if ("thrown" in found) throw found.thrown;
      const { place, transaction, index } = found;
      const { header, blockHash } = place;
      const receipts = await ask("eth_getBlockReceipts", [blockHash], signal, (answer) =>
        verifyReceipts({ receiptsRoot: header.receiptsRoot, receipts: answer as readonly unknown[] }),
      );
      return withValue(place, { receipt: receipts[index]!, transaction, index });
    },

    async getLogs({ fromBlock, ...filter }, call = {}) {
      const { signal } = call;
      const last = await placeAt(call);
      const from = fromBlock ?? last.blockNumber;
      const least = Math.max(0, last.blockNumber - MAX_BLOCKS + 1);
      if (!(Number.isSafeInteger(from) && from >= least && from <= last.blockNumber)) {
        throw optionInvalid("fromBlock", `a block from ${least} to ${last.blockNumber}`, fromBlock);
      }
      const logs: ProvenLogInBlock[][] = [];
      let { header, blockHash } = last;
      while (true) {
        const { number } = header;
        const found = await logsOf(header, blockHash, filter, signal);
        const place = { blockNumber: number, blockHash };
        logs.push(found.map((log) => ({ ...log, ...place })));
        if (number <= from) break;
        blockHash = header.parentHash;
        header = await headerByHash(blockHash, signal);
      }
      return withValue(last, logs.reverse().flat());
    },

    async getHeader(call = {}) {
      const place = await placeAt(call);
      return withValue(place, place.header);
    },
  };

  /** The block of a number up to that of `last`. */
  async function placeBefore(last: Place, blockNumber: number, signal: AbortSignal | undefined): Promise<Place> {
    if (blockNumber === last.blockNumber) return last;
    const blockHash = await earlierHash(last.header, blockNumber, signal);
    return placeIn(await headerByHash(blockHash, signal), blockHash, last.trust);
  }

  async function logsOf(header: ExecutionHeader, blockHash: string, filter: LogFilter, signal?: AbortSignal) {
    if (!mayHaveLogs(header.logsBloom, filter)) return [];
    return ask("eth_getBlockReceipts", [blockHash], signal, (receipts) =>
      verifyBlockLogs({ header, receipts: receipts as readonly unknown[], filter }),
    );
  }
}

/** Hash of another block that the source says it has at this number; `null`: it says nothing of the kind. */
async function otherBlock(
  source: RpcSource,
  blockNumber: number,
  blockHash: string,
  options: RequestOptions,
): Promise<string | null> {
  try {
    const block = await source.call("eth_getBlockByNumber", [quantity(blockNumber), false], options);
    const hash = fieldFromJson(block, "hash", bytes32, placeOf("block", "json-rpc"));
    return hash === blockHash ? null : hash;
  } catch {
    options.signal?.throwIfAborted();
    return null;
  }
}

function placeIn(header: ExecutionHeader, blockHash: string, trust: TrustLabel): Place {
  return { header, blockNumber: header.number, blockHash, stateRoot: header.stateRoot, trust };
}

function withValue<T>({ header: _, ...place }: Place, value: T): ProvenInBlock<T> {
  return { ...place, value };
}

/** @throws CLIENT_STATE_INVALID */
function executionHash({ slot, execution: proven }: VerifiedHeader): string {
  if (proven !== null) return proven.blockHash;
  const message = `header of slot ${slot}: expected one with execution data (Capella or later), got none`;
  throw new SidelightError("CLIENT_STATE_INVALID", message, { method: "execution", state: "before Capella" });
}

/** Where a receipt claims to be. @throws DECODE_FAILED */
function blockNumberOf(receipt: unknown): number {
  return fieldFromJson(receipt, "blockNumber", smallInteger, placeOf("receipt", "json-rpc"));
}

function notInBlock(hash: string, blockNumber: number): SidelightError {
  const message = `transaction ${hash}: expected it in block ${blockNumber}, as was claimed, and it is proven not to be`;
  const details = { object: "receipt", field: "blockNumber", claimed: String(blockNumber), proven: "another block" };
  return new SidelightError("CLAIM_MISMATCH", message, details);
}

function hexAddress(address: BytesLike): string {
  return toHex(optionBytes("address", address, 20));
}

function quantity(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}
