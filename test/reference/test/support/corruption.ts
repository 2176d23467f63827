/** Single faults in otherwise honest objects, made after signing: what a lying server could send. */
import type { SignedKind } from "../../src/client.js";
import type { Difference } from "./agreement.js";
import type { FeedItem } from "./feed.js";
import { read, withValues, zeroes } from "./json-edit.js";

/** What becomes of an item: anything that is not said stays. */
export interface Change {
  readonly data?: unknown;
  readonly fork?: string;
  readonly currentSlot?: number;
}

export interface Corruption {
  readonly name: string;
  /**
   * "refused" by both; "accepted" by both; "same": accepted only here, being the same object in a form that the
   * reference cannot read; or refused only here, with the given code.
   */
  readonly expected: "refused" | "accepted" | "same" | Difference;
  /** Every way to make it of an item; none where it cannot be made of it. */
  make(item: FeedItem): readonly Change[];
}

export const HEADERS = ["attested_header", "finalized_header"] as const;
export const BITS = "sync_aggregate.sync_committee_bits";
export const SIGNATURE = "sync_aggregate.sync_committee_signature";

/** Edits the values at paths: one change for each path that the item has. */
export function editing<T = string>(paths: readonly string[], edit: (value: T, item: FeedItem) => unknown) {
  return (item: FeedItem): Change[] =>
    paths
      .filter((path) => isPresent(item, path))
      .map((path) => ({
        data: withValues(item.data, { [path]: edit(structuredClone(read(item.data, path)) as T, item) }),
      }));
}

/** One change, of the items that it can be made of. */
export function changing(applies: (item: FeedItem) => boolean, make: (item: FeedItem) => Change) {
  return (item: FeedItem): Change[] => (applies(item) ? [make(item)] : []);
}

export function isKind(...kinds: SignedKind[]) {
  return ({ kind }: FeedItem) => kinds.includes(kind);
}

export const isAny = () => true;
export const hasFinality = ({ finalizedSlot }: FeedItem) => finalizedSlot !== null;
export const hasNextCommittee = ({ data }: FeedItem) => isProven(data, "next_sync_committee_branch");

export const beaconFields = (fields: readonly string[]) =>
  HEADERS.flatMap((header) => fields.map((field) => `${header}.beacon.${field}`));
export const executionFields = (fields: readonly string[]) =>
  HEADERS.flatMap((header) => fields.map((field) => `${header}.execution.${field}`));

/** What is empty by the rules (no finality, no next committee, a header from before Capella) cannot be corrupted. */
function isPresent(item: FeedItem, path: string): boolean {
  if (read(item.data, path) === undefined) return false;
  if (path.startsWith("next_sync_committee")) return hasNextCommittee(item);
  const header = HEADERS.find((name) => path.startsWith(`${name}.execution`));
  if (header !== undefined) return isProven(item.data, `${header}.execution_branch`);
  return !/^finali/.test(path) || hasFinality(item);
}

function isProven(data: unknown, branch: string): boolean {
  const nodes = read(data, branch) as string[] | undefined;
  return nodes?.some((node) => node !== zeroes(node)) === true;
}
