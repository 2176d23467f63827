/**
 * Containers of phase 0 that blocks and states of later forks are made of.
 * Source: consensus-specs `specs/phase0/beacon-chain.md`.
 */
import {
  BitListType,
  BitVectorType,
  BooleanType,
  ByteVectorType,
  ContainerType,
  ListBasicType,
  ListCompositeType,
  UintBigintType,
  VectorBasicType,
  VectorCompositeType,
} from "@chainsafe/ssz";
import type { ConsensusPreset } from "./presets.js";

const DEPOSIT_CONTRACT_TREE_DEPTH = 32;
const JUSTIFICATION_BITS_LENGTH = 4;

export const bytes20 = new ByteVectorType(20);
export const bytes32 = new ByteVectorType(32);
export const bytes48 = new ByteVectorType(48);
export const bytes96 = new ByteVectorType(96);
export const boolean = new BooleanType();
export const uint8 = new UintBigintType(1);
/** Exact to the last bit: states hold `FAR_FUTURE_EPOCH`. */
export const uint64 = new UintBigintType(8);
export const uint256 = new UintBigintType(32);

export const Fork = new ContainerType({
  previousVersion: new ByteVectorType(4),
  currentVersion: new ByteVectorType(4),
  epoch: uint64,
});
export const Checkpoint = new ContainerType({ epoch: uint64, root: bytes32 });
export const Validator = new ContainerType({
  pubkey: bytes48,
  withdrawalCredentials: bytes32,
  effectiveBalance: uint64,
  slashed: boolean,
  activationEligibilityEpoch: uint64,
  activationEpoch: uint64,
  exitEpoch: uint64,
  withdrawableEpoch: uint64,
});
export const AttestationData = new ContainerType({
  slot: uint64,
  index: uint64,
  beaconBlockRoot: bytes32,
  source: Checkpoint,
  target: Checkpoint,
});
export const Eth1Data = new ContainerType({ depositRoot: bytes32, depositCount: uint64, blockHash: bytes32 });
export const BeaconBlockHeader = new ContainerType({
  slot: uint64,
  proposerIndex: uint64,
  parentRoot: bytes32,
  stateRoot: bytes32,
  bodyRoot: bytes32,
});
export const SignedBeaconBlockHeader = new ContainerType({ message: BeaconBlockHeader, signature: bytes96 });
export const ProposerSlashing = new ContainerType({
  signedHeader1: SignedBeaconBlockHeader,
  signedHeader2: SignedBeaconBlockHeader,
});
export const DepositData = new ContainerType({
  pubkey: bytes48,
  withdrawalCredentials: bytes32,
  amount: uint64,
  signature: bytes96,
});
export const Deposit = new ContainerType({
  proof: new VectorCompositeType(bytes32, DEPOSIT_CONTRACT_TREE_DEPTH + 1),
  data: DepositData,
});
export const VoluntaryExit = new ContainerType({ epoch: uint64, validatorIndex: uint64 });
export const SignedVoluntaryExit = new ContainerType({ message: VoluntaryExit, signature: bytes96 });
export const SyncAggregateOf = (size: number) =>
  new ContainerType({ syncCommitteeBits: new BitVectorType(size), syncCommitteeSignature: bytes96 });

/** `IndexedAttestation`, with at most `limit` attesters. */
export function indexedAttestation(limit: number) {
  return new ContainerType({
    attestingIndices: new ListBasicType(uint64, limit),
    data: AttestationData,
    signature: bytes96,
  });
}

export function attesterSlashing(limit: number) {
  const attestation = indexedAttestation(limit);
  return new ContainerType({ attestation1: attestation, attestation2: attestation });
}

/** `BeaconBlockBody` up to Deneb starts with these. */
export function phase0BodyFields(preset: ConsensusPreset) {
  const Attestation = new ContainerType({
    aggregationBits: new BitListType(preset.maxValidatorsPerCommittee),
    data: AttestationData,
    signature: bytes96,
  });
  return {
    randaoReveal: bytes96,
    eth1Data: Eth1Data,
    graffiti: bytes32,
    proposerSlashings: new ListCompositeType(ProposerSlashing, preset.maxProposerSlashings),
    attesterSlashings: new ListCompositeType(
      attesterSlashing(preset.maxValidatorsPerCommittee),
      preset.maxAttesterSlashings,
    ),
    attestations: new ListCompositeType(Attestation, preset.maxAttestations),
    deposits: new ListCompositeType(Deposit, preset.maxDeposits),
    voluntaryExits: new ListCompositeType(SignedVoluntaryExit, preset.maxVoluntaryExits),
  };
}

/** `BeaconState`, up to where Altair replaces the pending attestations. */
export function phase0StateHead(preset: ConsensusPreset) {
  const roots = new VectorCompositeType(bytes32, preset.slotsPerHistoricalRoot);
  return {
    genesisTime: uint64,
    genesisValidatorsRoot: bytes32,
    slot: uint64,
    fork: Fork,
    latestBlockHeader: BeaconBlockHeader,
    blockRoots: roots,
    stateRoots: roots,
    historicalRoots: new ListCompositeType(bytes32, preset.historicalRootsLimit),
    eth1Data: Eth1Data,
    eth1DataVotes: new ListCompositeType(Eth1Data, preset.epochsPerEth1VotingPeriod * preset.slotsPerEpoch),
    eth1DepositIndex: uint64,
    validators: new ListCompositeType(Validator, preset.validatorRegistryLimit),
    balances: new ListBasicType(uint64, preset.validatorRegistryLimit),
    randaoMixes: new VectorCompositeType(bytes32, preset.epochsPerHistoricalVector),
    slashings: new VectorBasicType(uint64, preset.epochsPerSlashingsVector),
  };
}

/** `BeaconState`, what follows there. */
export const phase0FinalityFields = {
  justificationBits: new BitVectorType(JUSTIFICATION_BITS_LENGTH),
  previousJustifiedCheckpoint: Checkpoint,
  currentJustifiedCheckpoint: Checkpoint,
  finalizedCheckpoint: Checkpoint,
};
