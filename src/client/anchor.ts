/**
 * Where trust begins: the root that the caller named, the one that the store's state began with, or one that a provider
 * tells. And what is known of it, for whoever wants to look.
 */
import { orAborted } from "../abort.js";
import type { Checkpoint, CheckpointProvider } from "../checkpoint/port.js";
import type { Clock } from "../clock.js";
import { describeValue, SidelightError } from "../errors.js";
import type { Network } from "../networks/types.js";
import type { ResolvedOptions } from "../options.js";
import { fromHex, isHex, isZero } from "../ssz/bytes.js";

/** A root to bootstrap from, with how it was agreed on. */
export interface AnchorRoot extends Pick<Checkpoint, "report"> {
  /** `Bytes32` */
  readonly root: Uint8Array;
}

export interface Anchor {
  readonly origin: "given" | "stored" | "provider";
  /** The root that a stored state has to come from; `null` if any will do. */
  readonly root: Uint8Array | null;
  /**
   * The root to bootstrap from. A provider that has told one is asked again after an epoch at the earliest, however often a
   * start fails.
   * @throws CHECKPOINT_NOT_STORED, RESPONSE_INVALID, what the provider throws, `signal.reason`
   */
  find(signal: AbortSignal): Promise<AnchorRoot>;
}

export function createAnchor({ checkpoint, network, clock }: ResolvedOptions): Anchor {
  if (checkpoint instanceof Uint8Array) {
    return { origin: "given", root: checkpoint, find: async () => ({ root: checkpoint }) };
  }
  if (checkpoint === "stored") {
    return {
      origin: "stored",
      root: null,
      async find() {
        const message = `the store holds no state of ${network.name}, and checkpoint is "stored": there is nothing to trust`;
        throw new SidelightError("CHECKPOINT_NOT_STORED", message, { network: network.name });
      },
    };
  }
  return { origin: "provider", root: null, find: askOncePerEpoch(checkpoint, network, clock) };
}

function askOncePerEpoch(provider: CheckpointProvider, network: Network, clock: Clock): Anchor["find"] {
  const epochMs = network.preset.slotsPerEpoch * network.slotDurationMs;
  let found: (AnchorRoot & { readonly atMs: number }) | null = null;
  return async (signal) => {
    // a distance: the clock may be set back
    if (found !== null && Math.abs(clock.nowMs() - found.atMs) < epochMs) return found;
    const checkpoint = await orAborted(provider.checkpoint({ network, clock, signal }), signal);
    found = { ...readRoot(provider.name, checkpoint), atMs: clock.nowMs() };
    return found;
  };
}

/** Whatever else a provider does, what it tells must be a root. */
function readRoot(source: string, checkpoint: Checkpoint): AnchorRoot {
  const { root, report } = (checkpoint ?? {}) as Partial<Checkpoint>;
  if (isHex(root, 32) && !isZero(fromHex(root)))
    return { root: fromHex(root), ...(report === undefined ? {} : { report }) };
  const [request, expected, actual] = ["checkpoint", "a root: 0x hex of 32 bytes, not of zeroes", describeValue(root)];
  const message = `${source}: ${request}: expected ${expected}, got ${actual}`;
  throw new SidelightError("RESPONSE_INVALID", message, { source, request, expected, actual });
}
