/** The protocols by which nodes ask each other: consensus-specs `p2p-interface.md` of phase0, Altair, Fulu and light clients. */
import type { MetadataVersion, StatusVersion } from "./codec/messages.js";

const PREFIX = "/eth2/beacon_chain/req";

export const STATUS: Readonly<Record<StatusVersion, string>> = { 1: id("status", 1), 2: id("status", 2) };
export const METADATA: Readonly<Record<MetadataVersion, string>> = {
  1: id("metadata", 1),
  2: id("metadata", 2),
  3: id("metadata", 3),
};
export const PING = /*#__PURE__*/ id("ping", 1);
export const GOODBYE = /*#__PURE__*/ id("goodbye", 1);
export const LIGHT_CLIENT = {
  bootstrap: /*#__PURE__*/ id("light_client_bootstrap", 1),
  updates: /*#__PURE__*/ id("light_client_updates_by_range", 1),
  finalityUpdate: /*#__PURE__*/ id("light_client_finality_update", 1),
  optimisticUpdate: /*#__PURE__*/ id("light_client_optimistic_update", 1),
} as const;

function id(name: string, version: number): string {
  return `${PREFIX}/${name}/${version}/ssz_snappy`;
}
