/** From a trusted block root to a store. Source: consensus-specs `specs/altair/light-client/sync-protocol.md`. */
import { SidelightError } from "../errors.js";
import { equalBytes, toHex } from "../ssz/bytes.js";
import type { LightClientBootstrap } from "../ssz/objects.js";
import { beaconHeaderRoot, syncCommitteeRoot } from "../ssz/roots.js";
import type { Chain } from "./chain.js";
import { currentSyncCommitteeGindexAtSlot } from "./gindices.js";
import { assertValidLightClientHeader } from "./header.js";
import { isValidNormalizedMerkleBranch } from "./merkle.js";
import type { LightClientStore } from "./store.js";

/**
 * `initialize_light_client_store`. Trusts `trustedBlockRoot` (`Bytes32`) and nothing else.
 * @throws EXECUTION_BRANCH_INVALID, EXECUTION_UNEXPECTED, BRANCH_LENGTH_INVALID, BOOTSTRAP_ROOT_MISMATCH,
 *   CURRENT_COMMITTEE_BRANCH_INVALID
 */
export function initializeLightClientStore(
  chain: Chain,
  trustedBlockRoot: Uint8Array,
  bootstrap: LightClientBootstrap,
): LightClientStore {
  const { header, currentSyncCommittee, currentSyncCommitteeBranch } = bootstrap;
  const { slot, stateRoot } = header.beacon;
  const root = beaconHeaderRoot(chain.types, header.beacon);
  if (!equalBytes(root, trustedBlockRoot)) {
    const details = { expected: toHex(trustedBlockRoot), actual: toHex(root) };
    const message = `bootstrap: expected the block ${details.expected}, got ${details.actual}`;
    throw new SidelightError("BOOTSTRAP_ROOT_MISMATCH", message, details);
  }
  assertValidLightClientHeader(chain, "bootstrap header", header);

  const gindex = currentSyncCommitteeGindexAtSlot(chain.network, slot);
  const leaf = syncCommitteeRoot(chain.types, currentSyncCommittee);
  const name = "current sync committee branch";
  if (!isValidNormalizedMerkleBranch(name, leaf, currentSyncCommitteeBranch, gindex, stateRoot)) {
    const details = { slot, gindex, stateRoot: toHex(stateRoot) };
    const message = `bootstrap at slot ${slot}: its committee is not the one in the state ${details.stateRoot}`;
    throw new SidelightError("CURRENT_COMMITTEE_BRANCH_INVALID", message, details);
  }

  return {
    finalizedHeader: header,
    currentSyncCommittee,
    nextSyncCommittee: null,
    bestValidUpdate: null,
    optimisticHeader: header,
    previousMaxActiveParticipants: 0,
    currentMaxActiveParticipants: 0,
  };
}
