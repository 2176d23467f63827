/**
 * Fetches what `sidelight/proof` proves: from beacon nodes and JSON-RPC endpoints that nobody trusts, by the headers that a
 * client has verified.
 */

export type { SourcePoolOptions } from "../transport/pool/source-pool.js";
export type { Anchor, HeaderSource } from "./anchor.js";
export { type BeaconProofSource, beaconProofSource } from "./beacon-source.js";
export {
  type BeaconStateOptions,
  type BeaconStateReader,
  beaconState,
  type ProvenAt,
  type StateCallOptions,
} from "./beacon-state.js";
export {
  type ExecutionCallOptions,
  type ExecutionOptions,
  type ExecutionReader,
  execution,
  type LogQuery,
  type ProvenInBlock,
  type ProvenLogInBlock,
  type ProvenTransaction,
} from "./execution.js";
export type { ProofSourceOptions } from "./http-source.js";
export { type RpcSource, rpcSource } from "./rpc-source.js";
