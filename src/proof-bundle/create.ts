/** Makes a bundle: asks for what it needs, puts it together, and verifies it as whoever gets it will. */
import type { Bls } from "../bls/port.js";
import type { VerifiedHeader } from "../client/types.js";
import { isSidelightError, messageOf, optionInvalid, SidelightError } from "../errors.js";
import { computeSyncCommitteePeriodAtSlot } from "../networks/schedule.js";
import { LIGHT_CLIENT_FORKS, type LightClientFork, type Network } from "../networks/types.js";
import { type Slot, slotBytes } from "../proof/account.js";
import type { BeaconState } from "../proof/beacon/types.js";
import { fieldOf } from "../proof/codec.js";
import { verifyGetProof } from "../proof/get-proof.js";
import { encodeExecutionHeader, verifyExecutionHeader } from "../proof/header.js";
import { type BytesLike, optionBytes, placeOf, sentBytes } from "../proof/input.js";
import { type BeaconProofSource, beaconState, type RpcSource } from "../proof-fetch/index.js";
import { type Chain, createChain } from "../spec/chain.js";
import { initializeLightClientStore } from "../spec/initialize.js";
import { processLightClientFinalityUpdate, processLightClientUpdate } from "../spec/process.js";
import { fromHex, toHex } from "../ssz/bytes.js";
import { decodeBootstrap, decodeFinalityUpdate, decodeUpdate } from "../ssz/decode.js";
import { decodeJson } from "../ssz/json.js";
import type { LightClientHeader } from "../ssz/objects.js";
import type { Path } from "../ssz/path.js";
import type { RawObject } from "../ssz/raw-object.js";
import { beaconHeaderRoot } from "../ssz/roots.js";
import type { SszType } from "../ssz/type.js";
import { createSourcePool } from "../transport/pool/source-pool.js";
import type { Source } from "../transport/port.js";
import { notAvailable } from "../transport/rest-errors.js";
import { type BundleObject, type BundleParts, encodeBundle, MAX_PATH_BYTES, MAX_PATHS } from "./format.js";
import { verifyProofBundle } from "./verify.js";

export interface CreateBundleOptions {
  readonly network: Network;
  /** `Bytes32`: root of a finalized block that whoever gets the bundle trusts. */
  readonly checkpoint: BytesLike;
  /** Of light-client data; the first that gives a bundle is taken. `restSource("https://…")`, for one. */
  readonly sources: readonly Source[];
  readonly bls: Bls;
  /** What of the finalized state to prove: at most 64. @default [] */
  readonly paths?: readonly Path<BeaconState>[];
  /** For `paths`. */
  readonly beacon?: readonly BeaconProofSource[];
  /** An account of the finalized execution state, and up to 64 slots of its storage. @default none */
  readonly account?: { readonly address: BytesLike; readonly slots?: readonly Slot[] };
  /** For `account`. */
  readonly rpc?: readonly RpcSource[];
  /** As of `beaconState`. @default 0 */
  readonly maxStateBytes?: number;
  readonly signal?: AbortSignal;
}

/** Asked for at once: as many as servers like to answer. */
const UPDATES_AT_ONCE = 32;

/**
 * Proves parts of the newest finalized state, for anybody who trusts `checkpoint`: now, later, offline.
 *
 * @throws OPTION_INVALID also for more than a bundle holds, before anybody is asked
 * @throws NO_SOURCE_ANSWERED with what each said; `signal.reason`
 * @throws what `verifyProofBundle` does
 */
export async function createProofBundle(options: CreateBundleOptions): Promise<Uint8Array> {
  const { network, bls, signal, paths = [], account } = options;
  const checkpoint = optionBytes("checkpoint", options.checkpoint, 32);
  const encodedPaths = encodePaths(paths);
  if (account) assertAccount(account);
  await bls.ready();
  const chain = createChain(network, bls);
  const { header, ...objects } = await chainFromAny(chain, checkpoint, options.sources, signal);
  const proof = paths.length === 0 ? NO_PROOF : await stateProof(options, header, chain);
  const parts: BundleParts = {
    genesisValidatorsRoot: fromHex(network.genesisValidatorsRoot),
    ...objects,
    paths: encodedPaths,
    ...proof,
    accounts: account === undefined ? [] : [await accountProof(options, account, toHex(header.executionBlockHash))],
  };
  const bundle = encodeBundle(parts);
  await verifyProofBundle({ network, checkpoint, bundle, bls });
  return bundle;
}

/** As the file has them. @throws OPTION_INVALID for more than it holds */
function encodePaths(paths: readonly Path<BeaconState>[]): Uint8Array[] {
  if (!Array.isArray(paths) || paths.length > MAX_PATHS) {
    throw optionInvalid("paths", `an array of at most ${MAX_PATHS}`, paths);
  }
  return paths.map((path, i) => {
    const bytes = new TextEncoder().encode(JSON.stringify(path) ?? "");
    if (bytes.length > MAX_PATH_BYTES)
      throw optionInvalid(`paths[${i}]`, `at most ${MAX_PATH_BYTES} bytes of JSON`, path);
    return bytes;
  });
}

/** @throws OPTION_INVALID */
function assertAccount({ address, slots = [] }: NonNullable<CreateBundleOptions["account"]>): void {
  optionBytes("account.address", address, 20);
  if (!Array.isArray(slots) || slots.length > MAX_PATHS) {
    throw optionInvalid("account.slots", `an array of at most ${MAX_PATHS}`, slots);
  }
  slots.forEach(slotBytes);
}

const NO_PROOF = { descriptor: new Uint8Array(), leaves: [] };

type ChainPart = Pick<BundleParts, "bootstrap" | "updates" | "finalityUpdate"> & { readonly header: LightClientHeader };

async function chainFromAny(
  chain: Chain,
  checkpoint: Uint8Array,
  sources: readonly Source[],
  signal: AbortSignal | undefined,
): Promise<ChainPart> {
  const attempts: { source: string; code: SidelightError["code"]; message: string }[] = [];
  if (sources.length === 0) throw optionInvalid("sources", "an array of one source or more", sources);
  for (const source of sources) {
    try {
      return await chainFrom(chain, checkpoint, source, signal);
    } catch (thrown) {
      signal?.throwIfAborted();
      const code = isSidelightError(thrown) ? thrown.code : "UNEXPECTED";
      attempts.push({ source: source.name, code, message: messageOf(thrown) });
    }
  }
  const request = "light-client data from the checkpoint to the present";
  const summary = attempts.map(({ source, message }) => `${source}: ${message}`).join("; ");
  const message = `${request}: no source gave a usable answer (${summary})`;
  throw new SidelightError("NO_SOURCE_ANSWERED", message, { request, attempts });
}

async function chainFrom(
  chain: Chain,
  checkpoint: Uint8Array,
  source: Source,
  signal?: AbortSignal,
): Promise<ChainPart> {
  const call = signal === undefined ? {} : { signal };
  const bootstrap = await source.bootstrap(toHex(checkpoint), call);
  const last = await source.finalityUpdate(call);
  const finality = decodeFinalityUpdate(chain, last);
  let store = initializeLightClientStore(chain, checkpoint, decodeBootstrap(chain, bootstrap));
  const updates: BundleObject[] = [];
  const periodAt = (slot: number) => computeSyncCommitteePeriodAtSlot(chain.network, slot);
  const signedIn = periodAt(finality.signatureSlot);
  let period = periodAt(store.finalizedHeader.beacon.slot);
  while (period < signedIn) {
    const count = Math.min(UPDATES_AT_ONCE, signedIn - period);
    const raws = await source.updates(period, count, call);
    // a source of the caller's own may not keep to its port, and would be asked for ever
    if (raws.length === 0) {
      const asked = {
        source: source.name,
        request: `updates from period ${period} on`,
        redact: (text: string) => text,
      };
      throw notAvailable(asked, "an empty list");
    }
    for (const raw of raws) {
      store = processLightClientUpdate(chain, store, decodeUpdate(chain, raw), Number.MAX_SAFE_INTEGER);
      updates.push(objectOf(chain, "LightClientUpdate", raw));
    }
    period += raws.length;
  }
  if (finality.finalizedHeader.beacon.slot !== store.finalizedHeader.beacon.slot) {
    store = processLightClientFinalityUpdate(chain, store, finality, Number.MAX_SAFE_INTEGER);
  }
  return {
    bootstrap: objectOf(chain, "LightClientBootstrap", bootstrap),
    updates,
    finalityUpdate: objectOf(chain, "LightClientFinalityUpdate", last),
    header: store.finalizedHeader,
  };
}

/** As SSZ, with the number of its fork. It was decoded before: its fork is known. */
function objectOf(
  { types, forkOfDigest }: Chain,
  name: "LightClientBootstrap" | "LightClientUpdate" | "LightClientFinalityUpdate",
  raw: RawObject,
): BundleObject {
  const claimed = raw.fork ?? (raw.encoding === "ssz" ? forkOfDigest.get(raw.digest ?? "") : undefined);
  const fork = claimed as LightClientFork;
  const index = LIGHT_CLIENT_FORKS.indexOf(fork);
  if (raw.encoding === "ssz") return { fork: index, data: raw.bytes };
  const type = types.forks[fork][name] as unknown as SszType<unknown>;
  return { fork: index, data: type.serialize(decodeJson(type, raw.value, { object: name, fork })) };
}

async function stateProof(
  { network, beacon = [], paths = [], maxStateBytes = 0, signal }: CreateBundleOptions,
  { beacon: header }: LightClientHeader,
  { types }: Chain,
) {
  const root = toHex(beaconHeaderRoot(types, header));
  // the part of a verified header that a reader looks at
  const finalized = { slot: header.slot, root, stateRoot: toHex(header.stateRoot) } as VerifiedHeader;
  const reader = beaconState({ client: { head: null, finalized }, network, sources: beacon, maxStateBytes });
  const { descriptor, leaves } = (await reader.proof(paths, signal === undefined ? {} : { signal })).value;
  return { descriptor, leaves };
}

async function accountProof(
  { rpc = [], signal }: CreateBundleOptions,
  { address, slots = [] }: NonNullable<CreateBundleOptions["account"]>,
  blockHash: string,
): Promise<BundleParts["accounts"][number]> {
  const pool = createSourcePool("rpc", rpc, {});
  const header = await pool.ask({
    request: "eth_getBlockByHash",
    signal,
    ask: (source, call) => source.call("eth_getBlockByHash", [blockHash, false], call),
    use: (answer) => verifyExecutionHeader({ blockHash, header: answer }),
  });
  const { stateRoot } = header;
  const owner = optionBytes("account.address", address, 20);
  const keys = slots.map(slotBytes);
  const params = [toHex(owner), keys.map(toHex), `0x${header.number.toString(16)}`];
  const answer = await pool.ask({
    request: "eth_getProof",
    signal,
    ask: (source, call) => source.call("eth_getProof", params, call),
    use: (given) => {
      verifyGetProof({ stateRoot, address, slots, answer: given });
      return given;
    },
  });
  const place = placeOf("eth_getProof", "json-rpc");
  const nodesAt = (json: unknown, key: string) =>
    (fieldOf(json, key, place) as readonly BytesLike[]).map((node) => sentBytes(place, node, 1024));
  const items = fieldOf(answer, "storageProof", place) as readonly unknown[];
  return {
    header: encodeExecutionHeader(header),
    address: owner,
    accountProof: nodesAt(answer, "accountProof"),
    storage: keys.map((slot, i) => ({ slot, proof: nodesAt(items[i], "proof") })),
  };
}
