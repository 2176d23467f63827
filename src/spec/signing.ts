/**
 * What a sync committee signs. Sources: consensus-specs `specs/phase0/beacon-chain.md` (`compute_fork_data_root`,
 * `compute_domain`, `compute_signing_root`), `specs/altair/beacon-chain.md` (`DOMAIN_SYNC_COMMITTEE`).
 */
import { computeEpochAtSlot, forkVersionAtEpoch } from "../networks/schedule.js";
import { fromHex } from "../ssz/bytes.js";
import { hashPair } from "../ssz/hash.js";
import type { BeaconBlockHeader } from "../ssz/objects.js";
import { beaconHeaderRoot } from "../ssz/roots.js";
import type { Chain } from "./chain.js";

const DOMAIN_SYNC_COMMITTEE = Uint8Array.of(0x07, 0x00, 0x00, 0x00);

/** `compute_domain(DOMAIN_SYNC_COMMITTEE, fork_version, genesis_validators_root)`: `Bytes32`. */
export function computeSyncCommitteeDomain(forkVersion: Uint8Array, genesisValidatorsRoot: Uint8Array): Uint8Array {
  const versionChunk = new Uint8Array(32);
  versionChunk.set(forkVersion);
  const forkDataRoot = hashPair(versionChunk, genesisValidatorsRoot);
  const domain = new Uint8Array(32);
  domain.set(DOMAIN_SYNC_COMMITTEE);
  domain.set(forkDataRoot.subarray(0, 28), 4);
  return domain;
}

/**
 * The root that the committee signed at `signatureSlot` for `header`: `Bytes32`.
 * The fork version is that of the slot *before* the signature's, since members sign the head of that slot
 * (`max(signature_slot, 1) - 1`).
 */
export function computeSyncCommitteeSigningRoot(
  { network, types, genesisValidatorsRoot }: Chain,
  header: BeaconBlockHeader,
  signatureSlot: number,
): Uint8Array {
  const forkVersionSlot = Math.max(signatureSlot, 1) - 1;
  const forkVersion = fromHex(forkVersionAtEpoch(network, computeEpochAtSlot(network, forkVersionSlot)));
  const domain = computeSyncCommitteeDomain(forkVersion, genesisValidatorsRoot);
  return hashPair(beaconHeaderRoot(types, header), domain);
}
