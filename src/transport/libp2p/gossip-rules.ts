/**
 * Whether a gossiped update is passed on: consensus-specs `specs/altair/light-client/p2p-interface.md`, "Global topics",
 * the rules for all and those for light clients. Pure: what was passed on before is an argument.
 */
import { forkAtSlot, timeOfSlotMs } from "../../networks/schedule.js";
import type { Network } from "../../networks/types.js";
import { countParticipants } from "../../spec/update.js";
import type { LightClientFinalityUpdate, LightClientOptimisticUpdate } from "../../ssz/objects.js";
import type { EventVerdict } from "../port.js";

/** `specs/phase0/p2p-interface.md` */
export const MAXIMUM_GOSSIP_CLOCK_DISPARITY_MS = 500;
/** `SYNC_MESSAGE_DUE_BPS`, in ten-thousandths of a slot; and Gloas'. */
const SYNC_MESSAGE_DUE_BPS = 3_333;
const SYNC_MESSAGE_DUE_BPS_GLOAS = 2_500;

/** What was passed on so far: the newest of each kind. */
export interface Forwarded {
  readonly finality: LightClientFinalityUpdate | null;
  readonly optimisticSlot: number;
}

/** What is gossiped: on the one topic, or on the other. */
export type Update = LightClientFinalityUpdate | LightClientOptimisticUpdate;

export const NOTHING_FORWARDED: Forwarded = { finality: null, optimisticSlot: -1 };

/** Had the block at `signature_slot` enough time to reach everybody? */
export function isTimely(network: Network, update: LightClientOptimisticUpdate, nowMs: number): boolean {
  return nowMs >= timelyAtMs(network, update);
}

/** When it had, as an allowance for clocks has it. */
export function timelyAtMs(network: Network, { signatureSlot }: LightClientOptimisticUpdate): number {
  const share = forkAtSlot(network, signatureSlot) === "gloas" ? SYNC_MESSAGE_DUE_BPS_GLOAS : SYNC_MESSAGE_DUE_BPS;
  const dueMs = timeOfSlotMs(network, signatureSlot) + Math.floor((network.slotDurationMs * share) / 10_000);
  return dueMs - MAXIMUM_GOSSIP_CLOCK_DISPARITY_MS;
}

/** Is it newer than what was passed on of its kind, or the first of its finalized slot that two thirds have signed? */
export function isNew({ finality, optimisticSlot }: Forwarded, update: Update): boolean {
  if (!("finalizedHeader" in update)) return update.attestedHeader.beacon.slot > optimisticSlot;
  if (finality === null) return true;
  const [slot, known] = [update.finalizedHeader.beacon.slot, finality.finalizedHeader.beacon.slot];
  if (slot !== known) return slot > known;
  return isSupermajority(update) && !isSupermajority(finality);
}

/** @param advanced which parts of the client's state the update has advanced, once it was verified */
export function mayForward({ finality }: Forwarded, update: Update, advanced: EventVerdict["advanced"]): boolean {
  if ("finalizedHeader" in update) return advanced.includes("finality");
  return advanced.includes("optimistic") || (finality !== null && isPartOf(update, finality));
}

export function withForwarded(forwarded: Forwarded, update: Update): Forwarded {
  return "finalizedHeader" in update
    ? { ...forwarded, finality: update }
    : { ...forwarded, optimisticSlot: update.attestedHeader.beacon.slot };
}

/** "Matches corresponding fields": the finality update brought the same head a moment before. */
function isPartOf(update: LightClientOptimisticUpdate, finality: LightClientFinalityUpdate): boolean {
  const fields = ({ attestedHeader, syncAggregate, signatureSlot }: LightClientOptimisticUpdate) => [
    signatureSlot,
    attestedHeader.beacon.slot,
    attestedHeader.beacon.proposerIndex,
    ...attestedHeader.beacon.stateRoot,
    ...attestedHeader.beacon.parentRoot,
    ...attestedHeader.beacon.bodyRoot,
    ...syncAggregate.syncCommitteeSignature,
  ];
  const [ours, theirs] = [fields(update), fields(finality)];
  return ours.length === theirs.length && ours.every((value, i) => value === theirs[i]);
}

/** Here, other than in the sync protocol, exactly two thirds are not enough. */
function isSupermajority({ syncAggregate }: LightClientOptimisticUpdate): boolean {
  return countParticipants(syncAggregate) * 3 > syncAggregate.syncCommitteeBits.bitLen * 2;
}
