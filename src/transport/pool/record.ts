/**
 * What a pool learned, as it is kept between runs: JSON, checked field by field when it is read again, since a store can
 * give back anything. It decides who is asked first, never what is believed.
 */
import { type SourceScore, type Standing, UNTRIED } from "./standing.js";

/** Of one source, by its name. */
export interface SourceRecord {
  readonly source: string;
  readonly score: SourceScore;
  /** Invalid answers that were not forgiven. */
  readonly offences: number;
}

const VERSION = 1;
/** More than any pool has; what is beyond is not read. */
const MAX_RECORDS = 256;
const MAX_RECORD_BYTES = 65_536;

/** Learned at most this long ago, in milliseconds: a week. What a server did long ago says little. */
const MAX_AGE_MS = 604_800_000;

const SHARES = ["availability", "validity", "freshness"] as const;
const COUNTS = ["requests", "failures", "invalid", "stale", "bytes"] as const;

/** At most {@link MAX_RECORD_BYTES}: of sources with long names there may be too many. */
export function encodeRecords(standings: readonly Standing[], savedAtMs: number): Uint8Array {
  const sources: SourceRecord[] = standings
    .filter(({ score }) => score.requests > 0)
    .slice(0, MAX_RECORDS)
    .map(({ source, score, offences }) => ({ source: source.name, score, offences }));
  for (;;) {
    const bytes = new TextEncoder().encode(JSON.stringify({ version: VERSION, savedAtMs, sources }));
    if (bytes.length <= MAX_RECORD_BYTES) return bytes;
    sources.length >>= 1;
  }
}

/** Takes up what was kept. Anything that is not what {@link encodeRecords} makes, or too old, is passed over. */
export function restoreRecords(standings: readonly Standing[], bytes: Uint8Array, nowMs: number): void {
  for (const { source, score, offences } of decodeRecords(bytes, nowMs)) {
    const standing = standings.find((each) => each.source.name === source);
    // what happened in this run counts more
    if (standing === undefined || standing.score.requests > 0) continue;
    standing.score = score;
    standing.offences = offences;
  }
}

function decodeRecords(bytes: Uint8Array, nowMs: number): SourceRecord[] {
  const kept = parse(bytes);
  if (!isObject(kept) || kept["version"] !== VERSION || !Array.isArray(kept["sources"])) return [];
  const ageMs = nowMs - Number(kept["savedAtMs"]);
  if (!(Math.abs(ageMs) <= MAX_AGE_MS)) return [];
  return kept["sources"].slice(0, MAX_RECORDS).filter(isRecord);
}

function parse(bytes: Uint8Array): unknown {
  if (bytes.length > MAX_RECORD_BYTES) return null;
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is SourceRecord {
  if (!isObject(value) || typeof value["source"] !== "string" || !isCount(value["offences"])) return false;
  const score = value["score"];
  if (!isObject(score) || Object.keys(score).length !== Object.keys(UNTRIED).length) return false;
  const { latencyMs } = score;
  return (
    SHARES.every((key) => typeof score[key] === "number" && score[key] >= 0 && score[key] <= 1) &&
    COUNTS.every((key) => isCount(score[key])) &&
    (latencyMs === null || isCount(latencyMs))
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
