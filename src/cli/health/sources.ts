/** Whom blocks are asked of: the nodes that `--beacon` names. */
import { setMaxListeners } from "node:events";
import type { BlockSource } from "../../health/blocks/fetch-block.js";
import { restBlocks } from "../../transport/rest-blocks.js";
import type { Settings } from "../settings.js";
import { describeSourceOption } from "../sources.js";

export function createBlockSources({ beacons, headers, timeoutMs }: Settings, signal: AbortSignal): BlockSource[] {
  // requests run beside each other, and each listens for the end: no leak, whatever Node thinks of more than ten
  setMaxListeners(64, signal);
  const options = { headers, signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
  return beacons.map((url) => describeSourceOption(() => restBlocks(url, options)));
}
