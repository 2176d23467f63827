/**
 * From what a source sent to the library's own objects: the one place where bytes and JSON from outside are decoded.
 *
 * Which container decodes follows from what the server claims (fork name or digest), since servers send older data in
 * newer shapes. What is *checked* later follows from the slot alone: the claim decides nothing about validity. Without
 * a claim, JSON is decoded in the shape of its slot's fork.
 */
import { describeValue, SidelightError } from "../errors.js";
import { forkAtSlot } from "../networks/schedule.js";
import { type ForkName, LIGHT_CLIENT_FORKS, type LightClientFork, type Network } from "../networks/types.js";
import { isZero } from "./bytes.js";
import { decodeJson } from "./json.js";
import type {
  LightClientBootstrap,
  LightClientFinalityUpdate,
  LightClientHeader,
  LightClientOptimisticUpdate,
  LightClientUpdate,
  SyncAggregate,
  SyncCommittee,
} from "./objects.js";
import type { RawObject } from "./raw-object.js";
import { SszError, type SszType } from "./type.js";
import { NEWEST_DEPTHS, type Types } from "./types.js";
import { normalizeMerkleBranch, upgradeHeader } from "./upgrade.js";
import type { WireHeader } from "./wire.js";

/** What decoding needs to know of a network. */
export interface DecodeSchema {
  readonly network: Network;
  readonly types: Types;
  /** Fork of each fork digest of the network (`0x` hex, lower case). */
  readonly forkOfDigest: ReadonlyMap<string, ForkName>;
}

type ObjectName =
  | "LightClientBootstrap"
  | "LightClientUpdate"
  | "LightClientFinalityUpdate"
  | "LightClientOptimisticUpdate";

/** Objects as the containers decode them, before the upgrade. */
interface WireObject {
  readonly header?: WireHeader;
  readonly attestedHeader?: WireHeader;
  readonly finalizedHeader?: WireHeader;
  readonly currentSyncCommittee?: SyncCommittee;
  readonly currentSyncCommitteeBranch?: readonly Uint8Array[];
  readonly nextSyncCommittee?: SyncCommittee;
  readonly nextSyncCommitteeBranch?: readonly Uint8Array[];
  readonly finalityBranch?: readonly Uint8Array[];
  readonly syncAggregate?: SyncAggregate;
  readonly signatureSlot?: number;
}

/** @throws DECODE_FAILED, INPUT_TOO_LARGE, FORK_UNKNOWN, FORK_DIGEST_UNKNOWN, FORK_MISMATCH */
export function decodeBootstrap(schema: DecodeSchema, raw: RawObject): LightClientBootstrap {
  const wire = decodeObject(schema, "LightClientBootstrap", raw);
  return {
    header: upgrade(schema, wire.header!),
    currentSyncCommittee: wire.currentSyncCommittee!,
    currentSyncCommitteeBranch: normalizeMerkleBranch(
      wire.currentSyncCommitteeBranch!,
      NEWEST_DEPTHS.currentSyncCommittee,
    ),
  };
}

/** @throws DECODE_FAILED, INPUT_TOO_LARGE, FORK_UNKNOWN, FORK_DIGEST_UNKNOWN, FORK_MISMATCH */
export function decodeUpdate(schema: DecodeSchema, raw: RawObject): LightClientUpdate {
  const wire = decodeObject(schema, "LightClientUpdate", raw);
  const absent = wire.nextSyncCommitteeBranch!.every(isZero) && isEmptyCommittee(wire.nextSyncCommittee!);
  return {
    ...upgradeFinalityUpdate(schema, wire),
    nextSyncCommittee: absent ? null : wire.nextSyncCommittee!,
    nextSyncCommitteeBranch: normalizeMerkleBranch(wire.nextSyncCommitteeBranch!, NEWEST_DEPTHS.nextSyncCommittee),
  };
}

/** @throws DECODE_FAILED, INPUT_TOO_LARGE, FORK_UNKNOWN, FORK_DIGEST_UNKNOWN, FORK_MISMATCH */
export function decodeFinalityUpdate(schema: DecodeSchema, raw: RawObject): LightClientFinalityUpdate {
  return upgradeFinalityUpdate(schema, decodeObject(schema, "LightClientFinalityUpdate", raw));
}

/** @throws DECODE_FAILED, INPUT_TOO_LARGE, FORK_UNKNOWN, FORK_DIGEST_UNKNOWN, FORK_MISMATCH */
export function decodeOptimisticUpdate(schema: DecodeSchema, raw: RawObject): LightClientOptimisticUpdate {
  return upgradeOptimisticUpdate(schema, decodeObject(schema, "LightClientOptimisticUpdate", raw));
}

function upgradeFinalityUpdate(schema: DecodeSchema, wire: WireObject): LightClientFinalityUpdate {
  return {
    ...upgradeOptimisticUpdate(schema, wire),
    finalizedHeader: upgrade(schema, wire.finalizedHeader!),
    finalityBranch: normalizeMerkleBranch(wire.finalityBranch!, NEWEST_DEPTHS.finality),
  };
}

function upgradeOptimisticUpdate(schema: DecodeSchema, wire: WireObject): LightClientOptimisticUpdate {
  return {
    attestedHeader: upgrade(schema, wire.attestedHeader!),
    syncAggregate: wire.syncAggregate!,
    signatureSlot: wire.signatureSlot!,
  };
}

function upgrade({ network, types }: DecodeSchema, wire: WireHeader): LightClientHeader {
  return upgradeHeader(types, wire, isDenebOrLater(forkAtSlot(network, wire.beacon.slot)));
}

export function isDenebOrLater(fork: ForkName): boolean {
  return fork === "deneb" || fork === "electra" || fork === "fulu" || fork === "gloas";
}

function isEmptyCommittee(committee: SyncCommittee): boolean {
  return isZero(committee.aggregatePubkey) && committee.pubkeys.every(isZero);
}

function decodeObject(schema: DecodeSchema, object: ObjectName, raw: RawObject): WireObject {
  const fork = claimedFork(schema, object, raw);
  const wire =
    raw.encoding === "ssz"
      ? decodeSsz(schema, object, fork, raw.bytes)
      : decodeJsonObject(schema, object, fork, raw.value);
  const slot = (wire.header ?? wire.attestedHeader!).beacon.slot;
  const slotFork = forkAtSlot(schema.network, slot);
  if (slotFork === "phase0") {
    const message = `${object}: slot ${slot} is before Altair, where there is no light-client data`;
    throw new SidelightError("FORK_MISMATCH", message, { object, slot, slotFork, claimedFork: fork });
  }
  return wire;
}

function claimedFork(schema: DecodeSchema, object: ObjectName, raw: RawObject): LightClientFork {
  if (raw.encoding === "ssz" && raw.digest !== undefined) {
    const fork = schema.forkOfDigest.get(raw.digest.toLowerCase());
    if (fork === undefined || fork === "phase0") {
      const digest = excerpt(raw.digest);
      const message = `${object}: no fork of ${schema.network.name} has the digest ${digest}`;
      throw new SidelightError("FORK_DIGEST_UNKNOWN", message, { object, digest });
    }
    return fork;
  }
  if (raw.fork !== undefined) {
    if (!isLightClientFork(raw.fork)) {
      const message = `${object}: expected one of ${LIGHT_CLIENT_FORKS.join(", ")}, got ${describeValue(raw.fork)}`;
      throw new SidelightError("FORK_UNKNOWN", message, { object, fork: excerpt(raw.fork) });
    }
    return raw.fork;
  }
  return raw.encoding === "json" ? forkOfJsonSlot(schema, object, raw.value) : missingClaim(object, raw.bytes);
}

/** What a server claimed, fit for an error: it may be long, or no string at all. */
function excerpt(claim: unknown): string {
  return typeof claim === "string" && claim.length <= 80 ? claim : describeValue(claim);
}

function isLightClientFork(name: string): name is LightClientFork {
  return (LIGHT_CLIENT_FORKS as readonly string[]).includes(name);
}

/**
 * Until late 2022 nodes sent Altair's headers without the `beacon` around their fields, and archives still hold such
 * answers: brings them into today's form. Whatever else is not of that form is left for decoding to refuse.
 */
function withBeacon(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const wrapped: Record<string, unknown> = { ...value };
  for (const key of ["header", "attested_header", "finalized_header"]) {
    const header = wrapped[key];
    if (typeof header !== "object" || header === null || Object.hasOwn(header, "beacon")) continue;
    if (Object.hasOwn(header, "slot")) wrapped[key] = { beacon: header };
  }
  return wrapped;
}

/** Old servers send JSON without `version`: its own slot says which fork's shape to expect. */
function forkOfJsonSlot({ network, types }: DecodeSchema, object: ObjectName, value: unknown): LightClientFork {
  const key = object === "LightClientBootstrap" ? "header" : "attested_header";
  const header = (withBeacon(value) as Record<string, { beacon?: unknown } | null | undefined> | null)?.[key];
  const context = { object: `${object} at ${key}.beacon`, fork: "unstated fork" };
  const { slot } = decodeJson(types.BeaconBlockHeader, header?.beacon, context);
  const fork = forkAtSlot(network, slot);
  if (fork !== "phase0") return fork;
  const message = `${object}: slot ${slot} is before Altair, where there is no light-client data`;
  throw new SidelightError("FORK_MISMATCH", message, { object, slot, slotFork: fork, claimedFork: "unstated" });
}

function missingClaim(object: ObjectName, bytes: Uint8Array): never {
  const expected = "the fork's name or digest beside SSZ bytes";
  throw decodeFailure(object, "unstated fork", "ssz", expected, `${bytes.length} bytes without either`);
}

function decodeSsz({ types }: DecodeSchema, object: ObjectName, fork: LightClientFork, bytes: Uint8Array): WireObject {
  const type = types.forks[fork][object];
  if (bytes.length > type.maxSize) {
    const message = `${object} (${fork}, SSZ): expected at most ${type.maxSize} bytes, got ${bytes.length}`;
    throw new SidelightError("INPUT_TOO_LARGE", message, { object, limit: type.maxSize, actual: bytes.length });
  }
  if (bytes.length < type.minSize) {
    throw decodeFailure(object, fork, "ssz", `at least ${type.minSize} bytes`, `${bytes.length} bytes`);
  }
  try {
    return type.deserialize(bytes);
  } catch (cause) {
    if (!(cause instanceof SszError)) throw cause;
    throw decodeFailure(object, fork, "ssz", cause.expected, cause.actual, cause.path);
  }
}

function decodeJsonObject(
  { types }: DecodeSchema,
  object: ObjectName,
  fork: LightClientFork,
  value: unknown,
): WireObject {
  // the objects' container types have no common value type; WireObject is what they all decode to
  const type = types.forks[fork][object] as unknown as SszType<WireObject>;
  return decodeJson(type, isBeforeCapella(fork) ? withBeacon(value) : value, { object, fork });
}

function isBeforeCapella(fork: LightClientFork): boolean {
  return fork === "altair" || fork === "bellatrix";
}

function decodeFailure(
  object: string,
  fork: string,
  encoding: string,
  expected: string,
  actual: string,
  path = "",
): SidelightError {
  const where = path === "" ? object : `${object} at ${path}`;
  const message = `${where} (${fork}, ${encoding.toUpperCase()}): expected ${expected}, got ${actual}`;
  return new SidelightError("DECODE_FAILED", message, { object, fork, encoding, path, expected, actual });
}
