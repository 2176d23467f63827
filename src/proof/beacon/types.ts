/** The containers that proofs lead into: states and blocks, by preset and fork. */
import { SidelightError } from "../../errors.js";
import { forkAtSlot } from "../../networks/schedule.js";
import type { Network, Preset } from "../../networks/types.js";
import { uint64 } from "../../ssz/basic.js";
import { container, vector } from "../../ssz/composite.js";
import type { ContainerType, SszType } from "../../ssz/type.js";
import { createBodyTypes } from "./body-types.js";
import { createCommonTypes } from "./common-types.js";
import { createGloasBody, createGloasTypes } from "./gloas-types.js";
import { statePreset } from "./preset.js";
import { createStateTypes } from "./state-types.js";

/** What a type's values are. */
export type ValueOf<T> = T extends SszType<infer V> ? V : never;

/** All of a preset. Cheap, but made once. */
export function createBeaconTypes(preset: Preset) {
  const sizes = statePreset(preset);
  const common = createCommonTypes(sizes);
  const gloas = createGloasTypes(common);
  const states = createStateTypes(sizes, common, gloas);
  const bodies = { ...createBodyTypes(sizes, common), gloas: createGloasBody(sizes, common, gloas) };
  const roots = vector(common.bytes32, sizes.slotsPerHistoricalRoot);
  const blockOf = <B extends object>(body: ContainerType<B>) =>
    container("BeaconBlock", {
      slot: uint64,
      proposerIndex: uint64,
      parentRoot: common.bytes32,
      stateRoot: common.bytes32,
      body,
    });
  const ofFork = <S extends object, B extends object>(state: ContainerType<S>, body: ContainerType<B>) => {
    const block = blockOf(body);
    return {
      BeaconState: state,
      BeaconBlockBody: body,
      BeaconBlock: block,
      SignedBeaconBlock: common.signed(block),
    };
  };
  return {
    /** `SLOTS_PER_HISTORICAL_ROOT` */
    slotsPerHistoricalRoot: sizes.slotsPerHistoricalRoot,
    epochsPerHistoricalVector: sizes.epochsPerHistoricalVector,
    BeaconBlockHeader: common.BeaconBlockHeader,
    /** What `historical_roots` are roots of (phase 0 to Bellatrix). */
    HistoricalBatch: container("HistoricalBatch", { blockRoots: roots, stateRoots: roots }),
    /** What the parts of `historical_summaries` are roots of. */
    HistoricalRoots: roots,
    forks: {
      altair: ofFork(states.altair, bodies.altair),
      bellatrix: ofFork(states.bellatrix, bodies.bellatrix),
      capella: ofFork(states.capella, bodies.capella),
      deneb: ofFork(states.deneb, bodies.deneb),
      electra: ofFork(states.electra, bodies.electra),
      fulu: ofFork(states.fulu, bodies.fulu),
      gloas: ofFork(states.gloas, bodies.gloas),
    },
  };
}

export type BeaconTypes = ReturnType<typeof createBeaconTypes>;

type Forks = BeaconTypes["forks"];
type FuluState = ValueOf<Forks["fulu"]["BeaconState"]>;
type FuluBody = ValueOf<Forks["fulu"]["BeaconBlockBody"]>;

/**
 * The fields of all forks together. What the fork of a state has not, no path leads to (`OPTION_INVALID`).
 * `latestExecutionPayloadHeader` is of Bellatrix to Fulu.
 */
export type BeaconState = ValueOf<Forks["gloas"]["BeaconState"]> & Pick<FuluState, "latestExecutionPayloadHeader">;

/** As {@link BeaconState}: `executionPayload`, `blobKzgCommitments` and `executionRequests` end with Fulu. */
export type BeaconBlockBody = ValueOf<Forks["gloas"]["BeaconBlockBody"]> &
  Pick<FuluBody, "executionPayload" | "blobKzgCommitments" | "executionRequests">;

export type BeaconBlock = Omit<ValueOf<Forks["gloas"]["BeaconBlock"]>, "body"> & { readonly body: BeaconBlockBody };

/** The containers of one fork, for those who do not know which when they write. */
export interface ForkTypes {
  readonly BeaconState: ContainerType<BeaconState>;
  readonly BeaconBlockBody: ContainerType<BeaconBlockBody>;
  readonly BeaconBlock: ContainerType<BeaconBlock>;
  readonly SignedBeaconBlock: ContainerType<{ message: BeaconBlock; signature: Uint8Array }>;
}

/**
 * The containers in force at a slot.
 * @throws FORK_MISMATCH before Altair
 */
export function beaconTypesAtSlot(types: BeaconTypes, network: Network, slot: number): ForkTypes {
  const fork = forkAtSlot(network, slot);
  if (fork === "phase0") {
    const message = `slot ${slot} of ${network.name}: expected one of Altair or later, got one of ${fork}`;
    throw new SidelightError("FORK_MISMATCH", message, {
      object: "slot",
      slot,
      slotFork: fork,
      claimedFork: "altair",
    });
  }
  // each fork's have some of the fields: which, is looked at when a path is followed
  return types.forks[fork] as unknown as ForkTypes;
}
