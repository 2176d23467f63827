/**
 * The sync protocol of the consensus specifications, as pure functions: data, store and clock in, store out.
 * For those who bring their own data and loop; everyone else uses `createLightClient`.
 */

export type { Bls, CommitteeHandle, SyncAggregateItem } from "../bls/port.js";
export {
  type DecodeSchema,
  decodeBootstrap,
  decodeFinalityUpdate,
  decodeOptimisticUpdate,
  decodeUpdate,
} from "../ssz/decode.js";
export type * from "../ssz/objects.js";
export { createTypes, type Types } from "../ssz/types.js";
export { isEmptyHeader } from "../ssz/upgrade.js";
export { type Chain, createChain } from "./chain.js";
export { type DeferredSignatures, deferSignatures } from "./defer.js";
export * from "./gindices.js";
export { assertValidLightClientHeader, getLcExecutionRoot } from "./header.js";
export { initializeLightClientStore } from "./initialize.js";
export { isValidMerkleBranch, isValidNormalizedMerkleBranch } from "./merkle.js";
export * from "./process.js";
export { computeSyncCommitteeDomain, computeSyncCommitteeSigningRoot } from "./signing.js";
export { getSafetyThreshold, isNextSyncCommitteeKnown, type LightClientStore, storePeriod } from "./store.js";
export {
  countParticipants,
  hasSupermajority,
  isBetterUpdate,
  isFinalityUpdate,
  isSyncCommitteeUpdate,
} from "./update.js";
export { validateLightClientUpdate } from "./validate.js";
