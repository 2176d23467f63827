/** One honest object of each kind, for tests that go through all of them. */
import type { Forge } from "./forge.js";
import type { Forged } from "./forged.js";
import type { WireObject } from "./wire.js";

export type AnyForged = Forged<WireObject, unknown>;

/** Bootstrap, update, finality update, optimistic update; attested or own slot is `slot`. */
export function oneOfEach(forge: Forge, slot: number): readonly AnyForged[] {
  const options = { attestedSlot: slot };
  return [
    forge.bootstrap(slot),
    forge.update(options),
    forge.finalityUpdate(options),
    forge.optimisticUpdate(options),
  ] as unknown as AnyForged[];
}
