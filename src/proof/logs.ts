/**
 * The logs of a block that match a filter, proven to be all of them: by the header's bloom alone where it excludes them,
 * by all of the block's receipts where it does not.
 */
import { optionInvalid } from "../errors.js";
import { isHex, toHex } from "../ssz/bytes.js";
import { type ProvenLog, verifyReceipts } from "./block-lists.js";
import { BLOOM_BYTES, type Logged, mayHold, unionOfBlooms } from "./bloom.js";
import type { ExecutionHeader } from "./header.js";
import { optionBytes } from "./input.js";
import { assertBloom } from "./receipt.js";

/** As `eth_getLogs` has it. */
export interface LogFilter {
  /** From any of these; without it, from all. */
  readonly address?: string | readonly string[];
  /** At each position one topic, any of several, or (`null`) whatever is there. */
  readonly topics?: readonly (string | readonly string[] | null)[];
}

export interface BlockLogsOptions {
  /** Proven: what `verifyExecutionHeader` gave. */
  readonly header: Pick<ExecutionHeader, "receiptsRoot" | "logsBloom">;
  /** All of the block's; not needed where {@link mayHaveLogs} says no. */
  readonly receipts?: readonly unknown[];
  /** @default all logs */
  readonly filter?: LogFilter;
}

/**
 * Every log of the block that matches the filter, and no other, in order.
 *
 * @throws OPTION_INVALID a bloom or a filter that is none, or no receipts although the bloom does not exclude any logs
 * @throws LOGS_BLOOM_MISMATCH the header's bloom is not of all logs
 * @throws what `verifyReceipts` does
 */
export function verifyBlockLogs({ header, receipts, filter = {} }: BlockLogsOptions): ProvenLog[] {
  if (!mayHaveLogs(header.logsBloom, filter)) return [];
  if (receipts === undefined)
    throw optionInvalid("receipts", "all of the block's: its bloom may hold such logs", receipts);
  const proven = verifyReceipts({ receiptsRoot: header.receiptsRoot, receipts });
  assertBloom("block", header.logsBloom, unionOfBlooms(proven.map(({ logsBloom }) => logsBloom)));
  return proven.flatMap(({ logs }) => logs.filter((log) => matches(filter, log)));
}

/**
 * `false`: a block with this bloom has no log that matches. No receipts are needed to know that.
 * @throws OPTION_INVALID
 */
export function mayHaveLogs(logsBloom: string, filter: LogFilter): boolean {
  // a shorter one has no bits where they would be, and would exclude everything
  const bloom = toHex(optionBytes("logsBloom", logsBloom, BLOOM_BYTES));
  return choicesOf(filter).every((choices) => choices === null || choices.some((value) => mayHold(bloom, value)));
}

function matches(filter: LogFilter, { address, topics }: Logged): boolean {
  const values = [address, ...topics];
  return choicesOf(filter).every((choices, i) => {
    // a filter longer than a log's topics does not match it, not even by null
    if (i >= values.length) return false;
    return choices === null || choices.includes(values[i]!);
  });
}

/** The address and each topic: which are allowed, `null` for all. */
function choicesOf({ address, topics = [] }: LogFilter): (readonly string[] | null)[] {
  if (!Array.isArray(topics)) throw optionInvalid("filter.topics", "an array", topics);
  return [
    hexChoices("filter.address", address ?? null, 20),
    ...topics.map((topic, i) => hexChoices(`filter.topics[${i}]`, topic, 32)),
  ];
}

function hexChoices(
  option: string,
  choice: string | readonly string[] | null,
  length: number,
): readonly string[] | null {
  if (choice === null) return null;
  const list = typeof choice === "string" ? [choice] : choice;
  if (!Array.isArray(list)) throw optionInvalid(option, `0x hex of ${length} bytes, or an array of it`, choice);
  // no choice is none, as nodes have it
  if (list.length === 0) return null;
  return list.map((value) => {
    if (!isHex(value, length)) throw optionInvalid(option, `0x hex of ${length} bytes`, value);
    return value.toLowerCase();
  });
}
