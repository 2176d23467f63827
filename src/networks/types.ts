/**
 * What makes one network differ from another, as values: two networks of different presets live in one process.
 * Sources: consensus-specs `configs/*.yaml`, `presets/*`, `specs/fulu/beacon-chain.md` (blob schedule).
 */

/** The forks of the beacon chain that have light-client data, oldest first. */
export const LIGHT_CLIENT_FORKS = ["altair", "bellatrix", "capella", "deneb", "electra", "fulu", "gloas"] as const;

export type LightClientFork = (typeof LIGHT_CLIENT_FORKS)[number];

/** Every fork that a schedule names. Phase 0 has no sync committees, so no light-client data. */
export type ForkName = "phase0" | LightClientFork;

/** The part of a preset that light clients need. */
export interface Preset {
  readonly name: "mainnet" | "minimal" | "gnosis";
  /** `SLOTS_PER_EPOCH` */
  readonly slotsPerEpoch: number;
  /** `EPOCHS_PER_SYNC_COMMITTEE_PERIOD` */
  readonly epochsPerSyncCommitteePeriod: number;
  /** `SYNC_COMMITTEE_SIZE` */
  readonly syncCommitteeSize: number;
  /** `MIN_SYNC_COMMITTEE_PARTICIPANTS` */
  readonly minSyncCommitteeParticipants: number;
  /** `UPDATE_TIMEOUT`, in slots */
  readonly updateTimeoutSlots: number;
}

export interface ForkInfo {
  /** `Bytes4` as `0x` hex. */
  readonly version: string;
  /** First epoch of the fork; `Infinity` while it is not scheduled. */
  readonly epoch: number;
}

/** One entry of the blob schedule (EIP-7892). */
export interface BlobParameters {
  readonly epoch: number;
  readonly maxBlobsPerBlock: number;
}

/** How fast the validator set may change. Amounts in whole units of the staked currency (on Gnosis Chain: mGNO). */
export interface ValidatorChurn {
  /** `CHURN_LIMIT_QUOTIENT` */
  readonly quotient: number;
  /** `MIN_PER_EPOCH_CHURN_LIMIT_ELECTRA` */
  readonly minPerEpochEth: number;
  /** From Gloas on (EIP-8061). Absent where the network has not published them. */
  readonly gloas?: {
    /** `CHURN_LIMIT_QUOTIENT_GLOAS` */
    readonly quotient: number;
    /** `CONSOLIDATION_CHURN_LIMIT_QUOTIENT` */
    readonly consolidationQuotient: number;
    /** `MAX_PER_EPOCH_ACTIVATION_CHURN_LIMIT_GLOAS` */
    readonly maxActivationPerEpochEth: number;
  };
}

/** What is known of a network's stake: the inputs of its weak-subjectivity period. */
export interface NetworkStake {
  readonly churn: ValidatorChurn;
  /** At least so much is staked, with room to fall: the more, the longer a checkpoint can be trusted. */
  readonly activeBalanceFloorEth: number;
}

/** A beacon chain: constants and schedule, nothing else. */
export interface Network {
  /** `CONFIG_NAME` */
  readonly name: string;
  readonly preset: Preset;
  /** Unix time of slot 0, in seconds. */
  readonly genesisTime: number;
  /** `Bytes32` as `0x` hex: the identity of the chain, part of what every signature signs. */
  readonly genesisValidatorsRoot: string;
  /** `SLOT_DURATION_MS` */
  readonly slotDurationMs: number;
  readonly forks: Readonly<Record<ForkName, ForkInfo>>;
  /** `MAX_BLOBS_PER_BLOCK_ELECTRA`: in force from Electra until the first entry of the schedule. */
  readonly maxBlobsPerBlockElectra: number;
  /** `BLOB_SCHEDULE`, ascending by epoch. Fork digests of Fulu and later depend on it. */
  readonly blobSchedule: readonly BlobParameters[];
  /**
   * Decides how old a checkpoint may be by default, see `weakSubjectivityPeriodSeconds`. Absent where nothing is known:
   * then 256 epochs.
   */
  readonly stake?: NetworkStake;
}
