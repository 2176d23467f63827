/** Real slashings: a validator signs two things that contradict each other. */
import { DOMAIN_BEACON_ATTESTER, DOMAIN_BEACON_PROPOSER } from "@lodestar/params";
import { type CachedBeaconStateAllForks, computeEpochAtSlot, computeSigningRoot } from "@lodestar/state-transition";
import { type AttesterSlashing, type phase0, ssz } from "@lodestar/types";
import type { KeyRing } from "./keys.ts";

/** The last validator of the registry that can still be slashed, and does not propose this block. */
function victim(state: CachedBeaconStateAllForks, proposer: number): number {
  const epoch = computeEpochAtSlot(state.slot);
  for (let index = state.validators.length - 1; index >= 0; index--) {
    const validator = state.validators.getReadonly(index);
    if (index !== proposer && !validator.slashed && validator.exitEpoch > epoch + 1) return index;
  }
  throw new Error("nobody is left to slash");
}

/** Two headers of one slot. */
export function makeProposerSlashing(
  state: CachedBeaconStateAllForks,
  keys: KeyRing,
  proposer: number,
): phase0.ProposerSlashing {
  const proposerIndex = victim(state, proposer);
  const domain = state.config.getDomain(state.slot, DOMAIN_BEACON_PROPOSER, state.slot);
  const header = (graffiti: number): phase0.ProposerSlashing["signedHeader1"] => {
    const message = {
      ...ssz.phase0.BeaconBlockHeaderBigint.defaultValue(),
      slot: BigInt(state.slot),
      proposerIndex,
      bodyRoot: new Uint8Array(32).fill(graffiti),
    };
    const root = computeSigningRoot(ssz.phase0.BeaconBlockHeaderBigint, message, domain);
    return { message, signature: keys.sign(proposerIndex, root) };
  };
  return { signedHeader1: header(1), signedHeader2: header(2) };
}

/** Two votes for one target epoch. */
export function makeAttesterSlashing(
  state: CachedBeaconStateAllForks,
  keys: KeyRing,
  proposer: number,
): AttesterSlashing {
  const attester = victim(state, proposer);
  const domain = state.config.getDomain(state.slot, DOMAIN_BEACON_ATTESTER, state.slot);
  const attestation = (root: number): phase0.IndexedAttestationBigint => {
    const data = ssz.phase0.AttestationDataBigint.defaultValue();
    data.slot = BigInt(state.slot);
    data.target.epoch = BigInt(computeEpochAtSlot(state.slot));
    data.beaconBlockRoot = new Uint8Array(32).fill(root);
    const signingRoot = computeSigningRoot(ssz.phase0.AttestationDataBigint, data, domain);
    return { attestingIndices: [attester], data, signature: keys.sign(attester, signingRoot) };
  };
  return { attestation1: attestation(1), attestation2: attestation(2) };
}
