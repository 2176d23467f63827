/**
 * What is known of the slots of the epochs that are not closed yet. A slot is empty only where it is proven: a header
 * whose parent is another known header leaves the slots between them without a block.
 */
import type { SeenHead, SlotHealth } from "./light-types.js";

export interface SlotEntry {
  /** Root of the canonical block, as far as is known. */
  root: string | null;
  isEmpty: boolean;
  signature: SlotHealth | null;
  /** Blocks that are not canonical, by root, and their signatures: the chain may go back to them. */
  readonly orphans: Map<string, SlotHealth | null>;
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
  /** Headers by root, oldest first. */
  const headers = new Map<string, Pick<SeenHead, "slot" | "parentRoot">>();
  let firstSlot = Number.NEGATIVE_INFINITY;

  function entryOf(slot: number): SlotEntry {
    const known = entries.get(slot);
    if (known !== undefined) return known;
    const entry: SlotEntry = { root: null, isEmpty: false, signature: null, orphans: new Map() };
    if (slot >= firstSlot) entries.set(slot, entry);
    return entry;
  }

  /** What is canonical at a slot; `null`: nothing. */
  function put(slot: number, root: string | null): void {
    const entry = entryOf(slot);
    entry.isEmpty = root === null;
    if (entry.root === root) return;
    if (entry.root !== null) entry.orphans.set(entry.root, entry.signature);
    entry.signature = root === null ? null : (entry.orphans.get(root) ?? null);
    if (root !== null) entry.orphans.delete(root);
    entry.root = root;
  }

  return {
    head({ slot, root, parentRoot }) {
      put(slot, root);
      // a block that is built on is canonical, and so are those below it, whatever was in between
      for (let child = { slot, parentRoot }; child.slot > firstSlot; ) {
        const parent = headers.get(child.parentRoot);
        if (parent === undefined) break;
        const wasCanonical = entries.get(parent.slot)?.root === child.parentRoot;
        put(parent.slot, child.parentRoot);
        for (let between = Math.max(parent.slot + 1, firstSlot); between < child.slot; between++) put(between, null);
        if (wasCanonical) break;
        child = parent;
      }
      headers.delete(root);
      headers.set(root, { slot, parentRoot });
      if (headers.size > MAX_HEADERS) headers.delete(headers.keys().next().value!);
    },
    signature(signature) {
      const entry = entryOf(signature.slot);
      // headers decide which block is canonical: a signature may turn out to be of one that was orphaned meanwhile
      const isOrphan = entry.isEmpty || (entry.root !== null && entry.root !== signature.root);
      if (isOrphan) entry.orphans.set(signature.root, signature);
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
