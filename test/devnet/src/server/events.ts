import { SLOTS_PER_EPOCH } from "@lodestar/params";
import type { HeadChange } from "../chain/chain.ts";
import { ancestorAt, type ChainEntry } from "../chain/entry.ts";
import { toHex } from "../chain/ssz-types.ts";
import type { Fault } from "../faults.ts";
import { faultyEncoding, faultyItems, faultyView } from "./answer.ts";
import { itemToJson } from "./encode.ts";
import { finalityItem, optimisticItem } from "./light-client-routes.ts";
import type { LightClientItem, View } from "./result.ts";

export const TOPICS = [
  "head",
  "block",
  "chain_reorg",
  "finalized_checkpoint",
  "light_client_optimistic_update",
  "light_client_finality_update",
] as const;
export type Topic = (typeof TOPICS)[number];

export type StreamEvent = { topic: Topic; data: unknown };

/** `topics=a,b` and `topics=a&topics=b` alike; null if one is unknown or none is given. */
export function parseTopics(query: URLSearchParams): Topic[] | null {
  const names = query.getAll("topics").flatMap((value) => value.split(","));
  const known = names.filter((name): name is Topic => (TOPICS as readonly string[]).includes(name));
  return names.length > 0 && known.length === names.length ? known : null;
}

/** Root of the block that a duty of the epoch depends on: the last one before `epoch` begins. */
function dependentRoot(head: ChainEntry, epoch: number): string {
  const entry = ancestorAt(head, Math.max(0, epoch * SLOTS_PER_EPOCH - 1));
  return (entry ?? head).root;
}

function headEvent(head: ChainEntry): unknown {
  return {
    slot: String(head.slot),
    block: head.root,
    state: toHex(head.header.stateRoot),
    epoch_transition: head.parent !== null && head.parent.epoch !== head.epoch,
    previous_duty_dependent_root: dependentRoot(head, head.epoch - 1),
    current_duty_dependent_root: dependentRoot(head, head.epoch),
    execution_optimistic: false,
  };
}

function reorgEvent({ head, previous, ancestor }: HeadChange): unknown {
  return {
    slot: String(head.slot),
    depth: String(previous.slot - ancestor.slot),
    old_head_block: previous.root,
    new_head_block: head.root,
    old_head_state: toHex(previous.header.stateRoot),
    new_head_state: toHex(head.header.stateRoot),
    epoch: String(head.epoch),
    execution_optimistic: false,
  };
}

function finalizedEvent(view: View): unknown {
  const finalized = view.chain.finalizedEntry(view.head);
  return {
    block: finalized.root,
    state: toHex(finalized.header.stateRoot),
    epoch: String(view.head.finalized.epoch),
    execution_optimistic: false,
  };
}

function lightClientEvent(
  topic: Topic,
  view: View,
  make: (view: View, signed: ChainEntry) => LightClientItem,
  faults: readonly Fault[],
): StreamEvent[] {
  const signed = view.head.newestSigned;
  if (!signed) return [];
  const items = faultyItems([make(view, signed)], faults, view);
  const options = faultyEncoding(faults);
  return items.map((item) => ({ topic, data: itemToJson(item, options) }));
}

/**
 * What a listener of one topic hears about a change of head. Light-client events follow the beacon-APIs: each time the
 * newest update is another one, which is each block that somebody signed.
 */
export function eventsOf(topic: Topic, change: HeadChange, honest: View, faults: readonly Fault[]): StreamEvent[] {
  const view = faultyView(honest, faults);
  const { head, previous, ancestor } = change;
  const hasNewUpdate = head.newestSigned !== null && head.newestSigned !== previous.newestSigned;
  switch (topic) {
    case "head":
      return [{ topic, data: headEvent(view.head) }];
    case "block":
      return [{ topic, data: { slot: String(head.slot), block: head.root, execution_optimistic: false } }];
    case "chain_reorg":
      return ancestor === previous ? [] : [{ topic, data: reorgEvent(change) }];
    case "finalized_checkpoint":
      return head.finalized.root === previous.finalized.root ? [] : [{ topic, data: finalizedEvent(view) }];
    case "light_client_optimistic_update":
      return hasNewUpdate ? lightClientEvent(topic, view, optimisticItem, faults) : [];
    case "light_client_finality_update":
      return hasNewUpdate ? lightClientEvent(topic, view, finalityItem, faults) : [];
  }
}
