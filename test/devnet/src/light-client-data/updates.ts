import type { ChainForkConfig } from "@lodestar/config";
import { GENESIS_SLOT } from "@lodestar/params";
import type {
  altair,
  LightClientBootstrap,
  LightClientFinalityUpdate,
  LightClientHeader,
  LightClientOptimisticUpdate,
} from "@lodestar/types";
import type { ChainEntry } from "../chain/entry.ts";
import { type ForkName, lightClientTypes, zeroBranch } from "../chain/ssz-types.ts";
import type { UpdateRank } from "./better-update.ts";
import { gindexDepth, stateGindices } from "./gindices.ts";
import { headerInFork } from "./header.ts";

/** A light-client object together with the fork whose shape it has: that of its attested (or own) header's slot. */
export type Versioned<T> = { fork: ForkName; slot: number; data: T };

/** An update of any fork, with every field it may have. */
export type AnyUpdate = {
  attestedHeader: LightClientHeader;
  nextSyncCommittee: altair.SyncCommittee;
  nextSyncCommitteeBranch: Uint8Array[];
  finalizedHeader: LightClientHeader;
  finalityBranch: Uint8Array[];
  syncAggregate: altair.SyncAggregate;
  signatureSlot: number;
};

export type Lookup = (root: string) => ChainEntry | undefined;

/** The attested block of a signature block, if the two make an update: both from Altair on, and somebody signed. */
export function attestedBy(signed: ChainEntry): ChainEntry | null {
  if (!signed.syncAggregate || signed.participants === 0) return null;
  return signed.parent?.proofs ? signed.parent : null;
}

/** The finalized block that the attested state knows; undefined for the zero root of the time before any finality. */
function finalizedBy(attested: ChainEntry, lookup: Lookup): ChainEntry | undefined {
  return attested.finalized.epoch === 0 ? undefined : lookup(attested.finalized.root);
}

export function rankOf(signed: ChainEntry, attested: ChainEntry, lookup: Lookup): UpdateRank {
  return {
    participants: signed.participants,
    attestedSlot: attested.slot,
    signatureSlot: signed.slot,
    hasSyncCommittee: signed.period === attested.period,
    // The zero checkpoint of genesis counts: its branch is a real one (full-node.md, `create_light_client_update`).
    hasFinality: true,
    finalizedSlot: finalizedBy(attested, lookup)?.slot ?? GENESIS_SLOT,
  };
}

function finalizedHeader(config: ChainForkConfig, attested: ChainEntry, lookup: Lookup): LightClientHeader {
  const finalized = finalizedBy(attested, lookup);
  // A block from before Altair has no light-client header of its own, but Altair's is no more than the beacon header.
  if (!finalized) return lightClientTypes(attested.fork).LightClientHeader.defaultValue();
  if (!finalized.lightClientHeader) {
    const altairHeader = { beacon: finalized.header } as LightClientHeader;
    return headerInFork(config, altairHeader, "altair" as ForkName, attested.fork);
  }
  return headerInFork(config, finalized.lightClientHeader, finalized.fork, attested.fork);
}

/** `create_light_client_update`, specs/altair/light-client/full-node.md. */
export function createUpdate(config: ChainForkConfig, signed: ChainEntry, lookup: Lookup): Versioned<AnyUpdate> {
  const attested = attestedBy(signed);
  if (!attested?.proofs || !attested.lightClientHeader || !signed.syncAggregate) {
    throw new Error(`block ${signed.root} signs nothing that a light client could use`);
  }
  const { fork } = attested;
  const types = lightClientTypes(fork);
  const data = types.LightClientUpdate.defaultValue() as AnyUpdate;
  data.attestedHeader = types.LightClientHeader.clone(attested.lightClientHeader);
  if (attested.period === signed.period) {
    data.nextSyncCommittee = attested.proofs.nextSyncCommittee;
    data.nextSyncCommitteeBranch = attested.proofs.nextSyncCommitteeBranch;
  } else {
    data.nextSyncCommitteeBranch = zeroBranch(gindexDepth(stateGindices(fork).nextSyncCommittee));
  }
  data.finalizedHeader = finalizedHeader(config, attested, lookup);
  data.finalityBranch = attested.proofs.finalityBranch;
  data.syncAggregate = signed.syncAggregate;
  data.signatureSlot = signed.slot;
  return { fork, slot: attested.slot, data };
}

/** `create_light_client_bootstrap`; null before Altair. */
export function createBootstrap(entry: ChainEntry): Versioned<LightClientBootstrap> | null {
  if (!entry.proofs || !entry.lightClientHeader) return null;
  const types = lightClientTypes(entry.fork);
  const data = types.LightClientBootstrap.defaultValue();
  data.header = types.LightClientHeader.clone(entry.lightClientHeader);
  data.currentSyncCommittee = entry.proofs.currentSyncCommittee;
  data.currentSyncCommitteeBranch = entry.proofs.currentSyncCommitteeBranch;
  return { fork: entry.fork, slot: entry.slot, data };
}

/** `create_light_client_finality_update`. */
export function toFinalityUpdate({ fork, slot, data }: Versioned<AnyUpdate>): Versioned<LightClientFinalityUpdate> {
  const { attestedHeader, finalizedHeader: finalized, finalityBranch, syncAggregate, signatureSlot } = data;
  const update = { attestedHeader, finalizedHeader: finalized, finalityBranch, syncAggregate, signatureSlot };
  return { fork, slot, data: update as LightClientFinalityUpdate };
}

/** `create_light_client_optimistic_update`. */
export function toOptimisticUpdate({ fork, slot, data }: Versioned<AnyUpdate>): Versioned<LightClientOptimisticUpdate> {
  const { attestedHeader, syncAggregate, signatureSlot } = data;
  return { fork, slot, data: { attestedHeader, syncAggregate, signatureSlot } as LightClientOptimisticUpdate };
}
