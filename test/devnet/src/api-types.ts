/**
 * What crosses the border between a test and the devnet's process. No imports on purpose: tests that live in another
 * dependency world (another `@chainsafe/ssz`) import these types through `client.ts`.
 */

export const FORK_NAMES = ["phase0", "altair", "bellatrix", "capella", "deneb", "electra", "fulu", "gloas"] as const;
export type DevnetFork = (typeof FORK_NAMES)[number];
export type ScheduledFork = Exclude<DevnetFork, "phase0">;

export type PresetChoice = "minimal" | "mainnet";

/** A fraction in 0..1 of the members, or an explicit list of bits (1/true takes part, missing entries do not). */
export type Participation = number | readonly (0 | 1 | boolean)[];

/** What a range of slots looks like. Everything is optional; what is absent means full participation. */
export type SlotPattern = {
  /** Fraction of the validator set that is offline: neither attests nor signs as a sync committee member. */
  offline?: number;
  /** Sync committee participation; wins over `offline`. */
  syncParticipation?: Participation;
  /** Exact number of sync committee members that sign; wins over `syncParticipation`. */
  syncCount?: number;
  /** Fraction of attesters that attest; wins over `offline`. */
  attestationParticipation?: number;
  /** No block in this slot. A number is a period: every n-th slot of the range is missed. */
  missed?: boolean | number;
  /**
   * The block comes late: whoever attests in this slot votes for the head before it, as if there were none.
   */
  lateBlock?: boolean;
  /** Votes of this slot reach blocks so many slots later than they could. @default 0 */
  voteDelay?: number;
  /** The block carries a real slashing; its victim proposes no more. */
  slashing?: "proposer" | "attester";
  /** Gloas: build on a parent whose payload never came (`"empty"`). Default `"full"`. */
  parentPayload?: "full" | "empty";
};

/** What a peer of the devnet has seen of others. */
export type PeerInfo = {
  /** Reasons of the goodbyes that were said to it. */
  goodbyes: number[];
  connections: number;
  /** Connections that were ever made to it. */
  opened: number;
  /** Peers on each of the light-client topics, added up. */
  subscribers: number;
};

export type RangePattern = SlotPattern & {
  /** First slot, inclusive. @default 0 */
  from?: number;
  /** Last slot, inclusive. @default Infinity (no end) */
  to?: number;
};

export type DevnetOptions = {
  /** @default "minimal" */
  preset?: PresetChoice;
  /**
   * Epoch of each fork. A fork that is not named is active from genesis if a later one is named, and never otherwise.
   * `Infinity` means never. @default every fork up to Electra at epoch 0
   */
  forks?: Partial<Record<ScheduledFork, number>>;
  /** BLOB_SCHEDULE (EIP-7892), ascending by epoch; from Fulu on it goes into the fork digest. @default [] */
  blobSchedule?: readonly { epoch: number; maxBlobsPerBlock: number }[];
  /** @default 64 (minimal), 512 (mainnet) */
  validators?: number;
  /** Whole seconds. @default 6 (manual, minimal), 12 (manual, mainnet), 1 (live) */
  secondsPerSlot?: number;
  /** Unix seconds. @default 1_700_000_000 (manual); now - preSlots * secondsPerSlot (live) */
  genesisTime?: number;
  /** manual: blocks on command. live: a block each slot of real time. @default "manual" */
  mode?: "manual" | "live";
  /** Slots to produce before the devnet is ready. @default 0 (manual); live: 3 sync committee periods (minimal), 8 epochs (mainnet) */
  preSlots?: number;
  /** Another number is another network: other keys, other genesis validators root. @default 0 */
  seed?: number;
  /** Participation and missed slots, by range; the last matching range wins. */
  patterns?: readonly RangePattern[];
  /** How many of the newest post states stay in memory; older ones are recomputed when asked for. @default 64 */
  stateWindow?: number;
  /** State root put into every execution payload, 32 bytes hex. @default the empty trie root */
  executionStateRoot?: string;
  /** Verify every produced block again with all signatures. Slow. @default false */
  strict?: boolean;
};

export type DevnetInfo = {
  preset: PresetChoice;
  genesisTime: number;
  genesisValidatorsRoot: string;
  genesisBlockRoot: string;
  secondsPerSlot: number;
  slotsPerEpoch: number;
  epochsPerSyncCommitteePeriod: number;
  syncCommitteeSize: number;
  validators: number;
  /** Fork name → version and epoch (Infinity is null), in order. */
  forks: { name: DevnetFork; version: string; epoch: number | null }[];
  blobSchedule: { epoch: number; maxBlobsPerBlock: number }[];
  /** The answer of `/eth/v1/config/spec`. */
  spec: Record<string, string | Record<string, string>[]>;
};

export type BlockRef = { slot: number; root: string; stateRoot: string; parentRoot: string };

export type HeadInfo = BlockRef & {
  fork: DevnetFork;
  finalized: CheckpointRef;
  justified: CheckpointRef;
};

export type CheckpointRef = { epoch: number; root: string };

export type BeaconHeaderJson = {
  slot: string;
  proposer_index: string;
  parent_root: string;
  state_root: string;
  body_root: string;
};

/** What really happened in a slot of the canonical chain. */
export type SlotTruth = BlockRef & {
  fork: DevnetFork;
  header: BeaconHeaderJson;
  /** Sync committee bits of this block (they sign the parent), as 0/1, in committee order. */
  syncBits: (0 | 1)[];
  participants: number;
  executionBlockHash: string | null;
  executionBlockNumber: number | null;
  finalized: CheckpointRef;
  justified: CheckpointRef;
};

/** What one validator did in its slot of an epoch. */
export type VoteTruth = {
  validator: number;
  slot: number;
  /** Slot of the first canonical block that carries its vote; `null` if none does. */
  includedAt: number | null;
  /** Was the vote for the canonical head, for the canonical target, from the justified source? */
  head: boolean;
  target: boolean;
  source: boolean;
};

export type EpochTruth = {
  epoch: number;
  votes: VoteTruth[];
  /** Slots of canonical blocks. */
  blocks: number[];
  proposerSlashings: number;
  attesterSlashings: number;
};

export type ReorgInfo = { depth: number; ancestor: BlockRef; oldHead: BlockRef; newHead: BlockRef };

/** An execution block in the shape of `eth_getBlockByHash`: its keccak/RLP hash is real. */
export type ExecutionBlockJson = Record<string, string | string[]>;

/** One line of a face's request log. */
export type RequestRecord = {
  method: string;
  /** Path with query, as received. */
  path: string;
  /** Short route name, see `ROUTE_NAMES`; "unknown" for anything else. */
  route: string;
  accept: string;
  origin: string | null;
  /** 0 when the answer was never sent (hung or reset). */
  status: number;
  contentType: string;
  bytes: number;
  startedMs: number;
  /** 0 while it goes on, at least 1 when it is over. */
  durationMs: number;
  /** Kinds of the faults that touched this answer. */
  faults: string[];
};

export const ROUTE_NAMES = [
  "bootstrap",
  "updates",
  "finality_update",
  "optimistic_update",
  "genesis",
  "spec",
  "fork_schedule",
  "header",
  "headers",
  "block",
  "block_root",
  "state",
  "state_root",
  "finality_checkpoints",
  "validator",
  "state_proof",
  "block_proof",
  "version",
  "syncing",
  "health",
  "identity",
  "events",
] as const;
export type RouteName = (typeof ROUTE_NAMES)[number];

/** The part of a fault that every kind has. */
export type FaultScope = {
  /** Only these routes. @default the routes that the kind makes sense on */
  routes?: readonly RouteName[];
  /** Only the first n matching requests (after `after`). @default no limit */
  times?: number;
  /** Leave the first n matching requests alone. @default 0 */
  after?: number;
};

/** The control API: `POST /` with `{"method", "params"}`, answered by `{"result"}` or `{"error"}`. */
export type ControlMethods = {
  info: { params: Record<never, never>; result: DevnetInfo };
  advance: { params: { slots: number; pattern?: SlotPattern | undefined }; result: HeadInfo };
  produceTo: { params: { slot: number; pattern?: SlotPattern | undefined }; result: HeadInfo };
  produce: {
    params: { slot: number; parent?: string; pattern?: SlotPattern; graffiti?: string; setHead?: boolean };
    result: BlockRef;
  };
  setPatterns: { params: { patterns: readonly RangePattern[] }; result: null };
  setExecutionStateRoot: { params: { stateRoot: string }; result: null };
  chooseHead: { params: { root: string }; result: HeadInfo };
  head: { params: Record<never, never>; result: HeadInfo };
  finalized: { params: Record<never, never>; result: BlockRef & { epoch: number } };
  checkpoint: { params: { epoch?: number; slot?: number }; result: BlockRef & { epoch: number } };
  truth: { params: { slot: number }; result: SlotTruth | null };
  votes: { params: { epoch: number }; result: EpochTruth };
  reorg: { params: { depth: number }; result: ReorgInfo };
  executionBlock: { params: { hash: string }; result: ExecutionBlockJson | null };
  memory: { params: Record<never, never>; result: { rssBytes: number; states: number } };
  newServer: { params: { faults?: readonly unknown[] }; result: { id: number; url: string } };
  /** As `newServer`, but a libp2p node: `url` is its multiaddr. `like`: that of one that was closed, and comes back. */
  newPeer: { params: { faults?: readonly unknown[]; like?: string }; result: { id: number; url: string } };
  peerInfo: { params: { id: number }; result: PeerInfo };
  setFaults: { params: { id: number; faults: readonly unknown[] }; result: null };
  requests: { params: { id: number }; result: RequestRecord[] };
  clearRequests: { params: { id: number }; result: null };
  closeServer: { params: { id: number }; result: null };
};
export type ControlMethod = keyof ControlMethods;

/** The one line that the process prints when it is ready. */
export type ReadyLine = { ready: true; url: string; controlUrl: string; pid: number };
