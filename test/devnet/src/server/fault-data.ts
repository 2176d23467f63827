import { BitArray } from "@chainsafe/ssz";
import { SLOTS_PER_EPOCH, SYNC_COMMITTEE_SIZE } from "@lodestar/params";
import { type altair, type LightClientHeader, ssz } from "@lodestar/types";
import type { ChainEntry } from "../chain/entry.ts";
import { INFINITY_SIGNATURE } from "../chain/keys.ts";
import { type ForkName, lightClientTypes, sameBytes, toHex } from "../chain/ssz-types.ts";
import type { BranchName, FaultKind } from "../faults.ts";
import {
  forgeState,
  otherCommittee,
  type PartialUpdate,
  resign,
  setNextCommittee,
  signers,
  signRoot,
} from "../light-client-data/forge.ts";
import type { FaultHooks } from "./fault-hooks.ts";
import { reshapeItem } from "./fault-shape.ts";
import type { LightClientItem, View } from "./result.ts";

type Edit<V> = (value: V, item: LightClientItem) => V | null;

/** Applies an edit to each object; null leaves it as it is. */
function edit<V>(items: LightClientItem[], change: Edit<V>): LightClientItem[] {
  return items.map((item) => {
    const data = change(item.data as V, item);
    return data === null ? item : { ...item, data };
  });
}

function editUpdates(items: LightClientItem[], change: Edit<PartialUpdate>): LightClientItem[] {
  return edit<PartialUpdate>(items, (update, item) =>
    item.type === "LightClientBootstrap" ? null : change(update, item),
  );
}

function attestedEntry({ chain }: View, update: PartialUpdate): ChainEntry {
  const root = ssz.phase0.BeaconBlockHeader.hashTreeRoot(update.attestedHeader.beacon);
  const entry = chain.get(toHex(root));
  if (!entry) throw new Error("only one fault that forges the attested header can be applied at a time");
  return entry;
}

function bitsOf({ syncAggregate }: PartialUpdate): boolean[] {
  return syncAggregate.syncCommitteeBits.toBoolArray();
}

function firstBits(count: number): boolean[] {
  return Array.from({ length: SYNC_COMMITTEE_SIZE }, (_, i) => i < count);
}

function withAggregate(update: PartialUpdate, change: Partial<altair.SyncAggregate>): PartialUpdate {
  return { ...update, syncAggregate: { ...update.syncAggregate, ...change } };
}

/** One bit of one node: the middle one, so that no check of the first or last alone finds it. */
function breakBranch(branch: readonly Uint8Array[]): Uint8Array[] {
  return branch.map((node, i) =>
    i === branch.length >> 1 ? node.map((byte, j) => (j === 0 ? byte ^ 1 : byte)) : node,
  );
}

const BRANCH_FIELD: Record<Exclude<BranchName, "execution">, string> = {
  finality: "finalityBranch",
  "next-sync-committee": "nextSyncCommitteeBranch",
  "current-sync-committee": "currentSyncCommitteeBranch",
};

function breakNamedBranch(value: Record<string, unknown>, item: LightClientItem, name: BranchName): unknown {
  if (name !== "execution") {
    const field = BRANCH_FIELD[name];
    return value[field] ? { ...value, [field]: breakBranch(value[field] as Uint8Array[]) } : null;
  }
  const field = value.header ? "header" : "attestedHeader";
  const type = lightClientTypes(item.fork).LightClientHeader;
  const header = type.clone(value[field] as LightClientHeader) as { executionBranch?: Uint8Array[] };
  if (!header.executionBranch) return null;
  header.executionBranch = breakBranch(header.executionBranch);
  return { ...value, [field]: header };
}

function wrongSignature(view: View, update: PartialUpdate, variant: string): PartialUpdate {
  if (variant === "infinity") return withAggregate(update, { syncCommitteeSignature: INFINITY_SIGNATURE.slice() });
  if (variant === "garbage") {
    return withAggregate(update, { syncCommitteeSignature: new Uint8Array(96).fill(0xff) });
  }
  const entry = attestedEntry(view, update);
  const members = signers(view.chain, entry, update.signatureSlot);
  return {
    ...update,
    syncAggregate: signRoot(view.chain, members, bitsOf(update), new Uint8Array(32), update.signatureSlot),
  };
}

function withoutFinality(update: PartialUpdate, item: LightClientItem): PartialUpdate | null {
  if (!update.finalityBranch) return null;
  return {
    ...update,
    finalizedHeader: lightClientTypes(item.fork).LightClientHeader.defaultValue(),
    finalityBranch: update.finalityBranch.map(() => new Uint8Array(32)),
  };
}

/** Finalizes the attested block's parent, which no honest chain has done yet. */
function forgeFinality(view: View, update: PartialUpdate): PartialUpdate | null {
  const entry = attestedEntry(view, update);
  const other = entry.parent;
  if (!update.finalityBranch || !other?.lightClientHeader || other.fork !== entry.fork) return null;
  const forged = forgeState(view.chain, entry, update, (state) => {
    state.finalizedCheckpoint = ssz.phase0.Checkpoint.toViewDU({ epoch: other.epoch, root: other.rootBytes });
  });
  const finalizedHeader = lightClientTypes(other.fork).LightClientHeader.clone(other.lightClientHeader);
  return resign(view.chain, entry, { ...forged, finalizedHeader }, bitsOf(update));
}

function swapMember(view: View, committee: altair.SyncCommittee): altair.SyncCommittee {
  const { publicKeys } = view.chain.keys;
  const [first = new Uint8Array(48), ...others] = committee.pubkeys;
  const other = publicKeys.find((key) => !sameBytes(key, first)) as Uint8Array;
  return { ...committee, pubkeys: [other, ...others] };
}

export const DATA_FAULTS: { [K in FaultKind]?: FaultHooks<K> } = {
  "wrong-bits": {
    items: (items, { count = 1 }) =>
      editUpdates(items, (update) =>
        withAggregate(update, {
          syncCommitteeBits: BitArray.fromBoolArray(bitsOf(update).map((bit, i) => (i < count ? !bit : bit))),
        }),
      ),
  },
  "wrong-branch": {
    items: (items, { branch }) =>
      edit<Record<string, unknown>>(
        items,
        (value, item) => breakNamedBranch(value, item, branch) as Record<string, unknown> | null,
      ),
  },
  "wrong-signature": {
    items: (items, { variant = "other-message" }, view) =>
      editUpdates(items, (update) => wrongSignature(view, update, variant)),
  },
  "wrong-signature-slot": {
    items: (items, { delta }) =>
      editUpdates(items, (update) => ({ ...update, signatureSlot: update.signatureSlot + delta })),
  },
  "wrong-committee": {
    items: (items, _, view) =>
      edit<{ currentSyncCommittee?: altair.SyncCommittee; nextSyncCommittee?: altair.SyncCommittee }>(
        items,
        (value) => {
          const { currentSyncCommittee: current, nextSyncCommittee: next } = value;
          if (current) return { ...value, currentSyncCommittee: swapMember(view, current) };
          return next ? { ...value, nextSyncCommittee: swapMember(view, next) } : null;
        },
      ),
  },
  "no-finality": { items: (items) => editUpdates(items, withoutFinality) },
  "short-participation": {
    items: (items, { participants }, view) =>
      editUpdates(items, (update) => resign(view.chain, attestedEntry(view, update), update, firstBits(participants))),
  },
  "forged-header": {
    items: (items, { participants = SYNC_COMMITTEE_SIZE >> 2 }, view) =>
      editUpdates(items, (update) => {
        const entry = attestedEntry(view, update);
        const forged = forgeState(view.chain, entry, update, (state) => state.balances.set(0, 1));
        return resign(view.chain, entry, forged, firstBits(participants));
      }),
  },
  "conflicting-next-committee": {
    items: (items, _, view) =>
      editUpdates(items, (update) => {
        const entry = attestedEntry(view, update);
        const committee = otherCommittee(view.chain);
        const forged = forgeState(view.chain, entry, update, (state) => setNextCommittee(state, committee));
        return resign(view.chain, entry, forged, bitsOf(update));
      }),
  },
  "forged-finality": { items: (items, _, view) => editUpdates(items, (update) => forgeFinality(view, update)) },
  "other-fork": {
    items: (items, { fork, claim = true }, view) =>
      items.map((item) => {
        const { config } = view.chain;
        const reshaped = reshapeItem(config, item, fork as ForkName);
        if (!claim) return { ...reshaped, claimedFork: item.fork };
        const { epoch } = config.forks[fork as ForkName];
        // Only a scheduled fork has a digest; another one is claimed by name alone.
        return epoch === Infinity ? reshaped : { ...reshaped, slot: epoch * SLOTS_PER_EPOCH };
      }),
  },
};
