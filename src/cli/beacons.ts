/** The beacon nodes of a command line, each with what is sent to it alone. */
import { usageError } from "./failure.js";

export interface Beacon {
  readonly url: string;
  /** Sent with every request to it: an API key, say. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What `parseArgs` makes of a word. */
interface Token {
  readonly kind: string;
  readonly name?: string;
  readonly value?: string | undefined;
}

/** By the names without regard to case, as HTTP has them. */
type Headers = ReadonlyMap<string, readonly [name: string, value: string]>;

/**
 * `--beacon` and `--header`, in the order in which they were typed: a header is for the node before it, and for all if it
 * comes before the first. So a key is shown to nobody but whom it is for.
 *
 * @throws OPTION_INVALID naming the option; a header's value is never shown
 */
export function readBeacons(tokens: readonly Token[]): Beacon[] {
  let common: Headers = new Map();
  const nodes: { url: string; own: Headers }[] = [];
  for (const { kind, name, value = "" } of tokens) {
    if (kind !== "option") continue;
    if (name === "beacon") nodes.push({ url: value, own: new Map() });
    if (name !== "header") continue;
    const node = nodes.at(-1);
    if (node === undefined) common = withHeader(common, value);
    else node.own = withHeader(node.own, value);
  }
  if (nodes.length === 0 && common.size > 0) throw usageError("--header", "it with a --beacon", "it without one");
  return nodes.map(({ url, own }) => ({ url, headers: Object.fromEntries(new Map([...common, ...own]).values()) }));
}

/** `Name: value`, as curl takes it. */
function withHeader(headers: Headers, line: string): Headers {
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(0, colon)).trim();
  if (name === "") throw usageError("--header", '"Name: value"', `${line.length} characters without a name`);
  const key = name.toLowerCase();
  if (headers.has(key)) throw usageError("--header", `${name} once for a beacon node`, "it twice");
  return new Map([...headers, [key, [name, line.slice(colon + 1).trim()]]]);
}
