/** Real data through the library, as a client would: bootstrap, updates, finality, optimistic; every check on. */

import { isDeepStrictEqual } from "node:util";
import { expect } from "chai";
import { isSidelightError } from "../../../src/errors.js";
import { mainnet } from "../../../src/networks/mainnet.js";
import { forkAtSlot } from "../../../src/networks/schedule.js";
import { sepolia } from "../../../src/networks/sepolia.js";
import type { LightClientFork } from "../../../src/networks/types.js";
import {
  type Chain,
  createChain,
  decodeBootstrap,
  decodeFinalityUpdate,
  decodeOptimisticUpdate,
  decodeUpdate,
  finalityUpdateAsUpdate,
  initializeLightClientStore,
  type LightClientStore,
  type LightClientUpdate,
  optimisticUpdateAsUpdate,
  processLightClientUpdate,
} from "../../../src/spec/index.js";
import { fromHex, toHex } from "../../../src/ssz/bytes.js";
import { decodeJson } from "../../../src/ssz/json.js";
import { beaconHeaderRoot } from "../../../src/ssz/roots.js";
import type { SszType } from "../../../src/ssz/type.js";
import type { RawObject } from "../../../src/transport/port.js";
import { everyBls } from "../../support/backends.js";
import { flipBit } from "../../support/bits.js";
import { countChecked } from "../counts.js";
import { hasData, readJson } from "../data-folder.js";
import { type ObjectFile, readObjects } from "./raw.js";

export type Kind = "bootstrap" | "update" | "finality" | "optimistic";

export interface Step {
  readonly kind: Exclude<Kind, "bootstrap">;
  readonly source: ObjectFile;
  /** Older than the bootstrap: irrelevant to the store, so it is verified against one that lags behind. */
  readonly isOlder?: boolean;
}

export interface Session {
  /** Folder that the objects are counted under. */
  readonly set: string;
  readonly title: string;
  readonly bootstrap: ObjectFile;
  /** Trusted root, where the data says it; else the one in the list of known roots; else the bootstrap's own. */
  readonly root?: string;
  readonly steps: readonly Step[];
}

/** Whatever is verified here, every backend is asked about. */
export const bls = everyBls();

export const CHAINS = { mainnet: createChain(mainnet, bls), sepolia: createChain(sepolia, bls) };

const OBJECTS = {
  bootstrap: "LightClientBootstrap",
  update: "LightClientUpdate",
  finality: "LightClientFinalityUpdate",
  optimistic: "LightClientOptimisticUpdate",
} as const;

const DECODERS = {
  bootstrap: decodeBootstrap,
  update: decodeUpdate,
  finality: decodeFinalityUpdate,
  optimistic: decodeOptimisticUpdate,
};

export function decodeAny(chain: Chain, kind: Kind, raw: RawObject): unknown {
  return DECODERS[kind](chain, raw);
}

/** Any of the three kinds that are signed, as the update that the protocol makes of it. */
export function decodeSigned(chain: Chain, kind: Step["kind"], raw: RawObject): LightClientUpdate {
  if (kind === "update") return decodeUpdate(chain, raw);
  if (kind === "finality") return finalityUpdateAsUpdate(decodeFinalityUpdate(chain, raw));
  return optimisticUpdateAsUpdate(decodeOptimisticUpdate(chain, raw));
}

export function runSession(chain: Chain, { set, bootstrap, root, steps }: Session): LightClientStore {
  const [raw = missing(bootstrap)] = readObjects(bootstrap);
  let store = startFrom(chain, set, raw, root);
  for (const { kind, source, isOlder = false } of steps) {
    for (const raw of readObjects(source)) {
      assertSameInSsz(chain, kind, raw);
      const update = decodeSigned(chain, kind, raw);
      if (isOlder) verifyOlder(chain, store, update);
      else store = verifyNewer(chain, store, update);
      assertKnownRoot(chain, update);
      countObject(chain, set, update.attestedHeader.beacon.slot);
    }
  }
  return store;
}

function startFrom(chain: Chain, set: string, raw: RawObject, root: string | undefined): LightClientStore {
  assertSameInSsz(chain, "bootstrap", raw);
  const bootstrap = decodeBootstrap(chain, raw);
  const { beacon } = bootstrap.header;
  const ownRoot = beaconHeaderRoot(chain.types, beacon);
  const otherRoot = ownRoot.map((byte) => byte ^ 1);
  expect(codeOf(() => initializeLightClientStore(chain, otherRoot, bootstrap))).to.equal("BOOTSTRAP_ROOT_MISMATCH");
  const trusted = root ?? knownRoots.get(`${chain.network.name} ${beacon.slot}`);
  const store = initializeLightClientStore(chain, trusted === undefined ? ownRoot : fromHex(trusted), bootstrap);
  countObject(chain, set, beacon.slot);
  return store;
}

/** Processes at the first moment at which it can be known; before that, or with another signature, it is refused. */
export function verifyNewer(chain: Chain, store: LightClientStore, update: LightClientUpdate): LightClientStore {
  const { signatureSlot, attestedHeader, finalizedHeader } = update;
  const next = processLightClientUpdate(chain, store, update, signatureSlot);
  expect(codeOf(() => processLightClientUpdate(chain, store, update, signatureSlot - 1))).to.equal(
    "UPDATE_FROM_FUTURE",
  );
  expect(codeOf(() => processLightClientUpdate(chain, store, withOtherBits(update), signatureSlot))).to.equal(
    "SIGNATURE_INVALID",
  );
  const newest = (a: LightClientStore["finalizedHeader"], b: typeof a) => (b.beacon.slot > a.beacon.slot ? b : a);
  expect(next.finalizedHeader).to.equal(newest(store.finalizedHeader, finalizedHeader));
  expect(next.optimisticHeader).to.equal(newest(store.optimisticHeader, attestedHeader));
  return next;
}

function verifyOlder(chain: Chain, store: LightClientStore, update: LightClientUpdate): void {
  const process = (from: LightClientStore) => processLightClientUpdate(chain, from, update, update.signatureSlot);
  expect(codeOf(() => process(store))).to.equal("UPDATE_IRRELEVANT");
  process({ ...store, finalizedHeader: update.finalizedHeader, optimisticHeader: update.finalizedHeader });
}

/** The same update, as if its first member had done otherwise. */
function withOtherBits(update: LightClientUpdate): LightClientUpdate {
  const syncCommitteeBits = flipBit(update.syncAggregate.syncCommitteeBits, 0);
  return { ...update, syncAggregate: { ...update.syncAggregate, syncCommitteeBits } };
}

/** What came as JSON decodes to the same object when it comes as SSZ with the digest of the claimed fork. */
function assertSameInSsz(chain: Chain, kind: Kind, raw: RawObject): void {
  if (raw.encoding !== "json") return;
  const { value } = raw as { value: Record<string, { beacon: { slot: string } }> };
  const slot = Number((value["header"] ?? value["attested_header"])!.beacon.slot);
  const fork = (raw.fork ?? forkAtSlot(chain.network, slot)) as LightClientFork;
  const type = chain.types.forks[fork][OBJECTS[kind]];
  const bytes = type.serialize(decodeJson(type as SszType<unknown>, value, { object: kind, fork }) as never);
  const [digest] = [...chain.forkOfDigest].find(([, name]) => name === fork)!;
  const fromSsz = decodeAny(chain, kind, { encoding: "ssz", bytes, digest });
  expect(isDeepStrictEqual(fromSsz, decodeAny(chain, kind, raw)), `${kind} at ${slot}: JSON equals SSZ`).to.equal(true);
}

const knownRoots = new Map<string, string>();
if (hasData) {
  for (const network of ["mainnet", "sepolia"]) {
    const list = readJson(`configs/known-finalized-roots/${network}.json`) as { slot: number; root: string }[];
    for (const { slot, root } of list) knownRoots.set(`${network} ${slot}`, root);
  }
}

/** Compares a finalized header with the list of roots that the executable specification has computed. */
export function assertKnownRoot({ network, types }: Chain, { finalizedHeader }: LightClientUpdate): boolean {
  const known = knownRoots.get(`${network.name} ${finalizedHeader.beacon.slot}`);
  if (known === undefined) return false;
  expect(toHex(beaconHeaderRoot(types, finalizedHeader.beacon))).to.equal(known);
  return true;
}

export function countObject({ network }: Chain, set: string, slot: number, count = 1): void {
  countChecked({ suite: set, release: "real", preset: network.preset.name, fork: forkAtSlot(network, slot) }, count);
}

export function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isSidelightError(error)) return error.code;
    throw error;
  }
  return "nothing thrown";
}

function missing(source: ObjectFile): never {
  throw new Error(`no object in ${source.file}`);
}
