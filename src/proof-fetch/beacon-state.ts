/** Parts of the beacon chain's states, fetched from nodes that nobody trusts and proven by what a client has verified. */
import type { TrustLabel, VerifiedHeader } from "../client/types.js";
import { isSidelightError } from "../errors.js";
import type { Network } from "../networks/types.js";
import { verifyBeaconBlock, verifyBeaconHeader } from "../proof/beacon/block.js";
import { blockRootPlace, verifyHistoricalBlockRoot } from "../proof/beacon/history.js";
import type { StateQuery } from "../proof/beacon/queries.js";
import { type BeaconBlock, type BeaconState, beaconTypesAtSlot, createBeaconTypes } from "../proof/beacon/types.js";
import { computeCompactDescriptor, decodeCompactDescriptor, verifyCompactNodes } from "../proof/compact-multiproof.js";
import {
  createSszProof,
  gindicesOfPaths,
  type Proven,
  type ProvenSsz,
  provenByNodes,
  readGindices,
  verifySszBytes,
} from "../proof/ssz-proof.js";
import type { Path } from "../ssz/path.js";
import type { SszType } from "../ssz/type.js";
import { createSourcePool, type SourcePoolOptions } from "../transport/pool/source-pool.js";
import type { RequestOptions } from "../transport/port.js";
import { type Anchor, anchorHeader, type HeaderSource } from "./anchor.js";
import { wantedBatch } from "./batch.js";
import type { BeaconProofSource } from "./beacon-source.js";

export interface BeaconStateOptions extends SourcePoolOptions {
  readonly client: HeaderSource;
  readonly network: Network;
  /** Untrusted. Asked one after the other, in the order of their standing. */
  readonly sources: readonly BeaconProofSource[];
  /**
   * May a whole state be fetched where a source has no proof routes, and of up to how many bytes? (One of mainnet has 300
   * MB. It is held in memory once, hashed as it lies, and forgotten.)
   * @default 0, which is never
   */
  readonly maxStateBytes?: number;
}

export interface StateCallOptions {
  /**
   * Of which block: the finalized one, the head, or that of a slot before the finalized one, from Altair on. Of a slot
   * without a block, the last one before it. For what is older than 8192 slots a source has to have old states.
   * @default "finalized"
   */
  readonly at?: Anchor | number;
  readonly signal?: AbortSignal;
}

/** A value, and what it stands on. */
export interface ProvenAt<T> {
  readonly value: T;
  /** Of the block in whose state it is (after the block). */
  readonly slot: number;
  readonly blockRoot: string;
  readonly stateRoot: string;
  /** Of the verified header that proves it. */
  readonly trust: TrustLabel;
}

export interface BeaconStateReader {
  /**
   * What is at a path of the state: `["validators", 12, "effectiveBalance"]`. `null`: it is proven that the list is shorter.
   *
   * @throws OPTION_INVALID there is no such path in the fork of the state, or the slot is not before the finalized one
   * @throws FORK_MISMATCH a slot of phase 0
   * @throws CLIENT_STATE_INVALID the client has no verified header yet
   * @throws NO_SOURCE_ANSWERED nobody gave a proof, with what each said; `signal.reason`
   */
  get<const P extends Path<BeaconState>>(
    path: P,
    options?: StateCallOptions,
  ): Promise<ProvenAt<Proven<BeaconState, P>>>;
  /** Answers a query: `validatorAt(12)`, `finalizedCheckpoint`, ... @throws as {@link get} */
  query<T>(query: StateQuery<T>, options?: StateCallOptions): Promise<ProvenAt<T>>;
  /** The proof itself, of all of `paths`: for `verifySszProof`, elsewhere and later. @throws as {@link get} */
  proof(
    paths: readonly Path<BeaconState>[],
    options?: StateCallOptions,
  ): Promise<ProvenAt<{ readonly descriptor: Uint8Array; readonly leaves: readonly Uint8Array[] }>>;
  /** The block itself, whole. @throws as {@link get} */
  block(options?: StateCallOptions): Promise<ProvenAt<ProvenSsz<BeaconBlock>>>;
}

/** Of one request: descriptors are part of its URL. */
const MAX_GINDICES = 256;

type Place = Omit<ProvenAt<never>, "value">;

interface Found {
  readonly place: Place;
  /** What to ask for its state by. */
  readonly stateId: string;
}

/**
 * Reads states through a client: `beaconState({ client, network, sources: [beaconProofSource("https://…")] })`.
 *
 * Asks for Lodestar's compact multiproofs, by state root; where a source has none, for the whole state, if
 * `maxStateBytes` allows it. Who answers with what is not in the state is blamed, as by the client's own pool.
 *
 * @throws OPTION_INVALID
 */
export function beaconState(options: BeaconStateOptions): BeaconStateReader {
  const { client, network, maxStateBytes = 0 } = options;
  const types = createBeaconTypes(network.preset);
  const pool = createSourcePool("sources", options.sources, options);

  const stateTypeAt = (slot: number) => beaconTypesAtSlot(types, network, slot).BeaconState;

  async function find({ at = "finalized", signal }: StateCallOptions): Promise<Found> {
    if (typeof at !== "number") return foundIn(anchorHeader(client, at));
    const from = foundIn(anchorHeader(client, "finalized"));
    if (at === from.place.slot) return from;
    const root = await rootAt(from, at, signal);
    const header = await pool.ask({
      request: "header",
      signal,
      ask: (source, call) => source.header(root, call),
      use: (answer) => verifyBeaconHeader({ types, root, header: answer }),
    });
    const { slot, stateRoot } = header;
    // by its slot: few nodes find an old state by its root
    return { place: { slot, blockRoot: root, stateRoot, trust: from.place.trust }, stateId: `${slot}` };
  }

  /** Root of the block of an earlier slot, or of the last one before it. */
  async function rootAt(from: Found, slot: number, signal: AbortSignal | undefined): Promise<string> {
    const place = blockRootPlace(network, from.place.slot, slot);
    stateTypeAt(slot);
    const { state } = await prove(from, [["slot"], ...place.paths], signal);
    const options = { types, network, state, slot };
    if (place.via === "block_roots") return verifyHistoricalBlockRoot(options)!;
    const { stateSlot, gindices, batchOf } = wantedBatch(types, stateTypeAt, place, slot);
    return pool.ask({
      request: "historical roots",
      signal,
      ask: (source, call) => askFor(source, `${stateSlot}`, gindices, call),
      // a whole batch has been in the state ever since it was
      use: (answer) => verifyHistoricalBlockRoot({ ...options, batch: batchOf(answer) })!,
    });
  }

  /** A state of which at least `paths` are proven, and the proof itself. */
  async function prove(
    { place: { slot, stateRoot: root }, stateId }: Found,
    paths: readonly Path<BeaconState>[],
    signal: AbortSignal | undefined,
  ): Promise<Proof> {
    const type = stateTypeAt(slot);
    const known = new Map<bigint, Uint8Array>();
    for (let wanted = gindicesOfPaths(type, paths); wanted.length > 0; wanted = gindicesOfPaths(type, paths, known)) {
      const some = wanted.slice(0, MAX_GINDICES);
      const proven = await pool.ask({
        request: "state proof",
        signal,
        ask: (source, call) => askFor(source, stateId, some, call),
        use: (answer) => use(type, root, some, answer),
      });
      if (proven.bytes !== null) {
        const { state, bytes } = proven;
        return { state, compact: () => createSszProof({ type, bytes, paths }) };
      }
      for (const [gindex, node] of proven.nodes) known.set(gindex, node);
    }
    return { state: provenByNodes(type, root, known), compact: () => compactOf(type, paths, known) };
  }

  async function askFor(source: BeaconProofSource, stateId: string, gindices: readonly bigint[], call: RequestOptions) {
    try {
      return await source.stateProof(stateId, computeCompactDescriptor(gindices), call);
    } catch (thrown) {
      const hasNoRoute = isSidelightError(thrown, "NOT_AVAILABLE") || isSidelightError(thrown, "HTTP_STATUS");
      if (!hasNoRoute || maxStateBytes === 0) throw thrown;
      return await source.state(stateId, maxStateBytes, call);
    }
  }

  return {
    async get(path, call = {}) {
      const found = await find(call);
      const { state } = await prove(found, [path], call.signal);
      return { ...found.place, value: state.get(path) as never };
    },
    async query(query, call = {}) {
      const found = await find(call);
      const { state } = await prove(found, query.paths, call.signal);
      return { ...found.place, value: query.read(state, network) };
    },
    async proof(paths, call = {}) {
      const found = await find(call);
      const { compact } = await prove(found, paths, call.signal);
      const { descriptor, leaves } = compact();
      return { ...found.place, value: { descriptor, leaves } };
    },
    async block(call = {}) {
      const { place } = await find(call);
      const { blockRoot: root } = place;
      const value = await pool.ask({
        request: "block",
        signal: call.signal,
        ask: (source, request) => source.block(root, request),
        use: (bytes) => verifyBeaconBlock({ types, network, root, bytes }),
      });
      return { ...place, value };
    },
  };
}

function foundIn({ slot, root, stateRoot, trust }: VerifiedHeader): Found {
  return { place: { slot, blockRoot: root, stateRoot, trust }, stateId: stateRoot };
}

interface Proof {
  readonly state: ProvenSsz<BeaconState>;
  readonly compact: () => { readonly descriptor: Uint8Array; readonly leaves: readonly Uint8Array[] };
}

/** One proof of what several have proven: whatever it needs beside the values, one of them has. */
function compactOf(
  type: SszType<BeaconState>,
  paths: readonly Path<BeaconState>[],
  known: ReadonlyMap<bigint, Uint8Array>,
) {
  const descriptor = computeCompactDescriptor(readGindices(type, paths, known));
  const leaves = decodeCompactDescriptor(descriptor).map((gindex) => known.get(gindex)!);
  return { descriptor, leaves };
}

type Used =
  | { readonly bytes: null; readonly nodes: Map<bigint, Uint8Array> }
  | { readonly bytes: Uint8Array; readonly state: ProvenSsz<BeaconState> };

/** What an answer proves: nodes, or the whole state. */
function use(
  type: SszType<BeaconState>,
  root: string,
  gindices: readonly bigint[],
  answer: Awaited<ReturnType<BeaconProofSource["stateProof"]>> | Uint8Array,
): Used {
  const name = "state proof";
  if (answer instanceof Uint8Array) return { bytes: answer, state: verifySszBytes({ type, root, bytes: answer }) };
  return { bytes: null, nodes: verifyCompactNodes({ ...answer, root, name, gindices }) };
}
