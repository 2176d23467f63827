/**
 * Every error this library throws or reports on purpose: one class, a literal `code`, and `details` typed per code.
 *
 * Details are JSON-safe (numbers, strings, booleans, plain objects and arrays), so an error crosses a worker, a log
 * line or a bug report without losing anything. Bytes are written as `0x` hex. A message never holds a whole URL: API
 * keys live there.
 */

type NoDetails = Record<never, never>;

/** What each error code carries. The keys of this interface are the library's complete list of codes. */
export interface ErrorDetails {
  // --- what the caller handed in ---
  /** An option is missing, malformed or out of range. */
  OPTION_INVALID: { option: string; expected: string; actual: string };
  /** A network name that the library does not ship. */
  NETWORK_UNKNOWN: { name: string; known: string[] };
  /** A network configuration (object, YAML values, or a node's answer) that cannot be used. */
  NETWORK_CONFIG_INVALID: { field: string; expected: string; actual: string };
  /** A method was called in a state that does not allow it. */
  CLIENT_STATE_INVALID: { method: string; state: string };

  // --- decoding: what came is not of the shape that was asked for ---
  /** Bytes or JSON that are not the object they claim to be. `path` points into the object. */
  DECODE_FAILED: { object: string; fork: string; encoding: string; path: string; expected: string; actual: string };
  /** More bytes (or list entries) than the object can have. Checked before decoding. */
  INPUT_TOO_LARGE: { object: string; limit: number; actual: number };
  /** A fork digest that no fork of this network has (consensus-specs phase0 `compute_fork_digest`, fulu EIP-7892). */
  FORK_DIGEST_UNKNOWN: { object: string; digest: string };
  /** A fork name that this library does not know. */
  FORK_UNKNOWN: { object: string; fork: string };
  /** Data of a slot before Altair, where there is none; or in Gloas' shape, which lacks what its older block has. */
  FORK_MISMATCH: { object: string; slot: number; slotFork: string; claimedFork: string };

  // --- the sync protocol: one code for each check ---
  /** `hash_tree_root(bootstrap.header.beacon) == trusted_block_root` failed. */
  BOOTSTRAP_ROOT_MISMATCH: { expected: string; actual: string };
  /** A Merkle branch that has not the depth of its generalized index. */
  BRANCH_LENGTH_INVALID: { branch: string; gindex: number; expected: number; actual: number };
  /** The committee of a bootstrap is not the one in its header's state. */
  CURRENT_COMMITTEE_BRANCH_INVALID: { slot: number; gindex: number; stateRoot: string };
  /** The next committee is not the one in the attested header's state. */
  NEXT_COMMITTEE_BRANCH_INVALID: { slot: number; gindex: number; stateRoot: string };
  /** The finalized header is not the one in the attested header's state. */
  FINALITY_BRANCH_INVALID: { slot: number; gindex: number; finalizedSlot: number; stateRoot: string };
  /** The execution data is not the one in the beacon block's body. */
  EXECUTION_BRANCH_INVALID: { header: string; slot: number; gindex: number; bodyRoot: string };
  /** Execution data in a header of a fork that has none, or blob fields before Deneb. */
  EXECUTION_UNEXPECTED: { header: string; slot: number; fork: string; field: string };
  /** Fewer participants than the rule in question needs. */
  PARTICIPATION_TOO_LOW: { participants: number; required: number; size: number };
  /** `finalized slot <= attested slot < signature slot` failed. */
  SLOT_ORDER_INVALID: { finalizedSlot: number; attestedSlot: number; signatureSlot: number };
  /** Signed later than the local clock (plus its tolerance) allows. */
  UPDATE_FROM_FUTURE: { signatureSlot: number; currentSlot: number };
  /** Signed in a period whose committee the store does not know. */
  PERIOD_SKIPPED: { storePeriod: number; signaturePeriod: number; nextCommitteeKnown: boolean };
  /** Nothing in it is newer than what is known. Old, not wrong: its sender is not to blame. */
  UPDATE_IRRELEVANT: { attestedSlot: number; finalizedSlot: number };
  /** A finalized header without a branch that proves it, or a non-empty one at genesis. */
  FINALIZED_HEADER_UNEXPECTED: { finalizedSlot: number };
  /** A next committee without a branch that proves it. */
  NEXT_COMMITTEE_UNEXPECTED: { attestedSlot: number };
  /** A truly signed next committee that is not the one already known for that period. Evidence against its signers. */
  NEXT_COMMITTEE_CONFLICT: { period: number; known: string; received: string };
  /** The update would finalize a period before the next committee of the store's period is known. */
  FINALIZED_PERIOD_MISMATCH: { storePeriod: number; finalizedPeriod: number };
  /** The aggregate signature does not verify. */
  SIGNATURE_INVALID: {
    reason: SignatureFault;
    signatureSlot: number;
    attestedSlot: number;
    participants: number;
  };

  // --- blocks ---
  /** A block that does not continue the chain of those before it: neither the parent of the oldest nor a child of the newest. */
  BLOCK_NOT_LINKED: { slot: number; root: string; oldestSlot: number; newestSlot: number };

  // --- the client ---
  /** The checkpoint (or the stored state) is older than `maxCheckpointAgeSeconds`. */
  CHECKPOINT_TOO_OLD: { slot: number; ageSeconds: number; maxAgeSeconds: number; stored: boolean };
  /**
   * Providers of a quorum told different roots of one epoch: one of them is wrong, lies, or follows another chain.
   * `statements` says who said what.
   */
  CHECKPOINT_DISAGREEMENT: { epoch: number; required: number; statements: CheckpointStatement[] };
  /** Fewer independent providers than required told the same finalized root. Nobody contradicted. */
  CHECKPOINT_NO_QUORUM: {
    epoch: number | null;
    required: number;
    agreed: number;
    statements: CheckpointStatement[];
  };
  /** The option `checkpoint` is `"stored"`, and the store holds nothing (or failed). */
  CHECKPOINT_NOT_STORED: { network: string };
  /** The client was stopped while the call was under way. */
  CLIENT_STOPPED: { during: string };
  /**
   * The clock is off, or the network is another: a verified header is from the future of the local clock (`slot`, while it
   * is `currentSlot` here). With `skewMs`, it is off by at least so much (above 0: ahead) as a signed block proves, or as
   * most servers say; told once, and nothing ends.
   */
  CLOCK_SKEWED: { slot: number; currentSlot: number; skewMs?: number; basis?: "signature" | "dates" };
  /**
   * A sync committee signed that two blocks are final which cannot both be: one of them is an attack, and nobody here can
   * know which. Nothing is followed or handed out any more until the caller decides (`forgetConflict`, or another
   * checkpoint). `client.evidence` holds both.
   */
  FINALITY_CONFLICT: {
    known: { source: string; slot: number; root: string };
    received: { source: string; slot: number; root: string };
  };
  /** `maxBytesPerHour` came in the last hour: nothing is asked until some of it is longer ago. */
  BYTE_BUDGET_SPENT: { usedBytes: number; limitBytes: number; resetsInMs: number };
  /** No source gave a usable answer. `attempts` says who was asked and what came. */
  NO_SOURCE_ANSWERED: { request: string; attempts: { source: string; code: ErrorCode; message: string }[] };
  /** The chain has a period that no source could prove. */
  CATCH_UP_INCOMPLETE: { period: number; targetPeriod: number };
  /** The head stopped moving, or (`null`) there is none. */
  HEAD_STALLED: { headSlot: number | null; currentSlot: number; maxAgeSlots: number };
  /** Nothing was finalized for more than four epochs. `cause`: see the status `stalled`. */
  FINALITY_STALLED: { finalizedSlot: number; currentSlot: number; cause: string };
  /** A listener of the host threw; the client goes on. */
  LISTENER_FAILED: { event: string; message: string };
  /** A value was dropped because the reader of an async iteration is too slow. */
  EVENTS_DROPPED: { event: string; dropped: number };
  /** Something failed that this library did not foresee: the message is the original one. */
  UNEXPECTED: { message: string; during: string };

  // --- a client elsewhere: in a worker, in another tab ---
  /**
   * The connection to the client ended: the other side closed it, gave no sign of life (`silent`), never answered
   * (`unanswered`), could not be started (`failed`), or this side disconnected.
   */
  CONNECTION_LOST: {
    reason: "closed" | "silent" | "unanswered" | "failed" | "refused" | "disconnected";
    message: string;
  };
  /** The other side speaks another version of the protocol: two versions of this library. */
  PROTOCOL_MISMATCH: { expected: number; actual: number };
  /** A message that claims to be of this library's protocol and is not. It is ignored. */
  MESSAGE_INVALID: { message: string; expected: string; actual: string };

  // --- transport ---
  /** The server could not be reached, or the connection broke. */
  NETWORK_FAILED: { source: string; request: string; message: string };
  /** No (complete) answer within the time limit. */
  REQUEST_TIMEOUT: { source: string; request: string; timeoutMs: number };
  /** An HTTP status other than 200. `retryAfterMs` if the server asked to wait. */
  HTTP_STATUS: { source: string; request: string; status: number; message: string; retryAfterMs?: number };
  /** The server does not have the object (HTTP 404 or an empty list). Not a fault. */
  NOT_AVAILABLE: { source: string; request: string; message: string };
  /** An answer that is neither the JSON nor the SSZ that was asked for. */
  RESPONSE_INVALID: { source: string; request: string; expected: string; actual: string };
  /** A peer answered with an error (`responseCode` of the p2p specification); `retryAfterMs` if it is asked too often. */
  PEER_ERROR: { source: string; request: string; responseCode: number; message: string; retryAfterMs?: number };
  /** A peer of another network or fork, by what it says of itself. */
  PEER_IRRELEVANT: { source: string; expected: string; actual: string };
  /** The event stream is missing, ended, or broke. */
  SUBSCRIPTION_FAILED: { source: string; message: string };

  // --- evidence ---
  /** Text that is no evidence. */
  EVIDENCE_MALFORMED: { field: string; expected: string; actual: string };
  /** Evidence that proves nothing. */
  EVIDENCE_INVALID: { reason: string; expected: string; actual: string };

  // --- stores ---
  /** What the store holds cannot be used; it is discarded. */
  SNAPSHOT_INVALID: { reason: string; expected: string; actual: string };
  /** The store itself failed (quota, permission, disk). */
  STORE_FAILED: { operation: string; message: string };

  // --- packages ---
  /** Optional packages that are not installed, and what for: `npm install <packages>`. */
  PACKAGES_MISSING: { purpose: string; packages: string[]; message: string };

  // --- BLS ---
  /** The backend could not start (WASM refused by a content security policy, for one). */
  BLS_UNAVAILABLE: { backend: string; message: string };
  /** Used before `ready()` resolved. */
  BLS_NOT_READY: { backend: string };
  /** A worker that was to verify a batch did not: no answer in time, none that makes sense, or a false one. */
  BLS_WORKER_FAILED: { worker: number; reason: string };
  /** Two backends differ on whether a signature verifies: one of them is broken, and nobody knows which. */
  BLS_DISAGREEMENT: { backends: string[]; answers: string[] };

  // --- proofs ---
  /** Bytes that are not RLP, or not its one canonical form. `offset` is where, in what was decoded. */
  RLP_INVALID: { fault: RlpFault; offset: number };
  /** A node of a Merkle-Patricia proof is not the one that the root, or the node above it, commits to. */
  TRIE_NODE_HASH_MISMATCH: { proof: string; index: number; expected: string; actual: string };
  /** A Merkle-Patricia proof ends before it proves anything. */
  TRIE_NODE_MISSING: { proof: string; index: number; expected: string };
  /** A Merkle-Patricia proof has more nodes than it needs. */
  TRIE_NODES_EXTRA: { proof: string; expected: number; actual: number };
  /** It hashes to what was expected, and is no node of a trie. */
  TRIE_NODE_MALFORMED: { proof: string; index: number; expected: string; actual: string };
  /** Code that does not hash to the account's `codeHash`. */
  CODE_HASH_MISMATCH: { expected: string; actual: string };
  /** An execution header that does not hash to the block's hash. */
  BLOCK_HASH_MISMATCH: { expected: string; actual: string };
  /** These are not all of the block's transactions, or not in their order. */
  TRANSACTIONS_ROOT_MISMATCH: { items: number; expected: string; actual: string };
  /** These are not all of the block's receipts, or not in their order. */
  RECEIPTS_ROOT_MISMATCH: { items: number; expected: string; actual: string };
  /** These are not all of the block's withdrawals, or not in their order. */
  WITHDRAWALS_ROOT_MISMATCH: { items: number; expected: string; actual: string };
  /** A bloom (of a receipt, or of the block) that is not the one of the logs. */
  LOGS_BLOOM_MISMATCH: { of: string; claimed: string; computed: string };
  /** A Merkle proof with another number of nodes than its generalized indices need. */
  MERKLE_PROOF_LENGTH_INVALID: { proof: string; part: string; expected: number; actual: number };
  /** A Merkle proof of another tree, or of another place in it. */
  MERKLE_ROOT_MISMATCH: { proof: string; expected: string; actual: string };
  /** A Merkle proof that is right, and lacks what was asked for. */
  MERKLE_NODE_MISSING: { proof: string; gindex: string };
  /** What an answer says is not what its own proof proves. */
  CLAIM_MISMATCH: { object: string; field: string; claimed: string; proven: string };
}

/** Why bytes are not RLP. */
export type RlpFault =
  /** something is longer than what holds it */
  | "truncated"
  /** bytes after the end */
  | "trailing-bytes"
  /** a byte below 0x80 with a prefix: it stands for itself */
  | "non-canonical-byte"
  /** a length in the long form that fits the short one, or that begins with a zero */
  | "non-canonical-length"
  /** a string where a list is needed */
  | "not-a-list"
  /** nested deeper than the limit */
  | "too-deep"
  /** more items than the limit */
  | "too-many-items";

/** Why a signature can be refused, as far as a backend can tell. */
export const SIGNATURE_FAULTS = [
  /** not a compressed point of the curve */
  "signature-encoding",
  /** the point at infinity */
  "signature-infinity",
  /** on the curve but outside the subgroup of prime order */
  "signature-subgroup",
  /** a participant's public key is not a valid point */
  "pubkey-invalid",
  /** the participants' keys add up to infinity, or to a point outside the subgroup */
  "aggregate-invalid",
  /** well-formed, but not of this message by these keys */
  "mismatch",
] as const;

/** One of {@link SIGNATURE_FAULTS}. */
export type SignatureFault = (typeof SIGNATURE_FAULTS)[number];

/** What one provider of a checkpoint quorum said, and what that means for the epoch that was compared. */
export interface CheckpointStatement {
  /** Name of the provider. */
  readonly provider: string;
  /** Who runs it: providers of one operator count once. */
  readonly operator: string;
  /**
   * - `agrees`: told the root that was agreed on, or would have been
   * - `contradicts`: told another root of an epoch than others did
   * - `other`: told of another epoch only
   * - `silent`: gave no usable answer; `error` says why
   */
  readonly verdict: "agrees" | "contradicts" | "other" | "silent";
  /** The checkpoint that it says is finalized. */
  readonly finalized: { readonly epoch: number; readonly root: string } | null;
  /** The root that it tells of the epoch that was compared. */
  readonly root: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

export type ErrorCode = keyof ErrorDetails;

/** The JSON form of an error: what {@link SidelightError.toJSON} gives and {@link errorFromJson} takes. */
export interface ErrorJson {
  name: "SidelightError";
  code: ErrorCode;
  message: string;
  details: Record<string, unknown>;
}

/** Any error of this library. Switch on `code`; `details` follows it. */
export class SidelightError<C extends ErrorCode = ErrorCode> extends Error {
  readonly code: C;
  readonly details: ErrorDetails[C];

  constructor(code: C, message: string, details: ErrorDetails[C], options?: { cause?: unknown }) {
    super(message, options);
    this.name = "SidelightError";
    this.code = code;
    this.details = details;
  }

  toJSON(): ErrorJson {
    const details = this.details as Record<string, unknown>;
    return { name: "SidelightError", code: this.code, message: this.message, details };
  }
}

/** Is it an error of this library (and, with `code`, of that code)? Works across realms and bundles. */
export function isSidelightError<C extends ErrorCode = ErrorCode>(
  value: unknown,
  code?: C,
): value is SidelightError<C> {
  try {
    if (!(value instanceof Error) || value.name !== "SidelightError" || !("code" in value)) return false;
    return code === undefined || value.code === code;
  } catch {
    return false; // it does not let itself be looked at
  }
}

/** Rebuilds an error from {@link SidelightError.toJSON}. */
export function errorFromJson(json: ErrorJson): SidelightError {
  return new SidelightError(json.code, json.message, json.details as unknown as ErrorDetails[ErrorCode] & NoDetails);
}

/** Says what a value is, short enough for an error message. Never throws, whatever a value does when it is looked at. */
export function describeValue(value: unknown): string {
  try {
    return describe(value);
  } catch {
    return "a value that cannot be looked at";
  }
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "undefined";
  if (typeof value === "string") return value.length > 80 ? `string of ${value.length} characters` : quote(value);
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return `array of ${value.length}`;
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  return typeof value === "function" ? "function" : "object";
}

/** In quotes, as JSON; and without what it leaves of what terminals obey (U+0080 to U+009F) and what turns text around. */
function quote(text: string): string {
  return JSON.stringify(text).replace(/[\p{C}\u2028\u2029]/gu, "\ufffd");
}

/** Anything thrown, as an error of this library. Never throws. */
export function asSidelightError(thrown: unknown, during: string): SidelightError {
  try {
    if (thrown instanceof SidelightError) return thrown;
  } catch {
    // it does not let itself be looked at
  }
  const message = messageOf(thrown);
  return new SidelightError("UNEXPECTED", `${during}: ${message}`, { message, during }, { cause: thrown });
}

/** The message of anything that was thrown. Never throws: a host's error may have getters that do. */
export function messageOf(thrown: unknown): string {
  try {
    // `message` can be anything: what is no text may not even let itself be made one
    if (thrown instanceof Error && typeof thrown.message === "string") return thrown.message;
  } catch {
    // as below
  }
  return describeValue(thrown);
}

/** Some messages begin with who it was, others were made where nobody knew; `null`: nobody in particular. */
export function fromWhom(source: string | null, message: string): string {
  return source === null || message.startsWith(`${source}: `) ? message : `${source}: ${message}`;
}

/** An option that cannot be: the one way to say so. */
export function optionInvalid(option: string, expected: string, value: unknown): SidelightError<"OPTION_INVALID"> {
  return optionRefused(option, expected, describeValue(value));
}

/** As {@link optionInvalid}, in words that do not show the value: it may be a credential. */
export function optionRefused(option: string, expected: string, actual: string): SidelightError<"OPTION_INVALID"> {
  const message = `option ${option}: expected ${expected}, got ${actual}`;
  return new SidelightError("OPTION_INVALID", message, { option, expected, actual });
}
