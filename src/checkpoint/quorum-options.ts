/** Options of a quorum: checked once, loudly. No message shows what may hold a credential. */
import { isSidelightError, optionRefused, type SidelightError } from "../errors.js";
import type { FetchLike } from "../transport/http.js";
import { kindOf, type RestConfig, resolveRestOptions } from "../transport/rest-options.js";
import { operatorsOf } from "./operators.js";

/** One of those who are asked. */
export interface QuorumProvider {
  /** Base of its API. A path, a query and `user:password@` are kept as `restSource` keeps them, and never shown. */
  readonly url: string;
  /**
   * What it is called in events and errors: one line, no credentials.
   * @default the host of the URL
   */
  readonly name?: string;
  /**
   * Who runs it: providers of one operator count once. Say it where the host does not tell (two nodes of yours, one
   * operator with two domains).
   * @default the domain: the last two labels of the host, or the address
   */
  readonly operator?: string;
  /**
   * Sent with every request to it, for an API key.
   * @default none
   */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface CheckpointQuorumOptions {
  /** Beacon nodes or checkpoint services; `sidelight/checkpoint` has lists of public ones. */
  readonly providers: readonly (string | QuorumProvider)[];
  /**
   * How many independent operators must tell the same root. With 1, you trust whoever answers alone.
   * @default more than half of them, and at least 2
   */
  readonly required?: number;
  /**
   * How many operators may contradict the others; fewer than `required`. **Trades safety for liveness**: with 0, whoever
   * contradicts is found out before anything is trusted.
   * @default 0
   */
  readonly tolerateDissent?: number;
  /**
   * Time for one request, in milliseconds (1 to 2^31 - 1). There are two rounds at most.
   * @default 5_000
   */
  readonly timeoutMs?: number;
  /**
   * Makes the requests.
   * @default `globalThis.fetch`, looked up at each request
   */
  readonly fetch?: FetchLike;
}

export interface Provider {
  readonly name: string;
  readonly operator: string;
  readonly config: RestConfig;
}

export interface QuorumConfig {
  readonly providers: readonly Provider[];
  /** Independent operators. */
  readonly operators: number;
  readonly required: number;
  readonly tolerated: number;
}

/** @throws OPTION_INVALID */
export function resolveQuorumOptions(options: CheckpointQuorumOptions): QuorumConfig {
  if (typeof options !== "object" || options === null) throw invalid("options", "an object", options);
  const providers = resolveProviders(options);
  const operators = new Set(providers.map(({ operator }) => operator)).size;
  const required = resolveRequired(options.required, operators);
  const tolerated = integer("tolerateDissent", options.tolerateDissent ?? 0, 0, required - 1);
  return { providers, operators, required, tolerated };
}

function resolveProviders({ providers, timeoutMs = 5_000, fetch }: CheckpointQuorumOptions): Provider[] {
  if (!Array.isArray(providers) || providers.length === 0)
    throw invalid("providers", "a list of at least one", providers);
  const given = providers.map((provider: string | QuorumProvider, i) => {
    const entry = typeof provider === "string" ? { url: provider } : provider;
    if (typeof entry !== "object" || entry === null) throw invalid(`providers[${i}]`, "a URL, or an object", provider);
    const { operator } = entry;
    if (operator === undefined || (typeof operator === "string" && /^[^\p{C}]{1,100}$/u.test(operator))) return entry;
    throw invalid(`providers[${i}].operator`, "one line of 1 to 100 characters", operator);
  });
  const configs = given.map(({ url, name, headers }, i) => {
    const own = { ...(name === undefined ? {} : { name }), ...(headers === undefined ? {} : { headers }) };
    const shared = { timeoutMs, ...(fetch === undefined ? {} : { fetch }) };
    return inField(`providers[${i}]`, () => resolveRestOptions(url, { ...shared, ...own }));
  });
  const operators = operatorsOf(given.map(({ url, operator }) => ({ url: new URL(url), operator })));
  const names = new Set<string>();
  return configs.map((config, i) => {
    const { name } = config;
    if (names.has(name)) throw optionRefused(`providers[${i}].name`, "a name that no other provider has", name);
    names.add(name);
    return { name, operator: operators[i]!, config };
  });
}

function resolveRequired(required: number | undefined, operators: number): number {
  if (required !== undefined) return integer("required", required, 1, operators);
  const majority = Math.max(2, Math.floor(operators / 2) + 1);
  if (operators >= majority) return majority;
  throw optionRefused("providers", "at least 2 operators, or required: 1", `${operators}`);
}

/** The REST options' own words, at the place where the caller wrote it. */
function inField<T>(where: string, make: () => T): T {
  try {
    return make();
  } catch (thrown) {
    if (!isSidelightError(thrown, "OPTION_INVALID")) throw thrown;
    const { option, expected, actual } = thrown.details;
    const isShared = option === "timeoutMs" || option === "fetch";
    throw optionRefused(isShared ? option : `${where}.${option}`, expected, actual);
  }
}

function integer(option: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw invalid(option, `an integer from ${min} to ${max}`, value);
}

function invalid(option: string, expected: string, value: unknown): SidelightError<"OPTION_INVALID"> {
  return optionRefused(option, expected, kindOf(value));
}
