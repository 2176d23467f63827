export { chiado } from "./chiado.js";
export {
  type BeaconNodeAnswers,
  type ConfigValues,
  type GenesisValues,
  networkFromBeaconNode,
  networkFromConfig,
  UNKNOWN_FORK_VERSION,
} from "./custom.js";
export { gnosis } from "./gnosis.js";
export { holesky } from "./holesky.js";
export { hoodi } from "./hoodi.js";
export { mainnet } from "./mainnet.js";
export { networkByName } from "./network-by-name.js";
export { gnosisPreset, mainnetPreset, minimalPreset } from "./presets.js";
export { slotAtTime, timeOfSlotMs } from "./schedule.js";
export { sepolia } from "./sepolia.js";
export {
  type BlobParameters,
  type ForkInfo,
  type ForkName,
  LIGHT_CLIENT_FORKS,
  type LightClientFork,
  type Network,
  type NetworkStake,
  type Preset,
  type ValidatorChurn,
} from "./types.js";
export { weakSubjectivityPeriodSeconds } from "./weak-subjectivity.js";
