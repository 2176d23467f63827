/**
 * Is what came across a port of the shape that it should have? Enough of it that nothing here or in a host's listener trips
 * over it; whether it is true, whoever verified it has checked. Strings and lists have limits.
 */
import type { LightClientEvents } from "../client/types.js";
import { describeValue, SidelightError } from "../errors.js";

export interface Check {
  /** For messages. */
  readonly expected: string;
  holds(value: unknown): boolean;
}

/** The reason of a status can hold what each of many sources said. */
const MAX_TEXT = 65_536;

type Shape = Readonly<Record<string, Check>>;

export const isText: Check = {
  expected: "a string",
  holds: (value) => typeof value === "string" && value.length <= MAX_TEXT,
};
export const isCount: Check = {
  expected: "an integer of 0 or more",
  holds: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
};
const isNumber: Check = { expected: "a number", holds: (value) => Number.isFinite(value) };
const isBoolean: Check = { expected: "a boolean", holds: (value) => typeof value === "boolean" };
const isHexText = hexUpTo(2_048);
const isJson: Check = { expected: "an object", holds: isRecord };

function hexUpTo(length: number): Check {
  return {
    expected: "0x hex",
    holds: (value) => typeof value === "string" && value.length <= length && /^0x([0-9a-f]{2})*$/.test(value),
  };
}

export function oneOf(...values: readonly string[]): Check {
  return { expected: `one of ${values.join(", ")}`, holds: (value) => values.includes(value as string) };
}

export function orNull({ expected, holds }: Check): Check {
  return { expected: `${expected}, or null`, holds: (value) => value === null || holds(value) };
}

export function listOf({ expected, holds }: Check, limit: number): Check {
  return {
    expected: `at most ${limit}, each ${expected}`,
    holds: (value) => Array.isArray(value) && value.length <= limit && value.every(holds),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shape(expected: string, fields: Shape): Check {
  return {
    expected,
    holds: (value) => isRecord(value) && Object.entries(fields).every(([name, check]) => check.holds(value[name])),
  };
}

const isParticipants = shape("participants", { count: isCount, size: isCount });
const isTrust = shape("a trust label", {
  level: oneOf("finalized", "optimistic"),
  participation: orNull(isParticipants),
  ageSlots: isCount,
  source: isText,
  checkpointAgeSeconds: isNumber,
  forced: isBoolean,
});
const isExecution = shape("execution data", {
  blockHash: isHexText,
  blockNumber: orNull(isCount),
  stateRoot: orNull(isHexText),
  receiptsRoot: orNull(isHexText),
  timestamp: orNull(isCount),
});
export const isHeader = shape("a verified header", {
  slot: isCount,
  epoch: isCount,
  root: isHexText,
  parentRoot: isHexText,
  stateRoot: isHexText,
  bodyRoot: isHexText,
  proposerIndex: isCount,
  timeSeconds: isCount,
  execution: orNull(isExecution),
  trust: isTrust,
});
const isParticipation = shape("a participation", {
  slot: isCount,
  attestedSlot: isCount,
  attestedRoot: isHexText,
  period: isCount,
  bits: isHexText,
  count: isCount,
  size: isCount,
  rate: isNumber,
  absent: listOf(shape("a member", { index: isCount, pubkey: isHexText }), 1024),
  trust: isTrust,
});
const isCommittee = shape("a committee", {
  period: isCount,
  root: isHexText,
  aggregatePubkey: isHexText,
  pubkeys: listOf(isHexText, 1024),
  trust: isTrust,
});
const isBlock = shape("a block", { slot: isCount, root: isHexText });
const isProgress = shape("a progress", {
  fromPeriod: isCount,
  toPeriod: isCount,
  atPeriod: isCount,
  remainingMs: orNull(isNumber),
});
const STATUSES: Readonly<Record<string, Shape>> = {
  idle: {},
  bootstrapping: {},
  "catching-up": { progress: isProgress },
  following: {},
  stalled: {
    what: oneOf("head", "finality"),
    cause: isText, // a newer version may know others
    reason: isText,
  },
  paused: { reason: isText },
  throttled: { reason: isText, untilMs: isNumber },
  stopped: { reason: isText },
};
const isStatus: Check = {
  expected: "a status",
  holds: (value) => {
    if (!isRecord(value) || typeof value["state"] !== "string" || !Object.hasOwn(STATUSES, value["state"]))
      return false;
    return shape("a status", STATUSES[value["state"]]!).holds(value);
  },
};
export const isErrorJson: Check = shape("an error", {
  name: oneOf("SidelightError"),
  // a newer version has codes that this one does not know
  code: { expected: "a code", holds: (value) => typeof value === "string" && /^[A-Z][A-Z_]{0,63}$/.test(value) },
  message: { expected: "a string", holds: (value) => typeof value === "string" && value.length <= MAX_TEXT },
  details: isJson,
});
export const isSyncResult = shape("a sync result", {
  head: isHeader,
  finalized: isHeader,
  periods: isCount,
  elapsedMs: isNumber,
});
const isStatement = shape("a statement", {
  source: isText,
  slot: isCount,
  root: isHexText,
  ssz: hexUpTo(524_288),
});
const isEvidence = shape("an evidence", {
  kind: oneOf("head", "finality", "next-committee"),
  network: isText,
  genesisValidatorsRoot: isHexText,
  receivedAtMs: isNumber,
  known: isStatement,
  received: isStatement,
});

const isScore = {
  availability: isNumber,
  validity: isNumber,
  freshness: isNumber,
  latencyMs: orNull(isNumber),
  requests: isCount,
  failures: isCount,
  invalid: isCount,
  stale: isCount,
  bytes: isCount,
};
const isSource = shape("a source", { source: isText, ...isScore, pauseMs: isNumber, isEvicted: isBoolean });
const isPeer = shape("a change of a source's standing", {
  source: isText,
  action: oneOf("evicted", "paused", "demoted", "readmitted"),
  request: isText,
  code: orNull(isText),
  message: isText,
  pauseMs: isNumber,
  score: shape("a score", isScore),
});
const isCheckpoint = shape("a checkpoint", {
  root: isHexText,
  slot: isCount,
  origin: oneOf("given", "stored", "provider"),
  resumed: isBoolean,
  ageSeconds: isNumber,
  maxAgeSeconds: isNumber,
  stale: isBoolean,
  report: orNull(isJson),
});

/** Payloads by the name of their event; an error as it crosses. */
const PAYLOADS: Readonly<Record<keyof LightClientEvents, Check>> = {
  head: isHeader,
  finality: isHeader,
  participation: isParticipation,
  committee: isCommittee,
  reorg: shape("a reorg", { from: isBlock, to: isBlock, commonAncestor: orNull(isBlock) }),
  status: isStatus,
  "forced-update": isHeader,
  checkpoint: isCheckpoint,
  peer: isPeer,
  woke: shape("a suspension", { suspendedMs: isNumber }),
  store: shape("an outcome", {
    outcome: oneOf("resumed", "discarded", "degraded", "recovered"),
    reason: orNull(isText),
    keys: orNull(oneOf("reused", "ignored")),
  }),
  equivocation: isEvidence,
  error: shape("an error report", { error: isErrorJson, source: orNull(isText) }),
};

export const EVENT_NAMES = Object.keys(PAYLOADS) as readonly (keyof LightClientEvents)[];
export const isEventName: Check = oneOf(...EVENT_NAMES);

export const isChainInfo = shape("a chain", {
  network: isText,
  genesisValidatorsRoot: isHexText,
  genesisTime: isNumber,
  slotDurationMs: { expected: "a number above 0", holds: (value) => Number.isFinite(value) && (value as number) > 0 },
  checkpoint: isText,
});

export const isCounts: Check = {
  expected: "counts by event",
  holds: (value) =>
    isRecord(value) && Object.entries(value).every(([name, n]) => isEventName.holds(name) && isCount.holds(n)),
};

const STATE = {
  status: isStatus,
  head: orNull(isHeader),
  finalized: orNull(isHeader),
  participation: orNull(isParticipation),
  evidence: listOf(isEvidence, 8),
  checkpoint: orNull(isCheckpoint),
  sources: listOf(isSource, 256),
} as const;

export function isState(extent: "whole" | "part"): Check {
  return {
    expected: "the state of a client",
    holds: (value) =>
      isRecord(value) &&
      Object.entries(STATE).every(([name, { holds }]) => (name in value ? holds(value[name]) : extent === "part")),
  };
}

/** @throws MESSAGE_INVALID */
export function assertPayload(name: keyof LightClientEvents, payload: unknown): void {
  assertIs(PAYLOADS[name], `event ${name}`, payload);
}

/** @throws MESSAGE_INVALID */
export function assertIs({ expected, holds }: Check, what: string, value: unknown): void {
  if (!holds(value)) throw messageInvalid(what, expected, value);
}

/** Only the fields of `fields`, each checked. @throws MESSAGE_INVALID */
export function checkFields(what: string, fields: Shape, data: Readonly<Record<string, unknown>>): object {
  const checked: Record<string, unknown> = {};
  for (const [name, check] of Object.entries(fields)) {
    assertIs(check, `${what}.${name}`, data[name]);
    checked[name] = data[name];
  }
  return checked;
}

export function messageInvalid(message: string, expected: string, value: unknown): SidelightError<"MESSAGE_INVALID"> {
  const actual = describeValue(value);
  const text = `a message of the other side: ${message}: expected ${expected}, got ${actual}`;
  return new SidelightError("MESSAGE_INVALID", text, { message, expected, actual });
}
