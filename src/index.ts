/**
 * sidelight: an Ethereum beacon-chain light client that lives inside your program.
 *
 * Networks are in `sidelight/networks`, sources in `sidelight/transport/*`, stores in `sidelight/store/*`, the protocol
 * itself in `sidelight/spec`.
 */
export type { Bls, CommitteeHandle } from "./bls/port.js";
export type {
  Checkpoint,
  CheckpointProvider,
  CheckpointReport,
  CheckpointRequest,
  CheckpointStatement,
} from "./checkpoint/port.js";
export { type CallOptions, createLightClient, type LightClient } from "./client/light-client.js";
export type * from "./client/types.js";
export { type Clock, clockStartingAt, systemClock } from "./clock.js";
export {
  type ErrorCode,
  type ErrorDetails,
  type ErrorJson,
  errorFromJson,
  isSidelightError,
  SidelightError,
  type SignatureFault,
} from "./errors.js";
export type { Events, IterateOptions, ListenOptions, Unsubscribe } from "./events.js";
export type {
  BlobParameters,
  ForkInfo,
  ForkName,
  LightClientFork,
  Network,
  NetworkStake,
  Preset,
  ValidatorChurn,
} from "./networks/types.js";
export type { LightClientOptions, StaleCheckpoint, WhenHidden } from "./options.js";
export { memoryStore } from "./store/memory.js";
export type { CheckpointStore } from "./store/port.js";
export type { SourceStatus } from "./transport/pool/types.js";
export type { RawObject, RequestOptions, Source, SourceEvent, SubscribeOptions } from "./transport/port.js";
export { documentVisibility, type Visibility, type VisibilityChange } from "./visibility.js";
