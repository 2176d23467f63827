import type { ChainEntry } from "../chain/entry.ts";
import { ancestorAt } from "../chain/entry.ts";
import { fromHex } from "../chain/ssz-types.ts";
import type { Fault, FaultKind, FaultOf } from "../faults.ts";
import type { EncodeOptions } from "./encode.ts";
import { errorAnswer } from "./encode.ts";
import { DATA_FAULTS } from "./fault-data.ts";
import { editBranchLength } from "./fault-shape.ts";
import type { Answer, Format, LightClientItem, View } from "./result.ts";

/** Where a fault can reach in, in the order in which an answer comes to be. A kind fills in what it needs. */
export type FaultHooks<K extends FaultKind> = {
  /** Which chain the answer is about. */
  view?: (view: View, fault: FaultOf<K>) => View;
  query?: (query: URLSearchParams, fault: FaultOf<K>) => void;
  /** The light-client objects of the answer. */
  items?: (items: LightClientItem[], fault: FaultOf<K>, view: View) => LightClientItem[];
  encode?: (options: EncodeOptions, fault: FaultOf<K>) => EncodeOptions;
  formats?: (formats: readonly Format[], fault: FaultOf<K>) => Format[];
  answer?: (answer: Answer, fault: FaultOf<K>, path: string) => Answer;
};

/** Another block at the entry's slot, on the same parent: built and signed like any other. Never the head by itself. */
function twinOf({ chain }: View, entry: ChainEntry): ChainEntry {
  if (!entry.parent) throw new Error("the genesis block has no twin");
  return chain.produce(entry.slot, { parent: entry.parent, graffiti: "equivocation", setHead: false });
}

const twins = new WeakMap<ChainEntry, ChainEntry>();

/** A head whose attested parent is the twin of the real one. */
function equivocatingHead(view: View): ChainEntry {
  const { chain, head } = view;
  const known = twins.get(head);
  if (known) return known;
  if (!head.parent?.parent) return head;
  const twin = twinOf(view, head.parent);
  const made = chain.produce(head.slot, { parent: twin, graffiti: "equivocation", setHead: false });
  twins.set(head, made);
  return made;
}

const futures = new WeakMap<ChainEntry, Map<number, ChainEntry>>();

/** A real head ahead of the clock; its attested parent is `slots` after the head. */
function futureHead({ chain, head }: View, slots: number): ChainEntry {
  const made = futures.get(head) ?? new Map<number, ChainEntry>();
  futures.set(head, made);
  const known = made.get(slots);
  if (known) return known;
  const clockSlot = chain.clockSlot;
  const attested = chain.produce(head.slot + slots, { parent: head, graffiti: "future", setHead: false });
  const signed = chain.produce(attested.slot + 1, { parent: attested, graffiti: "future", setHead: false });
  chain.clockSlot = clockSlot;
  made.set(slots, signed);
  return signed;
}

function asOf({ chain, head }: View, slots: number): View {
  return { chain, head: ancestorAt(head, Math.max(0, head.slot - slots)) ?? chain.genesis };
}

function noise(length: number): Uint8Array {
  // Deterministic, and neither JSON nor plausible SSZ.
  return Uint8Array.from({ length }, (_, i) => (i * 167 + 91) & 0xff);
}

function withBody(answer: Answer, body: Uint8Array): Answer {
  return { ...answer, body, headers: { ...answer.headers, "content-length": String(body.length) } };
}

function withoutHeaders(answer: Answer, prefix: string): Answer {
  const headers = Object.entries(answer.headers).filter(([name]) => !name.startsWith(prefix));
  return { ...answer, headers: Object.fromEntries(headers) };
}

function mapJsonVersion(version: string | null): (options: EncodeOptions) => EncodeOptions {
  return (options) => ({ ...options, version });
}

/** Kinds that are about the wire (slow, hang, SSE, …) have no entry here: see `wire.ts` and `events.ts`. */
const HOOKS: { [K in FaultKind]?: FaultHooks<K> } = {
  "stale-head": { view: (view, { slots }) => asOf(view, slots) },
  "stale-finality": { view: (view, { slots }) => asOf(view, slots) },
  "equivocating-head": { view: (view) => ({ chain: view.chain, head: equivocatingHead(view) }) },
  "future-head": { view: (view, { slots }) => ({ chain: view.chain, head: futureHead(view, slots) }) },
  "wrong-periods": {
    query: (query, { delta }) => query.set("start_period", String(Number(query.get("start_period")) + delta)),
  },
  "extra-updates": { query: (query, { count }) => query.set("count", String(Number(query.get("count")) + count)) },
  "empty-array": { items: () => [] },
  "branch-length": {
    encode: (options, { branch, delta }) => ({
      ...options,
      editJson: (json) => editBranchLength(json, branch, delta),
    }),
  },
  "wrong-version": { encode: (options, { version }) => mapJsonVersion(version)(options) },
  "missing-version": { encode: mapJsonVersion(null) },
  "wrong-digest": {
    encode: (options, { digest = "0xdeadbeef" }) => ({ ...options, digest: fromHex(digest) }),
  },
  "json-only": { formats: (formats) => formats.filter((format) => format === "json") },
  "ssz-only": { formats: (formats) => (formats.includes("ssz") ? ["ssz"] : [...formats]) },
  "wrong-content-type": {
    answer: (answer, { contentType }) => ({ ...answer, headers: { ...answer.headers, "content-type": contentType } }),
  },
  status: {
    answer: (_, { status, retryAfterSeconds }) => {
      const answer = errorAnswer(status, `fault: status ${status}`);
      if (retryAfterSeconds !== undefined) answer.headers["retry-after"] = String(retryAfterSeconds);
      return answer;
    },
  },
  redirect: {
    answer: (_, { location, status = 302 }, path) => {
      const answer = errorAnswer(status, "fault: redirect");
      return { ...answer, headers: { ...answer.headers, location: location ?? `/elsewhere${path}` } };
    },
  },
  "no-cors": { answer: (answer) => withoutHeaders(answer, "access-control-") },
  "hidden-version": { answer: (answer) => withoutHeaders(answer, "access-control-expose-headers") },
  garbage: { answer: (answer, { bytes }) => withBody(answer, noise(bytes ?? answer.body.length)) },
  truncated: {
    answer: (answer, { variant }) =>
      variant === "clean" ? withBody(answer, answer.body.subarray(0, answer.body.length >> 1)) : answer,
  },
  ...DATA_FAULTS,
};

export function hooksOf(fault: Fault): FaultHooks<FaultKind> {
  return (HOOKS[fault.kind] ?? {}) as FaultHooks<FaultKind>;
}
