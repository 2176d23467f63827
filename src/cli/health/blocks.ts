/** Where blocks come from: the nodes that `--beacon` names, behind a pool of their own. */
import { fromWhom } from "../../errors.js";
import { type BlockPool, blockPool } from "../../transport/rest-blocks.js";
import type { Reporter } from "../reporter.js";
import { createBlockSources } from "../sources.js";
import type { HealthSettings } from "./settings.js";

/** Tells of whoever fails or lies, when that changes how it stands. */
export function createBlockPool({ settings }: HealthSettings, reporter: Reporter, signal: AbortSignal): BlockPool {
  return blockPool({
    sources: createBlockSources(settings),
    signal,
    onPeer: ({ source, action, message }) => {
      if (action !== "evicted" && action !== "paused") return;
      reporter.warn(fromWhom(source, message));
    },
  });
}
