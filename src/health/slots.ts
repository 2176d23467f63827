/**
 * What is known of the slots of the epochs that are not closed yet. A slot is empty only where it is proven: a header
 * whose parent is another known header leaves the slots between them without a block.
 */
import type { SeenHead, SlotHealth } from "./light-types.js";

export interface SlotEntry {
  /** Root of the canonical block, as far as is known. */
  root: string | null;
  isEmpty: boolean;
  isOrphaned: boolean;
  signature: SlotHealth | null;
}

export interface Slots {
  head(head: SeenHead): void;
  signature(signature: SlotHealth): void;
  /** Takes a slot's entry out. */
  take(slot: number): SlotEntry;
  /** Drops what lies before. */
  forget(beforeSlot: number): void;
}

/** Headers that are remembered, so that a later one can name one of them its parent. */
const MAX_HEADERS = 128;

export function createSlots(): Slots {
  const entries = new Map<number, SlotEntry>();
  /** Slots of headers by root, oldest first. */
  const slotOfRoot = new Map<string, number>();
  let firstSlot = Number.NEGATIVE_INFINITY;

  function entryOf(slot: number): SlotEntry {
    const known = entries.get(slot);
    if (known !== undefined) return known;
    const entry: SlotEntry = { root: null, isEmpty: false, isOrphaned: false, signature: null };
    if (slot >= firstSlot) entries.set(slot, entry);
    return entry;
  }

  function putBlock(slot: number, root: string): void {
    const entry = entryOf(slot);
    if (entry.root !== null && entry.root !== root) entry.isOrphaned = true;
    if (entry.signature !== null && entry.signature.root !== root) entry.signature = null;
    entry.root = root;
    entry.isEmpty = false;
  }

  function putEmpty(slot: number): void {
    const entry = entryOf(slot);
    if (entry.root !== null) entry.isOrphaned = true;
    entry.root = null;
    entry.signature = null;
    entry.isEmpty = true;
  }

  return {
    head({ slot, root, parentRoot }) {
      putBlock(slot, root);
      const parentSlot = slotOfRoot.get(parentRoot);
      if (parentSlot !== undefined) {
        putBlock(parentSlot, parentRoot);
        for (let between = Math.max(parentSlot + 1, firstSlot); between < slot; between++) putEmpty(between);
      }
      slotOfRoot.delete(root);
      slotOfRoot.set(root, slot);
      if (slotOfRoot.size > MAX_HEADERS) slotOfRoot.delete(slotOfRoot.keys().next().value!);
    },
    signature(signature) {
      const entry = entryOf(signature.slot);
      // headers decide which block is canonical: a signature may turn out to be of one that was orphaned meanwhile
      if (entry.isEmpty || (entry.root !== null && entry.root !== signature.root)) entry.isOrphaned = true;
      else [entry.root, entry.signature] = [signature.root, signature];
    },
    take(slot) {
      const entry = entryOf(slot);
      entries.delete(slot);
      return entry;
    },
    forget(beforeSlot) {
      firstSlot = Math.max(firstSlot, beforeSlot);
      for (const slot of entries.keys()) if (slot < firstSlot) entries.delete(slot);
    },
  };
}
