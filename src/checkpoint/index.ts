export type {
  Checkpoint,
  CheckpointProvider,
  CheckpointReport,
  CheckpointRequest,
  CheckpointStatement,
} from "./port.js";
export {
  chiadoCheckpointProviders,
  gnosisCheckpointProviders,
  holeskyCheckpointProviders,
  hoodiCheckpointProviders,
  mainnetCheckpointProviders,
  type PublicCheckpointProvider,
  sepoliaCheckpointProviders,
} from "./providers.js";
export { checkpointQuorum } from "./quorum.js";
export type { CheckpointQuorumOptions, QuorumProvider } from "./quorum-options.js";
