/**
 * `BeaconState` and `BeaconBlockBody` of every fork: the containers that the light client's generalized indices point
 * into. The library itself has no use for them; here they check its tables independently.
 */
import { type CompositeTypeAny, ContainerType } from "@chainsafe/ssz";
import type { LightClientFork } from "../../../src/networks/types.js";
import { altairBodyFields, altairStateFields } from "./altair.js";
import { bellatrixBodyFields, bellatrixStateFields } from "./bellatrix.js";
import { capellaBodyFields, capellaStateFields } from "./capella.js";
import { denebBodyFields, denebStateFields } from "./deneb.js";
import { electraBodyFields, electraStateFields } from "./electra.js";
import { fuluStateFields } from "./fulu.js";
import { gloasBody, gloasState } from "./gloas.js";
import { CONSENSUS_PRESETS } from "./presets.js";

export type ConsensusPresetName = keyof typeof CONSENSUS_PRESETS;

export interface ConsensusTypes {
  readonly BeaconState: CompositeTypeAny;
  readonly BeaconBlockBody: CompositeTypeAny;
}

export function createConsensusTypes(presetName: ConsensusPresetName): Record<LightClientFork, ConsensusTypes> {
  const preset = CONSENSUS_PRESETS[presetName];
  const electraBody = new ContainerType(electraBodyFields(preset));
  return {
    altair: {
      BeaconState: new ContainerType(altairStateFields(preset)),
      BeaconBlockBody: new ContainerType(altairBodyFields(preset)),
    },
    bellatrix: {
      BeaconState: new ContainerType(bellatrixStateFields(preset)),
      BeaconBlockBody: new ContainerType(bellatrixBodyFields(preset)),
    },
    capella: {
      BeaconState: new ContainerType(capellaStateFields(preset)),
      BeaconBlockBody: new ContainerType(capellaBodyFields(preset)),
    },
    deneb: {
      BeaconState: new ContainerType(denebStateFields(preset)),
      BeaconBlockBody: new ContainerType(denebBodyFields(preset)),
    },
    electra: { BeaconState: new ContainerType(electraStateFields(preset)), BeaconBlockBody: electraBody },
    fulu: { BeaconState: new ContainerType(fuluStateFields(preset)), BeaconBlockBody: electraBody },
    gloas: { BeaconState: gloasState(preset), BeaconBlockBody: gloasBody(preset) },
  };
}
