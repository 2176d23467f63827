/** What Fulu changes: blocks keep Electra's shape. Source: consensus-specs `specs/fulu/beacon-chain.md`. */
import { VectorBasicType } from "@chainsafe/ssz";
import { electraStateFields } from "./electra.js";
import { uint64 } from "./phase0.js";
import type { ConsensusPreset } from "./presets.js";

/** What Fulu appends to the state. */
export function fuluStateTail(preset: ConsensusPreset) {
  return { proposerLookahead: new VectorBasicType(uint64, (preset.minSeedLookahead + 1) * preset.slotsPerEpoch) };
}

export function fuluStateFields(preset: ConsensusPreset) {
  return { ...electraStateFields(preset), ...fuluStateTail(preset) };
}
