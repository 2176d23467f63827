import { createProof, type Node, ProofType } from "@chainsafe/persistent-merkle-tree";
import { ByteListType, ByteVectorType, ContainerType, ListCompositeType } from "@chainsafe/ssz";
import { chainConfigToJson, specValuesToJson } from "@lodestar/config";
import { activePreset, SYNC_COMMITTEE_SUBNET_COUNT } from "@lodestar/params";
import type { CachedBeaconStateAllForks } from "@lodestar/state-transition";
import { ssz } from "@lodestar/types";
import type { Chain } from "../chain/chain.ts";
import { ancestorAt, type ChainEntry, type Checkpoint, isAncestor } from "../chain/entry.ts";
import { blockTypes, fromHex, toHex } from "../chain/ssz-types.ts";
import { stateAtSlot } from "../chain/states.ts";
import { badRequest, notFound, type Result, type View } from "./result.ts";

const ROOT = /^0x[0-9a-f]{64}$/;
const SLOT = /^\d{1,15}$/;

const CompactMultiProof = new ContainerType(
  {
    leaves: new ListCompositeType(new ByteVectorType(32), 10_000),
    descriptor: new ByteListType(2_048),
  },
  { jsonCase: "eth2" },
);

/** `head`, `finalized`, `justified`, `genesis`, a slot with a block, or a block root. */
export function findBlock({ chain, head }: View, id: string): ChainEntry | null {
  if (id === "head") return head;
  if (id === "genesis") return chain.genesis;
  if (id === "finalized") return chain.finalizedEntry(head);
  if (id === "justified") return chain.justifiedEntry(head);
  if (ROOT.test(id.toLowerCase())) return chain.get(id.toLowerCase()) ?? null;
  if (!SLOT.test(id) || Number(id) > head.slot) return null;
  const entry = ancestorAt(head, Number(id));
  return entry?.slot === Number(id) ? entry : null;
}

/** The present slot, as far as the view goes: who believes in an old head believes in its time too. */
function viewSlot({ chain, head }: View): number {
  return head === chain.head ? chain.clockSlot : head.slot;
}

type FoundState = { entry: ChainEntry; state: CachedBeaconStateAllForks };

/** Like blocks, but by state root, and a slot without a block has a state too. */
function findState(view: View, id: string): FoundState | null {
  const { chain, head } = view;
  if (SLOT.test(id)) {
    const slot = Number(id);
    const entry = slot > viewSlot(view) ? null : ancestorAt(head, slot);
    return entry && { entry, state: stateAtSlot(chain.states, entry, slot) };
  }
  const entry = ROOT.test(id.toLowerCase()) ? chain.getByStateRoot(id.toLowerCase()) : findBlock(view, id);
  return entry ? { entry, state: chain.states.get(entry) } : null;
}

function isFinalized({ chain, head }: View, entry: ChainEntry): boolean {
  return isAncestor(entry, chain.finalizedEntry(head));
}

function noBlock(id: string): Result {
  return isBlockId(id) ? notFound(`no block with id ${id}`) : badRequest(`invalid block id ${id}`);
}

function isBlockId(id: string): boolean {
  return ["head", "genesis", "finalized", "justified"].includes(id) || SLOT.test(id) || ROOT.test(id.toLowerCase());
}

function noState(id: string): Result {
  return isBlockId(id) ? notFound(`no state with id ${id}`) : badRequest(`invalid state id ${id}`);
}

export function genesis({ chain }: View): Result {
  const { config, options } = chain;
  const value = {
    genesisTime: options.genesisTime,
    genesisValidatorsRoot: config.genesisValidatorsRoot,
    genesisForkVersion: config.GENESIS_FORK_VERSION,
  };
  const json = {
    genesis_time: String(value.genesisTime),
    genesis_validators_root: toHex(value.genesisValidatorsRoot),
    genesis_fork_version: toHex(value.genesisForkVersion),
  };
  return { kind: "value", json: () => json, ssz: () => ssz.phase0.Genesis.serialize(value) };
}

const CONSTANTS = {
  GENESIS_SLOT: "0",
  FAR_FUTURE_EPOCH: "18446744073709551615",
  DOMAIN_BEACON_PROPOSER: "0x00000000",
  DOMAIN_BEACON_ATTESTER: "0x01000000",
  DOMAIN_RANDAO: "0x02000000",
  DOMAIN_DEPOSIT: "0x03000000",
  DOMAIN_SYNC_COMMITTEE: "0x07000000",
  SYNC_COMMITTEE_SUBNET_COUNT: String(SYNC_COMMITTEE_SUBNET_COUNT),
};

export function specJson(chain: Chain): Record<string, string | Record<string, string>[]> {
  return { ...chainConfigToJson(chain.config), ...specValuesToJson(activePreset), ...CONSTANTS };
}

export function spec({ chain }: View): Result {
  return { kind: "value", json: () => specJson(chain) };
}

export function forkSchedule({ chain }: View): Result {
  const forks = chain.config.forksAscendingEpochOrder
    .filter(({ epoch }) => epoch !== Infinity)
    .map(({ prevVersion, version, epoch }) => ({ previousVersion: prevVersion, currentVersion: version, epoch }));
  const json = forks.map((fork) => ssz.phase0.Fork.toJson(fork));
  const bytes = (): Uint8Array => Buffer.concat(forks.map((fork) => ssz.phase0.Fork.serialize(fork)));
  return { kind: "value", json: () => json, ssz: bytes };
}

function headerJson(view: View, entry: ChainEntry): unknown {
  return {
    root: entry.root,
    canonical: isAncestor(entry, view.head),
    header: {
      message: ssz.phase0.BeaconBlockHeader.toJson(entry.header),
      signature: toHex(entry.signature),
    },
  };
}

export function header(view: View, id: string): Result {
  const entry = findBlock(view, id);
  if (!entry) return noBlock(id);
  return { kind: "value", json: () => headerJson(view, entry), finalized: isFinalized(view, entry) };
}

export function headers(view: View, query: URLSearchParams): Result {
  const slot = query.get("slot");
  const parentRoot = query.get("parent_root")?.toLowerCase();
  if (slot !== null && !SLOT.test(slot)) return badRequest(`invalid slot ${slot}`);
  const entry = findBlock(view, slot ?? "head");
  const entries = entry && (!parentRoot || toHex(entry.header.parentRoot) === parentRoot) ? [entry] : [];
  const finalized = entries.every((found) => isFinalized(view, found)) && entries.length > 0;
  return { kind: "value", json: () => entries.map((found) => headerJson(view, found)), finalized };
}

export function block(view: View, id: string): Result {
  const entry = findBlock(view, id);
  if (!entry) return noBlock(id);
  const type = blockTypes(entry.fork).SignedBeaconBlock;
  return {
    kind: "value",
    json: () => type.toJson(type.deserialize(entry.blockBytes)),
    ssz: () => entry.blockBytes,
    version: entry.fork,
    finalized: isFinalized(view, entry),
  };
}

export function blockRoot(view: View, id: string): Result {
  const entry = findBlock(view, id);
  if (!entry) return noBlock(id);
  return {
    kind: "value",
    json: () => ({ root: entry.root }),
    ssz: () => entry.rootBytes,
    finalized: isFinalized(view, entry),
  };
}

export function state(view: View, id: string): Result {
  const found = findState(view, id);
  if (!found) return noState(id);
  const type = view.chain.config.getForkTypes(found.state.slot).BeaconState;
  return {
    kind: "value",
    json: () => type.toJson(found.state.toValue() as never),
    ssz: () => found.state.serialize(),
    version: view.chain.config.getForkName(found.state.slot),
    finalized: isFinalized(view, found.entry),
  };
}

export function stateRoot(view: View, id: string): Result {
  const found = findState(view, id);
  if (!found) return noState(id);
  const root = found.state.hashTreeRoot();
  return {
    kind: "value",
    json: () => ({ root: toHex(root) }),
    ssz: () => root,
    finalized: isFinalized(view, found.entry),
  };
}

export function finalityCheckpoints(view: View, id: string): Result {
  const found = findState(view, id);
  if (!found) return noState(id);
  const { previousJustifiedCheckpoint, currentJustifiedCheckpoint, finalizedCheckpoint } = found.state;
  const toJson = (checkpoint: { epoch: number; root: Uint8Array }): Checkpoint | Record<string, string> => ({
    epoch: String(checkpoint.epoch),
    root: toHex(checkpoint.root),
  });
  const json = {
    previous_justified: toJson(previousJustifiedCheckpoint),
    current_justified: toJson(currentJustifiedCheckpoint),
    finalized: toJson(finalizedCheckpoint),
  };
  return { kind: "value", json: () => json, finalized: isFinalized(view, found.entry) };
}

export function validator(view: View, id: string, validatorId: string): Result {
  const found = findState(view, id);
  if (!found) return noState(id);
  const isKey = /^0x[0-9a-f]{96}$/i.test(validatorId);
  const index = isKey ? view.chain.keys.indexOf(fromHex(validatorId)) : Number(validatorId);
  if (index === undefined || !Number.isSafeInteger(index) || index < 0 || index >= found.state.validators.length) {
    return notFound(`no validator ${validatorId}`);
  }
  const value = found.state.validators.getReadonly(index).toValue();
  const json = {
    index: String(index),
    balance: String(found.state.balances.get(index)),
    status: value.slashed ? "active_slashed" : "active_ongoing",
    validator: ssz.phase0.Validator.toJson(value),
  };
  return { kind: "value", json: () => json, finalized: isFinalized(view, found.entry) };
}

/** The compact multiproof of a descriptor, as Lodestar serves it: https://github.com/ChainSafe/consensus-specs/blob/feat/multiproof/ssz/merkle-proofs.md#compact-multiproofs */
function proof(node: Node, format: string | null, version: string): Result {
  if (!format || !/^0x([0-9a-f]{2}){1,2048}$/i.test(format)) return badRequest("format: expected a descriptor in hex");
  try {
    const made = createProof(node, { type: ProofType.compactMulti, descriptor: fromHex(format) });
    const value = made as unknown as { leaves: Uint8Array[]; descriptor: Uint8Array };
    return {
      kind: "value",
      json: () => CompactMultiProof.toJson(value),
      ssz: () => CompactMultiProof.serialize(value),
      version,
    };
  } catch (error) {
    return badRequest(error instanceof Error ? error.message : String(error));
  }
}

export function stateProof(view: View, id: string, format: string | null): Result {
  const found = findState(view, id);
  return found ? proof(found.state.node, format, view.chain.config.getForkName(found.state.slot)) : noState(id);
}

export function blockProof(view: View, id: string, format: string | null): Result {
  const entry = findBlock(view, id);
  if (!entry) return noBlock(id);
  const types = blockTypes(entry.fork);
  const { message } = types.SignedBeaconBlock.deserialize(entry.blockBytes);
  return proof(types.BeaconBlock.toView(message).node, format, entry.fork);
}

export function version(): Result {
  return { kind: "value", json: () => ({ version: "sidelight-devnet/v0" }) };
}

export function syncing(view: View): Result {
  const json = {
    head_slot: String(view.head.slot),
    sync_distance: String(viewSlot(view) - view.head.slot),
    is_syncing: false,
    is_optimistic: false,
    el_offline: false,
  };
  return { kind: "value", json: () => json };
}

export function identity(): Result {
  const metadata = { seq_number: "0", attnets: "0x0000000000000000", syncnets: "0x00" };
  const json = { peer_id: "devnet", enr: "", p2p_addresses: [], discovery_addresses: [], metadata };
  return { kind: "value", json: () => json };
}
