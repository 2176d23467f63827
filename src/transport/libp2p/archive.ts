/** Verified light-client data, kept to be given to others. Bounded: the newest periods and bootstraps win. */
import type { Network } from "../../networks/types.js";
import { fromHex, toHex } from "../../ssz/bytes.js";
import { decodeBootstrap, decodeFinalityUpdate, decodeOptimisticUpdate, decodeUpdate } from "../../ssz/decode.js";
import { MAX_REQUEST_LIGHT_CLIENT_UPDATES, type VerifiedObject } from "../port.js";
import { decodeUpdatesRange, RANGE_REQUEST_BYTES, ROOT_BYTES } from "./codec/messages.js";
import { LIGHT_CLIENT } from "./protocols.js";
import type { Answer, Service } from "./responder.js";
import { createSchema, type Schema } from "./schema.js";

/** SSZ with the digest that goes before it. */
export interface Kept {
  readonly bytes: Uint8Array;
  /** `0x` hex. */
  readonly digest: string;
}

/** About 25 KiB each: more than five years of updates. */
const MAX_UPDATES = 2_048;
const MAX_BOOTSTRAPS = 256;

/** What {@link PeersOptions.archive} takes. */
export interface Archive {
  readonly network: Network;
  /**
   * Takes what the client has verified.
   * @returns what others get of it; `null` for what is not SSZ in its slot's own shape: it cannot be passed on as it is
   */
  keep(object: VerifiedObject): Kept | null;
  /** The protocols by which it is asked for. */
  readonly services: readonly Service[];
}

interface Shelves {
  /** @param root `0x` hex */
  bootstrap(root: string): Kept | null;
  /** From the first period that is there, without a gap. */
  updates(startPeriod: number, count: number): readonly Kept[];
  newest(type: "finality" | "optimistic"): Kept | null;
}

/**
 * Keeps what a client has verified, and gives it to others: an option of `createPeers`, apart so that only those pay for
 * it who want it.
 */
export function createArchive(network: Network): Archive {
  const schema = createSchema(network);
  const bootstraps = new Map<string, Kept>();
  const updates = new Map<number, Kept>();
  const newest = new Map<"finality" | "optimistic", Kept>();

  const shelves: Shelves = {
    bootstrap: (root) => bootstraps.get(root) ?? null,
    updates(startPeriod, count) {
      const found: Kept[] = [];
      for (let period = startPeriod; period < startPeriod + count; period++) {
        const kept = updates.get(period);
        if (kept !== undefined) found.push(kept);
        // "in consecutive order", from the earliest that is known
        else if (found.length > 0) break;
      }
      return found;
    },
    newest: (type) => newest.get(type) ?? null,
  };

  return {
    network,
    services: lightClientServices(shelves),
    keep(object) {
      const kept = keptOf(schema, object);
      if (kept === null) return null;
      if (object.kind === "bootstrap") putBounded(bootstraps, object.root.toLowerCase(), kept, MAX_BOOTSTRAPS);
      else if (object.kind === "update") putBounded(updates, object.period, kept, MAX_UPDATES);
      else newest.set(object.kind, kept);
      return kept;
    },
  };
}

/**
 * SSZ, in the shape of its slot's fork: older data in a newer shape cannot be labelled by a digest. JSON would have to be
 * written anew.
 */
function keptOf(schema: Schema, object: VerifiedObject): Kept | null {
  const { raw } = object;
  if (raw.encoding !== "ssz") return null;
  const digest = schema.digestAtSlot(slotOf(schema, object));
  const shape = raw.digest === undefined ? raw.fork : schema.forkOfDigest.get(raw.digest.toLowerCase());
  return shape === schema.forkOfDigest.get(digest) ? { bytes: raw.bytes, digest } : null;
}

function slotOf(schema: Schema, { kind, raw }: VerifiedObject): number {
  if (kind === "bootstrap") return decodeBootstrap(schema, raw).header.beacon.slot;
  const decode = { update: decodeUpdate, finality: decodeFinalityUpdate, optimistic: decodeOptimisticUpdate }[kind];
  return decode(schema, raw).attestedHeader.beacon.slot;
}

function putBounded<K>(map: Map<K, Kept>, key: K, kept: Kept, limit: number): void {
  map.delete(key);
  map.set(key, kept);
  const [oldest] = map.keys();
  if (map.size > limit) map.delete(oldest!);
}

function lightClientServices(shelves: Shelves): Service[] {
  const answerOf = ({ bytes, digest }: Kept): Answer => ({ content: bytes, digest: fromHex(digest) });
  const one = (kept: Kept | null, what: string) => (kept === null ? `no ${what} here` : [answerOf(kept)]);
  return [
    {
      protocol: LIGHT_CLIENT.bootstrap,
      requestBytes: ROOT_BYTES,
      answer: (root) => one(shelves.bootstrap(toHex(root)), "bootstrap of this root"),
    },
    {
      protocol: LIGHT_CLIENT.updates,
      requestBytes: RANGE_REQUEST_BYTES,
      answer: (request, _, fail) => {
        const { startPeriod, count } = decodeUpdatesRange(request, fail);
        if (count === 0n) throw fail("at least one update to be asked for", "none");
        // beyond it, numbers would no longer count on
        if (startPeriod > Number.MAX_SAFE_INTEGER - MAX_REQUEST_LIGHT_CLIENT_UPDATES) return [];
        const periods = Math.min(Number(count), MAX_REQUEST_LIGHT_CLIENT_UPDATES);
        return shelves.updates(Number(startPeriod), periods).map(answerOf);
      },
    },
    {
      protocol: LIGHT_CLIENT.finalityUpdate,
      requestBytes: null,
      answer: () => one(shelves.newest("finality"), "finality update"),
    },
    {
      protocol: LIGHT_CLIENT.optimisticUpdate,
      requestBytes: null,
      answer: () => one(shelves.newest("optimistic"), "optimistic update"),
    },
  ];
}
