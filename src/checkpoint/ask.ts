/**
 * The questions to one provider, and what counts as an answer. Beacon nodes and checkpoint services (checkpointz) answer
 * all of them: https://github.com/ethereum/beacon-APIs. Nothing is believed: an answer is one provider's word.
 */
import type { Scope } from "../abort.js";
import type { Clock } from "../clock.js";
import { describeValue, type SidelightError } from "../errors.js";
import { computeEpochAtSlot, slotAtTime } from "../networks/schedule.js";
import type { Network } from "../networks/types.js";
import { askedOf, getJson } from "../transport/get-json.js";
import { foreignText, responseInvalid } from "../transport/rest-errors.js";
import type { RestConfig } from "../transport/rest-options.js";

/** The largest of the answers has about 500 bytes. */
const MAX_ANSWER_BYTES = 16_384;

export interface Asking {
  readonly network: Network;
  readonly clock: Clock;
  /** Of all questions of a call. */
  readonly whileWanted: Scope;
}

/** A checkpoint as consensus has it: the newest block at the start of `epoch`. */
export interface EpochRoot {
  readonly epoch: number;
  /** `0x` hex, lower case */
  readonly root: string;
}

/**
 * What the provider says is finalized. Two requests at once: whether it speaks of this chain at all is the other one.
 *
 * @throws RESPONSE_INVALID (also: another chain, an epoch that has not begun, nothing finalized), what `getJson` throws
 */
export async function askFinalized(config: RestConfig, asking: Asking): Promise<EpochRoot> {
  // Both are waited for: neither may be under way when this returns.
  const [genesis, checkpoints] = await Promise.allSettled([
    ask(config, asking, "genesis", "/eth/v1/beacon/genesis"),
    ask(config, asking, "finality checkpoints", "/eth/v1/beacon/states/head/finality_checkpoints"),
  ]);
  assertSameChain(config, asking.network, settled(genesis));
  return readFinalized(config, asking, settled(checkpoints));
}

/**
 * The root of the block in the first slot of an epoch that the provider has finalized.
 *
 * @throws NOT_AVAILABLE where that slot has no block (or a service keeps none), RESPONSE_INVALID, what `getJson` throws
 */
export async function askRoot(config: RestConfig, asking: Asking, epoch: number): Promise<string> {
  const slot = epoch * asking.network.preset.slotsPerEpoch;
  const words = `block root of slot ${slot}`;
  const answer = await ask(config, asking, words, `/eth/v1/beacon/blocks/${slot}/root`);
  return readRoot(config, words, field(dataOf(answer), "root"));
}

function ask(config: RestConfig, { clock, whileWanted }: Asking, words: string, route: string): Promise<unknown> {
  return whileWanted((signal) => getJson(config, { words, route, maxBytes: MAX_ANSWER_BYTES, clock, signal }));
}

function settled<T>(result: PromiseSettledResult<T>): T {
  if (result.status === "rejected") throw result.reason;
  return result.value;
}

function assertSameChain(config: RestConfig, network: Network, answer: unknown): void {
  const expected = network.genesisValidatorsRoot;
  const actual = field(dataOf(answer), "genesis_validators_root");
  if (typeof actual === "string" && actual.toLowerCase() === expected) return;
  throw invalid(config, "genesis", `genesis_validators_root ${expected} of ${network.name}`, actual);
}

function readFinalized(config: RestConfig, { network, clock }: Asking, answer: unknown): EpochRoot {
  const words = "finality checkpoints";
  const finalized = field(dataOf(answer), "finalized");
  const currentEpoch = computeEpochAtSlot(network, slotAtTime(network, clock.nowMs()));
  const text = field(finalized, "epoch");
  const epoch = typeof text === "string" && /^(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : Number.NaN;
  if (!(epoch <= currentEpoch))
    throw invalid(config, words, `a finalized epoch up to ${currentEpoch}, which is now`, text);
  return { epoch, root: readRoot(config, words, field(finalized, "root")) };
}

/** With or without `0x`: checkpointz writes the root of a block without. */
function readRoot(config: RestConfig, words: string, value: unknown): string {
  const digits = typeof value === "string" ? /^(?:0x)?([0-9a-f]{64})$/i.exec(value)?.[1]?.toLowerCase() : undefined;
  if (digits === undefined) throw invalid(config, words, "a root: 32 bytes of hex", value);
  // What a node says that has not seen anything finalized.
  if (/^0+$/.test(digits)) throw invalid(config, words, "a root that is not of zeroes", value);
  return `0x${digits}`;
}

function dataOf(answer: unknown): unknown {
  return field(answer, "data");
}

function field(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}

function invalid(config: RestConfig, words: string, expected: string, value: unknown): SidelightError {
  const asked = askedOf(config, words);
  const actual = typeof value === "string" ? foreignText(value, config.redact) : describeValue(value);
  return responseInvalid(asked, expected, actual === "undefined" ? "nothing" : actual);
}
