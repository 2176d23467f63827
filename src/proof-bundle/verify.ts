/** A bundle, verified offline: from the root of a checkpoint, and nothing else that would have to be believed. */
import type { Bls } from "../bls/port.js";
import { SidelightError } from "../errors.js";
import type { Network } from "../networks/types.js";
import { type Account, verifyAccountProof, verifyStorageProof } from "../proof/account.js";
import { beaconTypesAtSlot, createBeaconTypes } from "../proof/beacon/types.js";
import type { ProvenStorage } from "../proof/get-proof.js";
import { verifyExecutionHeader } from "../proof/header.js";
import { type BytesLike, optionBytes } from "../proof/input.js";
import { EMPTY_TRIE_ROOT } from "../proof/keccak.js";
import { verifySszProof } from "../proof/ssz-proof.js";
import { createChain } from "../spec/chain.js";
import { initializeLightClientStore } from "../spec/initialize.js";
import { processLightClientFinalityUpdate, processLightClientUpdate } from "../spec/process.js";
import type { LightClientStore } from "../spec/store.js";
import { equalBytes, toHex } from "../ssz/bytes.js";
import { decodeBootstrap, decodeFinalityUpdate, decodeUpdate } from "../ssz/decode.js";
import type { LightClientHeader } from "../ssz/objects.js";
import { beaconHeaderRoot } from "../ssz/roots.js";
import { type BundleParts, decodeBundle, rawOf, unreadable } from "./format.js";

export interface VerifyBundleOptions {
  readonly network: Network;
  /** `Bytes32`: root of a finalized block that you trust. The bundle must begin with it. */
  readonly checkpoint: BytesLike;
  /** What `createProofBundle` gave. */
  readonly bundle: Uint8Array;
  /** `blstBls()` of `sidelight/bls/blst`, for one. */
  readonly bls: Bls;
  /**
   * The newest slot that may have been signed by now, by your clock.
   * @default any: a bundle from the future is accepted
   */
  readonly currentSlot?: number;
}

/** What a bundle proves. */
export interface ProvenBundle {
  /** The finalized header that it leads to. Roots are `Bytes32` as `0x` hex. */
  readonly header: { readonly slot: number; readonly root: string; readonly stateRoot: string };
  /** Parts of the beacon state after that block, in the order of the bundle. `null`: a list is proven to be shorter. */
  readonly values: readonly { readonly path: readonly (string | number)[]; readonly value: unknown }[];
  /** `null`: the bundle says nothing of the execution layer. */
  readonly execution: {
    readonly blockNumber: number;
    readonly blockHash: string;
    readonly address: string;
    /** `null`: it is proven that there is none. */
    readonly account: Account | null;
    readonly storage: readonly ProvenStorage[];
  } | null;
}

/**
 * Verifies a bundle. Asks nobody: the checkpoint's committee signs for the next one, and so on to a finalized header, by
 * whose roots the values are proven.
 *
 * @throws OPTION_INVALID a checkpoint that is none
 * @throws DECODE_FAILED, INPUT_TOO_LARGE, RLP_INVALID, FORK_MISMATCH bytes that are no bundle
 * @throws BOOTSTRAP_ROOT_MISMATCH it begins with another block; NETWORK_CONFIG_INVALID it is of another network
 * @throws SIGNATURE_INVALID, PARTICIPATION_TOO_LOW and whatever else the sync protocol refuses
 * @throws MERKLE_ROOT_MISMATCH, BLOCK_HASH_MISMATCH, TRIE_NODE_HASH_MISMATCH and others: a value that is not proven
 */
export async function verifyProofBundle(options: VerifyBundleOptions): Promise<ProvenBundle> {
  const { network, bls, currentSlot = Number.MAX_SAFE_INTEGER } = options;
  const checkpoint = optionBytes("checkpoint", options.checkpoint, 32);
  const parts = decodeBundle(options.bundle);
  await bls.ready();
  const header = followChain(network, bls, checkpoint, parts, currentSlot);
  const { beacon } = header;
  return {
    header: {
      slot: beacon.slot,
      root: toHex(beaconHeaderRoot(createChain(network, bls).types, beacon)),
      stateRoot: toHex(beacon.stateRoot),
    },
    values: provenValues(network, header, parts),
    execution: provenAccount(header, parts),
  };
}

function followChain(
  network: Network,
  bls: Bls,
  checkpoint: Uint8Array,
  { genesisValidatorsRoot, bootstrap, updates, finalityUpdate }: BundleParts,
  currentSlot: number,
): LightClientHeader {
  const chain = createChain(network, bls);
  if (!equalBytes(genesisValidatorsRoot, chain.genesisValidatorsRoot)) {
    const [expected, actual] = [network.genesisValidatorsRoot, toHex(genesisValidatorsRoot)];
    const field = "genesis validators root";
    const message = `proof bundle: expected one of ${network.name} (${field} ${expected}), got ${actual}`;
    throw new SidelightError("NETWORK_CONFIG_INVALID", message, { field, expected, actual });
  }
  let store: LightClientStore = initializeLightClientStore(chain, checkpoint, decodeBootstrap(chain, rawOf(bootstrap)));
  for (const update of updates) {
    store = processLightClientUpdate(chain, store, decodeUpdate(chain, rawOf(update)), currentSlot);
  }
  const last = decodeFinalityUpdate(chain, rawOf(finalityUpdate));
  // what an update of the last period has made final already, is final
  const isKnown = last.finalizedHeader.beacon.slot === store.finalizedHeader.beacon.slot;
  return isKnown
    ? store.finalizedHeader
    : processLightClientFinalityUpdate(chain, store, last, currentSlot).finalizedHeader;
}

function provenValues(network: Network, { beacon }: LightClientHeader, parts: BundleParts): ProvenBundle["values"] {
  const { paths, descriptor, leaves } = parts;
  if (paths.length === 0) return [];
  const type = beaconTypesAtSlot(createBeaconTypes(network.preset), network, beacon.slot).BeaconState;
  const state = verifySszProof({ type, root: beacon.stateRoot, proof: { descriptor, leaves } });
  return paths.map((bytes) => {
    const path = decodePath(bytes);
    return { path, value: state.get(path as never) };
  });
}

function decodePath(bytes: Uint8Array): readonly (string | number)[] {
  let path: unknown;
  try {
    path = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw unreadable("a path in JSON", `${bytes.length} bytes`);
  }
  const isPath = Array.isArray(path) && path.every((key) => typeof key === "string" || typeof key === "number");
  if (!isPath) throw unreadable("a path in JSON", typeof path);
  return path as (string | number)[];
}

function provenAccount(
  { executionBlockHash }: LightClientHeader,
  { accounts }: BundleParts,
): ProvenBundle["execution"] {
  const [part] = accounts;
  if (part === undefined) return null;
  const { number, stateRoot } = verifyExecutionHeader({ blockHash: executionBlockHash, header: part.header });
  const account = verifyAccountProof({ stateRoot, address: part.address, proof: part.accountProof });
  const storageHash = account?.storageHash ?? EMPTY_TRIE_ROOT;
  const storage = part.storage.map(({ slot, proof }) => ({
    slot: toHex(slot),
    value: verifyStorageProof({ storageHash, slot, proof }),
  }));
  return { blockNumber: number, blockHash: toHex(executionBlockHash), address: toHex(part.address), account, storage };
}
