/**
 * From the body of an answer to raw objects: what is JSON, what is SSZ, which fork the server claims, where one update
 * ends and the next begins. Nothing of the objects themselves is looked at.
 */
import { describeValue } from "../errors.js";
import { toHex } from "../ssz/bytes.js";
import type { HttpAnswer } from "./http.js";
import type { RawObject } from "./port.js";
import { type Asked, foreignText, notAvailable, responseInvalid, tooLarge } from "./rest-errors.js";
import { CHUNK_PREFIX_BYTES, COMMITTEE_OBJECT_LIMIT } from "./rest-limits.js";

/** What a `Content-Type` announces. `unlabelled`: none, or `text/plain`. */
export type BodyKind = "json" | "ssz" | "unlabelled" | "other";

/**
 * Reads a `Content-Type`, whatever its case and parameters. `unlabelled` bodies are what static hosts and careless
 * gateways send: they may be taken for JSON, which proves itself by parsing, and never for SSZ, which does not.
 */
export function bodyKind(contentType: string | null): BodyKind {
  const type = (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (type === "application/octet-stream") return "ssz";
  if (type === "" || type === "text/plain") return "unlabelled";
  return /^[\w.-]+\/(?:[\w.-]+\+)?json$/.test(type) ? "json" : "other";
}

/**
 * The fork that `Eth-Consensus-Version` (or JSON `version`) claims, lower-cased; `undefined` if there is no readable
 * claim. A list counts if all its entries agree: proxies double headers.
 */
export function forkClaim(value: unknown): string | undefined {
  if (typeof value !== "string" || value.length > 256) return undefined;
  const [first, ...rest] = value.split(",").map((entry) => entry.trim().toLowerCase());
  if (first === undefined || !/^[a-z][a-z0-9_-]{0,31}$/.test(first)) return undefined;
  return rest.every((entry) => entry === first) ? first : undefined;
}

/**
 * Reads one object. `undefined` if it is SSZ without a claim of its fork, which nobody can decode: the header is absent,
 * or a cross-origin server does not list it in `Access-Control-Expose-Headers`, so that a page cannot see it.
 *
 * @throws RESPONSE_INVALID
 */
export function readObject(asked: Asked, answer: HttpAnswer, accepted: Accepted): RawObject | undefined {
  const header = forkClaim(answer.headers.get("eth-consensus-version"));
  if (kindOf(asked, answer, accepted) === "ssz") {
    if (answer.body.byteLength === 0) throw responseInvalid(asked, "an SSZ object", "an empty body");
    return header === undefined ? undefined : { encoding: "ssz", bytes: answer.body, fork: header };
  }
  const object = unwrapJson(parseJson(asked, answer), undefined, header);
  if (object === undefined) throw responseInvalid(asked, "JSON with an object as `data`", "other JSON");
  return object;
}

/**
 * Reads a range of updates: SSZ chunks, a JSON list of `{version, data}`, or the older `{data: [...]}`.
 *
 * @throws RESPONSE_INVALID, INPUT_TOO_LARGE (one chunk), NOT_AVAILABLE (an empty list)
 */
export function readUpdates(asked: Asked, answer: HttpAnswer, accepted: Accepted, count: number): RawObject[] {
  // `Eth-Consensus-Version` is not looked at: one header cannot speak for a range that spans forks.
  const objects =
    kindOf(asked, answer, accepted) === "ssz"
      ? splitUpdateChunks(asked, answer.body, count)
      : readJsonUpdates(asked, parseJson(asked, answer), count);
  if (objects.length === 0) throw notAvailable(asked, "an empty list");
  return objects;
}

/** What the request asked for: SSZ is taken only if it was. */
export type Accepted = "any" | "json";

function kindOf(asked: Asked, answer: HttpAnswer, accepted: Accepted): "json" | "ssz" {
  const contentType = answer.headers.get("content-type");
  const kind = bodyKind(contentType);
  if (kind === "json" || kind === "unlabelled") return "json";
  if (kind === "ssz" && accepted === "any") return "ssz";
  const expected = accepted === "any" ? "SSZ or JSON" : "JSON";
  throw responseInvalid(asked, expected, `Content-Type ${foreignText(contentType ?? "", asked.redact)}`);
}

function parseJson(asked: Asked, answer: HttpAnswer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(answer.body));
  } catch {
    // Not the parser's words: they quote the body.
    const contentType = answer.headers.get("content-type");
    const label = contentType === null ? "without Content-Type" : `of ${foreignText(contentType, asked.redact)}`;
    throw responseInvalid(asked, "JSON", `${answer.body.byteLength} bytes ${label} that do not parse`);
  }
}

/**
 * `{version, data}` as a raw object; `undefined` if it is not one.
 *
 * @param bareKey a field that tells the object itself, for nodes that send it without the wrapper
 * @param claim the fork to assume if the JSON names none
 */
export function unwrapJson(value: unknown, bareKey?: string, claim?: string): RawObject | undefined {
  if (!isRecord(value)) return undefined;
  if (isRecord(value["data"])) {
    const fork = forkClaim(value["version"]) ?? claim;
    return { encoding: "json", value: value["data"], ...(fork === undefined ? {} : { fork }) };
  }
  if (bareKey === undefined || !(bareKey in value)) return undefined;
  return { encoding: "json", value, ...(claim === undefined ? {} : { fork: claim }) };
}

function readJsonUpdates(asked: Asked, value: unknown, count: number): RawObject[] {
  const list = isRecord(value) ? value["data"] : value;
  const claim = isRecord(value) ? forkClaim(value["version"]) : undefined;
  if (!Array.isArray(list)) throw responseInvalid(asked, "a JSON list of updates", describeKind(value));
  assertCount(asked, list.length, count);
  return list.map((entry: unknown, index) => {
    const object = unwrapJson(entry, "attested_header", claim);
    if (object !== undefined) return object;
    throw responseInvalid(asked, `an update as entry ${index}`, describeKind(entry));
  });
}

/**
 * Splits `uint64 length (little-endian) || 4-byte fork digest || SSZ`, where the length covers digest and SSZ
 * (beacon-APIs `apis/beacon/light_client/updates.yaml`, after the chunks of the req/resp protocol).
 *
 * @returns at most `count` objects, each with its `digest`; none for no bytes
 * @throws RESPONSE_INVALID for a cut, empty or overlong chunk, or too many of them; INPUT_TOO_LARGE for a chunk that
 *   is larger than an update can be
 */
export function splitUpdateChunks(asked: Asked, body: Uint8Array, count: number): RawObject[] {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const objects: RawObject[] = [];
  let offset = 0;
  while (offset < body.byteLength) {
    assertCount(asked, objects.length + 1, count);
    const index = objects.length;
    const left = body.byteLength - offset;
    if (left < CHUNK_PREFIX_BYTES) {
      throw responseInvalid(asked, `${CHUNK_PREFIX_BYTES} bytes of length and digest for chunk ${index}`, `${left}`);
    }
    // A bigint first: a length beyond 2^53 must not be rounded into one that fits.
    const length = view.getBigUint64(offset, true);
    if (length <= 4n || length > BigInt(left - 8)) {
      throw responseInvalid(asked, `chunk ${index} of 5 to ${left - 8} bytes`, `a length of ${length}`);
    }
    const end = offset + 8 + Number(length);
    const sszBytes = Number(length) - 4;
    if (sszBytes > COMMITTEE_OBJECT_LIMIT.ssz) throw tooLarge(asked, COMMITTEE_OBJECT_LIMIT.ssz, sszBytes);
    const digest = toHex(body.subarray(offset + 8, offset + 12));
    // A copy, so that keeping one update does not keep the whole answer. (`slice` of a Node Buffer would not copy.)
    objects.push({ encoding: "ssz", bytes: new Uint8Array(body.subarray(offset + 12, end)), digest });
    offset = end;
  }
  return objects;
}

function assertCount(asked: Asked, actual: number, count: number): void {
  if (actual > count) throw responseInvalid(asked, `at most ${count} updates`, `${actual} or more`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The kind of a value that a server sent, without quoting it. */
function describeKind(value: unknown): string {
  return typeof value === "string" ? "a string" : describeValue(value);
}
