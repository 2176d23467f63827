import type { DevnetFork, FaultScope, RouteName } from "./api-types.ts";

/** What each kind of fault takes besides its scope. `README.md` lists them; this table is where they are defined. */
export type FaultParams = {
  // Light-client data that is wrong
  "wrong-bits": { count?: number };
  "wrong-branch": { branch: BranchName };
  "branch-length": { branch: BranchName; delta: 1 | -1 };
  "wrong-signature": { variant?: "other-message" | "infinity" | "garbage" };
  "wrong-signature-slot": { delta: number };
  "wrong-committee": Record<never, never>;
  "no-finality": Record<never, never>;
  "short-participation": { participants: number };
  "forged-header": { participants?: number };
  "conflicting-next-committee": Record<never, never>;
  "forged-finality": Record<never, never>;
  // Truths that are not the newest or not the only one
  "stale-head": { slots: number };
  "stale-finality": { slots: number };
  "equivocating-head": Record<never, never>;
  "future-head": { slots: number };
  "wrong-periods": { delta: number };
  "extra-updates": { count: number };
  "empty-array": Record<never, never>;
  // Encoding
  "other-fork": { fork: Exclude<DevnetFork, "phase0">; claim?: boolean };
  "wrong-version": { version: string };
  "missing-version": Record<never, never>;
  "wrong-digest": { digest?: string };
  "json-only": Record<never, never>;
  "ssz-only": Record<never, never>;
  "wrong-content-type": { contentType: string };
  // HTTP and the wire
  status: { status: number; retryAfterSeconds?: number };
  redirect: { location?: string; status?: 301 | 302 | 307 | 308 };
  "no-cors": Record<never, never>;
  "hidden-version": Record<never, never>;
  garbage: { bytes?: number };
  truncated: { variant?: "cut" | "clean" };
  oversized: { variant?: "declared" | "endless"; bytes?: number };
  slow: { ms: number };
  drip: { chunkBytes?: number; ms?: number };
  hang: Record<never, never>;
  reset: Record<never, never>;
  // Peers
  "wrong-checksum": Record<never, never>;
  "trailing-bytes": Record<never, never>;
  "other-network": Record<never, never>;
  // Server-sent events, and gossip
  "sse-stop": { events?: number };
  "sse-repeat": { copies?: number };
  "sse-garbage": Record<never, never>;
  "sse-refused": { status?: number };
  "sse-silent": Record<never, never>;
};

export type FaultKind = keyof FaultParams;
export type BranchName = "finality" | "next-sync-committee" | "current-sync-committee" | "execution";

/** One switch of a face: a kind, its parameters, and where and how often it strikes. */
export type Fault = { [K in FaultKind]: { kind: K } & FaultParams[K] & FaultScope }[FaultKind];
export type FaultOf<K extends FaultKind> = { kind: K } & FaultParams[K] & FaultScope;

const UPDATES: readonly RouteName[] = ["updates", "finality_update", "optimistic_update", "events"];
const FINALITY: readonly RouteName[] = ["updates", "finality_update", "events"];
const LIGHT_CLIENT: readonly RouteName[] = ["bootstrap", ...UPDATES];
const ANY = null;

/** One line a kind, and the routes it strikes when none are named (null: every route). */
export const FAULTS: { readonly [K in FaultKind]: { doc: string; routes: readonly RouteName[] | null } } = {
  "wrong-bits": { doc: "`count` (1) participation bits are flipped; the signature stays", routes: UPDATES },
  "wrong-branch": { doc: "one node of the named Merkle branch is changed", routes: LIGHT_CLIENT },
  "branch-length": { doc: "JSON only: the named branch has one node more or less (`delta`)", routes: LIGHT_CLIENT },
  "wrong-signature": {
    doc: "the signature is of another message (default), the point at infinity, or no point at all (`variant`)",
    routes: UPDATES,
  },
  "wrong-signature-slot": { doc: "`signature_slot` is off by `delta`", routes: UPDATES },
  "wrong-committee": {
    doc: "the sync committee has one other public key; its branch stays",
    routes: ["bootstrap", "updates"],
  },
  "no-finality": { doc: "the update proves no finality: zero header, zero branch", routes: FINALITY },
  "short-participation": { doc: "truly signed, but by the first `participants` members only", routes: UPDATES },
  "forged-header": {
    doc: "a header of a state that never was, all branches right, truly signed by `participants` (a quarter) members",
    routes: UPDATES,
  },
  "conflicting-next-committee": {
    doc: "a forged attested state names another next committee; truly signed by the real committee",
    routes: ["updates"],
  },
  "forged-finality": {
    doc: "a forged attested state finalizes another header; truly signed by the real committee",
    routes: FINALITY,
  },
  "stale-head": { doc: "every answer is as of `slots` slots ago", routes: ANY },
  "stale-finality": {
    doc: "only the finality update is as of `slots` slots ago",
    routes: ["finality_update", "events"],
  },
  "equivocating-head": {
    doc: "the attested block is another one at the same slot, built and signed by the real keys",
    routes: ["finality_update", "optimistic_update", "header", "headers", "block", "block_root", "events"],
  },
  "future-head": {
    doc: "the attested block is a real one `slots` slots after the head, ahead of the clock",
    routes: ["finality_update", "optimistic_update", "header", "block", "events"],
  },
  "wrong-periods": { doc: "the updates of other periods: shifted by `delta`", routes: ["updates"] },
  "extra-updates": { doc: "`count` more updates than asked for", routes: ["updates"] },
  "empty-array": { doc: "an empty list of updates", routes: ["updates"] },
  "other-fork": {
    doc: "the shape of `fork`; `claim` (true) says whether version and digest say so too",
    routes: LIGHT_CLIENT,
  },
  "wrong-version": { doc: "`Eth-Consensus-Version` and the JSON `version` say `version`", routes: ANY },
  "missing-version": { doc: "neither header nor JSON says a version", routes: ANY },
  "wrong-digest": { doc: "SSZ updates carry `digest` (0xdeadbeef) as their fork digest", routes: ["updates"] },
  "json-only": { doc: "406 for whoever accepts nothing but SSZ", routes: ANY },
  "ssz-only": { doc: "406 for whoever accepts nothing but JSON", routes: ANY },
  "wrong-content-type": { doc: "the answer is labelled `contentType`", routes: ANY },
  status: { doc: "`status` instead of an answer, with `Retry-After` if `retryAfterSeconds` is given", routes: ANY },
  redirect: { doc: "`status` (302) to `location` (the same path below /elsewhere)", routes: ANY },
  "no-cors": { doc: "no CORS headers, and preflight requests are refused", routes: ANY },
  "hidden-version": {
    doc: "no `Access-Control-Expose-Headers`: other origins cannot read `Eth-Consensus-Version`",
    routes: ["bootstrap", "finality_update", "optimistic_update"],
  },
  garbage: { doc: "`bytes` (the honest length) of noise as the body", routes: ANY },
  truncated: {
    doc: "half the body: connection cut (`cut`), or a shorter but consistent answer (`clean`)",
    routes: ANY,
  },
  oversized: {
    doc: "`declared`: a content-length of `bytes` (1 GiB), sent slowly; `endless` (default): data that never ends",
    routes: ANY,
  },
  slow: { doc: "the answer waits `ms` milliseconds", routes: ANY },
  drip: { doc: "the body comes in pieces of `chunkBytes` (16), one every `ms` (50)", routes: ANY },
  hang: { doc: "the request is never answered", routes: ANY },
  reset: { doc: "the connection is reset", routes: ANY },
  "wrong-checksum": { doc: "peers only: the last byte of each chunk is another", routes: LIGHT_CLIENT },
  "trailing-bytes": { doc: "peers only: a byte follows the last chunk", routes: LIGHT_CLIENT },
  "other-network": { doc: "peers only: `Status` tells of another fork digest", routes: ANY },
  "sse-stop": { doc: "the stream ends after `events` (1) events", routes: ["events"] },
  "sse-repeat": { doc: "every event is sent `copies` (3) times", routes: ["events"] },
  "sse-garbage": { doc: "every event's data is noise", routes: ["events"] },
  "sse-refused": { doc: "`status` (404) instead of a stream", routes: ["events"] },
  "sse-silent": { doc: "the stream stays open, and no event ever comes", routes: ["events"] },
};

export const FAULT_KINDS = Object.keys(FAULTS) as FaultKind[];

export function isFaultKind(kind: string): kind is FaultKind {
  return Object.hasOwn(FAULTS, kind);
}
