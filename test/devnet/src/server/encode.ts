import type { BeaconConfig } from "@lodestar/config";
import { SLOTS_PER_EPOCH } from "@lodestar/params";
import type { Answer, Format, LightClientItem, Result } from "./result.ts";
import { itemType } from "./result.ts";

/** Where faults reach into the encoding. */
export type EncodeOptions = {
  /** Replaces the fork name everywhere; null leaves it out. */
  version?: string | null;
  /** Replaces the fork digest of SSZ updates. */
  digest?: Uint8Array;
  /** Changes a light-client object after it became JSON. */
  editJson?: (json: unknown, item: LightClientItem) => unknown;
};

const JSON_TYPE = "application/json; charset=utf-8";
const SSZ_TYPE = "application/octet-stream";

/** The digest of the epoch, blob parameters included from Fulu on (specs/fulu/beacon-chain.md, `compute_fork_digest`). */
export function forkDigestAt(config: BeaconConfig, slot: number): Uint8Array {
  const epoch = Math.floor(slot / SLOTS_PER_EPOCH);
  return config.forkBoundary2ForkDigest(config.getForkBoundaryAtEpoch(epoch));
}

/** beacon-APIs, `LightClientUpdateResponseChunk`: the length covers the digest and the update. */
function updateChunk(config: BeaconConfig, item: LightClientItem, options: EncodeOptions): Uint8Array {
  const payload = itemType(item).serialize(item.data);
  const digest = options.digest ?? forkDigestAt(config, item.slot);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(digest.length + payload.length));
  return Buffer.concat([length, digest, payload]);
}

export function itemToJson(item: LightClientItem, options: EncodeOptions): { version?: string; data: unknown } {
  const json = itemType(item).toJson(item.data);
  const data = options.editJson ? options.editJson(json, item) : json;
  const version = versionOf(item.claimedFork ?? item.fork, options);
  return version === null ? { data } : { version, data };
}

function versionOf(fork: string, options: EncodeOptions): string | null {
  return options.version === undefined ? fork : options.version;
}

function answer(status: number, body: Uint8Array | string, type: string, headers: Record<string, string>): Answer {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const names = Object.keys(headers).filter((name) => name.startsWith("eth-"));
  const exposed = names.map((name) => name.replace(/(^|-)([a-z])/g, (_, dash, letter) => dash + letter.toUpperCase()));
  const expose: Record<string, string> =
    exposed.length > 0 ? { "access-control-expose-headers": exposed.join(",") } : {};
  return {
    status,
    headers: {
      "access-control-allow-origin": "*",
      ...headers,
      ...expose,
      "content-type": type,
      "content-length": String(bytes.length),
    },
    body: bytes,
  };
}

export function errorAnswer(status: number, message: string): Answer {
  return answer(status, JSON.stringify({ code: status, message }), JSON_TYPE, {});
}

/** Which formats a result can be written in, best first. */
export function formatsOf(result: Result): Format[] {
  if (result.kind === "lightClient") return ["json", "ssz"];
  if (result.kind === "value" && result.ssz) return ["json", "ssz"];
  return ["json"];
}

export function encodeResult(config: BeaconConfig, result: Result, format: Format, options: EncodeOptions): Answer {
  switch (result.kind) {
    case "error":
      return errorAnswer(result.status, result.message);
    case "empty":
      return answer(result.status, "", JSON_TYPE, {});
    case "value":
      return encodeValue(result, format, options);
    case "lightClient":
      return result.isList
        ? encodeList(config, result.items, format, options)
        : encodeItem(result.items[0] as LightClientItem, format, options);
  }
}

function versionHeader(version: string | null): Record<string, string> {
  return version === null ? {} : { "eth-consensus-version": version };
}

function encodeValue(result: Extract<Result, { kind: "value" }>, format: Format, options: EncodeOptions): Answer {
  const version = result.version === undefined ? null : versionOf(result.version, options);
  const isAboutChain = result.finalized !== undefined;
  const headers: Record<string, string> = isAboutChain
    ? { "eth-execution-optimistic": "false", "eth-consensus-finalized": String(result.finalized) }
    : {};
  Object.assign(headers, versionHeader(version));
  if (format === "ssz" && result.ssz) return answer(200, result.ssz(), SSZ_TYPE, headers);
  const meta = {
    ...(version === null ? {} : { version }),
    ...(isAboutChain ? { execution_optimistic: false, finalized: result.finalized } : {}),
  };
  return answer(200, JSON.stringify({ data: result.json(), ...meta }), JSON_TYPE, headers);
}

function encodeItem(item: LightClientItem, format: Format, options: EncodeOptions): Answer {
  const headers = versionHeader(versionOf(item.claimedFork ?? item.fork, options));
  if (format === "ssz") return answer(200, itemType(item).serialize(item.data), SSZ_TYPE, headers);
  return answer(200, JSON.stringify(itemToJson(item, options)), JSON_TYPE, headers);
}

/** Lodestar lists the version of every update in one header, and so does the devnet. */
function encodeList(config: BeaconConfig, items: LightClientItem[], format: Format, options: EncodeOptions): Answer {
  const versions = items
    .map((item) => versionOf(item.claimedFork ?? item.fork, options))
    .filter((version) => version !== null);
  const headers = versionHeader(versions.length > 0 ? versions.join(",") : null);
  if (format === "json") {
    return answer(200, JSON.stringify(items.map((item) => itemToJson(item, options))), JSON_TYPE, headers);
  }
  return answer(200, Buffer.concat(items.map((item) => updateChunk(config, item, options))), SSZ_TYPE, headers);
}
