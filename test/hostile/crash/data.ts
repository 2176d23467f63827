/** A chain that many processes follow: made once, written to a file, read by each. */
import { SidelightError } from "../../../src/errors.js";
import type { Network } from "../../../src/networks/types.js";
import { fromHex, toHex } from "../../../src/ssz/bytes.js";
import type { Source } from "../../../src/transport/port.js";
import type { Forge } from "../../support/forge.js";

export interface ChainData {
  readonly network: Network;
  readonly checkpoint: string;
  /** SSZ, hex. */
  readonly bootstrap: string;
  /** Best update of each period, from the first. */
  readonly updates: readonly string[];
  /** Signed at the third slot of each epoch from `fromEpoch` on: each makes another epoch final. */
  readonly fromEpoch: number;
  readonly finality: readonly string[];
}

export const EPOCH = 8;
const PERIOD = 64;
const CHECKPOINT_SLOT = 8;

/** When the best update of a period is. */
function signedAt(period: number): number {
  return period * PERIOD + 25;
}

export function makeChainData(forge: Forge, periods: number): ChainData {
  const bootstrap = forge.bootstrap(CHECKPOINT_SLOT);
  const fromEpoch = 4;
  const epochs = (periods * PERIOD) / EPOCH - fromEpoch;
  return {
    network: forge.network,
    checkpoint: toHex(bootstrap.root),
    bootstrap: toHex(bootstrap.ssz()),
    updates: Array.from({ length: periods }, (_, period) =>
      toHex(forge.update({ attestedSlot: signedAt(period) - 1 }).ssz()),
    ),
    fromEpoch,
    finality: Array.from({ length: epochs }, (_, i) =>
      toHex(forge.finalityUpdate({ attestedSlot: (fromEpoch + i) * EPOCH + 1 }).ssz()),
    ),
  };
}

/** Slot in whose middle the newest finality update is signed. */
export function slotOf({ fromEpoch }: ChainData, step: number): number {
  return (fromEpoch + step) * EPOCH + 2;
}

/** Serves what is known by `step`. */
export function sourceOf(data: ChainData, step: () => number): Source {
  const raw = (hex: string) => ({ encoding: "ssz", bytes: fromHex(hex), fork: "electra" }) as const;
  const newest = () => raw(data.finality[Math.min(step(), data.finality.length - 1)]!);
  return {
    name: "prepared",
    bootstrap: async () => raw(data.bootstrap),
    async updates(start, count) {
      const known = data.updates.filter((_, period) => signedAt(period) <= slotOf(data, step()));
      const found = known.slice(start, start + count).map(raw);
      if (found.length === 0) throw notAvailable("updates");
      return found;
    },
    finalityUpdate: async () => newest(),
    // none is newer than what the finality update attests
    optimisticUpdate: async () => {
      throw notAvailable("optimistic update");
    },
  };
}

function notAvailable(request: string): SidelightError {
  const message = "no such object";
  return new SidelightError("NOT_AVAILABLE", message, { source: "prepared", request, message });
}
