/**
 * Makes complete, truly signed light-client objects of any fork for a test network.
 *
 * The chain is deterministic and consistent: the block of a slot is always the same one, its state holds the committees
 * of its period and the next, and the block two epochs back as finalized. Every option departs from that in one place
 * and leaves the rest true: what is changed by `attested` is signed as changed, what `edit` changes comes after.
 */
import { BitArray } from "@chainsafe/ssz";
import type { Bls } from "../../src/bls/port.js";
import type { LightClientFork, Network } from "../../src/networks/types.js";
import { type Chain, createChain } from "../../src/spec/chain.js";
import { decodeBootstrap, decodeFinalityUpdate, decodeOptimisticUpdate, decodeUpdate } from "../../src/ssz/decode.js";
import type {
  LightClientBootstrap,
  LightClientFinalityUpdate,
  LightClientOptimisticUpdate,
  LightClientUpdate,
} from "../../src/ssz/objects.js";
import type { RawObject } from "../../src/transport/port.js";
import { testBls } from "./backends.js";
import { type BlockChanges, type BlockOptions, createBlockForge, type ForgedBlock } from "./blocks.js";
import { createContainers, type ObjectName } from "./containers.js";
import { type Forged, forged } from "./forged.js";
import { createCommittee, readyKeys, type TestCommittee } from "./keys.js";
import { periodOf } from "./networks.js";
import { depthOf, forkDigestOf, forkOf, forkVersionOf, hexBytes, signingRoot, stateGindices } from "./protocol.js";
import {
  copyOf,
  emptyCommittee,
  emptyHeaderOf,
  headerInShape,
  type WireBootstrap,
  type WireFinalityUpdate,
  type WireOptimisticUpdate,
  type WireUpdate,
  zeroNodes,
} from "./wire.js";

export type { BlockChanges, BlockOptions, ForgedBlock } from "./blocks.js";
export type { Forged } from "./forged.js";
export type { TestCommittee } from "./keys.js";

export type ForgedBootstrap = Forged<WireBootstrap, LightClientBootstrap> & {
  readonly block: ForgedBlock;
  /** The checkpoint that trusts it: `Bytes32`. */
  readonly root: Uint8Array;
};
export type ForgedUpdate = Forged<WireUpdate, LightClientUpdate>;
export type ForgedFinalityUpdate = Forged<WireFinalityUpdate, LightClientFinalityUpdate>;
export type ForgedOptimisticUpdate = Forged<WireOptimisticUpdate, LightClientOptimisticUpdate>;

export interface SignedOptions {
  readonly attestedSlot: number;
  /** Slot of the finalized block; 0: genesis (a proven zero root); `null`: no finality. @default two epochs back */
  readonly finalizedSlot?: number | null;
  /** Epoch of that checkpoint. @default the first that begins at that block or after it */
  readonly finalizedEpoch?: number;
  /** @default attestedSlot + 1 */
  readonly signatureSlot?: number;
  /** How many sign (the first ones). @default all */
  readonly participants?: number;
  /** Which members sign, by position. */
  readonly signers?: readonly number[];
  /** Which bits are set. @default those of the signers */
  readonly bits?: readonly number[];
  /** Who signs. @default the committee of the signature's period */
  readonly committee?: TestCommittee;
  /** Fork version that is signed, 4 bytes. @default that of the slot before the signature's */
  readonly forkVersion?: Uint8Array;
  /** Genesis validators root that is signed. @default the network's */
  readonly validatorsRoot?: Uint8Array;
  /** Changes to the attested block: signed as changed. */
  readonly attested?: BlockChanges;
  /** In whose shape it is made; otherwise `raw({shape})` translates. @default the attested block's fork */
  readonly shape?: LightClientFork;
}

export interface UpdateOptions extends SignedOptions {
  /** Whether it has a next committee; `true` is what the attested state holds. @default when of one period */
  readonly nextCommittee?: boolean;
}

export interface Forge {
  readonly network: Network;
  /** The library's view of the network, with a backend that is ready. */
  readonly chain: Chain;
  readonly bls: Bls;
  forkOf(slot: number): LightClientFork;
  periodOf(slot: number): number;
  /** Committee of a period. */
  committee(period: number): TestCommittee;
  /** A committee that no period has. */
  otherCommittee(name: string): TestCommittee;
  block(options: BlockOptions): ForgedBlock;
  bootstrap(options: number | BlockOptions): ForgedBootstrap;
  update(options: UpdateOptions): ForgedUpdate;
  finalityUpdate(options: SignedOptions): ForgedFinalityUpdate;
  optimisticUpdate(options: SignedOptions): ForgedOptimisticUpdate;
}

export interface ForgeOptions {
  readonly network: Network;
  /** Different seeds give different chains with different committees. @default "forge" */
  readonly seed?: string;
  /** Backend of {@link Forge.chain}. @default the library's */
  readonly bls?: Bls;
  /** Makes what takes the place of signatures. @default the members' real keys do */
  readonly seal?: (committee: TestCommittee, members: readonly number[], message: Uint8Array) => Uint8Array;
}

export async function createForge({ network, seed = "forge", bls = testBls(), seal }: ForgeOptions): Promise<Forge> {
  await readyKeys();
  await bls.ready();
  const { syncCommitteeSize } = network.preset;
  const chain = createChain(network, bls);
  const containers = createContainers(syncCommitteeSize);
  const committees = new Map<number | string, TestCommittee>();
  const validatorsRoot = hexBytes(network.genesisValidatorsRoot);

  function committee(key: number | string): TestCommittee {
    const made = committees.get(key) ?? createCommittee(syncCommitteeSize, seed, key);
    committees.set(key, made);
    return made;
  }

  const blocks = createBlockForge({ network, seed, containers, committee });

  function contextOf<V>(object: ObjectName, slot: number, fork: LightClientFork, decode: (raw: RawObject) => V) {
    const digest = () => forkDigestOf(network, slot);
    return { containers, object, fork, forkOf: (at: number) => forkOf(network, at), digest, decode };
  }

  function bootstrap(options: number | BlockOptions): ForgedBootstrap {
    const block = blocks.block(typeof options === "number" ? { slot: options } : options);
    const context = contextOf("LightClientBootstrap", block.slot, block.fork, (raw) => decodeBootstrap(chain, raw));
    const made = forged(context, {
      header: copyOf(block.header),
      currentSyncCommittee: copyOf(block.currentCommittee.value),
      currentSyncCommitteeBranch: copyOf(block.currentCommitteeBranch),
    });
    return { ...made, block, root: block.root };
  }

  function sign(options: SignedOptions, block: ForgedBlock): Omit<WireOptimisticUpdate, "attestedHeader"> {
    const { signatureSlot = options.attestedSlot + 1 } = options;
    const { participants = syncCommitteeSize } = options;
    const signers = options.signers ?? Array.from({ length: participants }, (_, i) => i);
    const forkVersion = options.forkVersion ?? forkVersionOf(network, Math.max(signatureSlot, 1) - 1);
    const message = signingRoot(block.root, forkVersion, options.validatorsRoot ?? validatorsRoot);
    const signing = options.committee ?? committee(periodOf(network, signatureSlot));
    const syncCommitteeBits = BitArray.fromBitLen(syncCommitteeSize);
    for (const member of options.bits ?? signers) syncCommitteeBits.set(member, true);
    return {
      syncAggregate: {
        syncCommitteeBits,
        syncCommitteeSignature: seal?.(signing, signers, message) ?? signing.sign(signers, message),
      },
      signatureSlot,
    };
  }

  function attest({ attestedSlot, finalizedSlot, finalizedEpoch, attested }: SignedOptions): ForgedBlock {
    const epoch = finalizedEpoch === undefined ? {} : { finalizedEpoch };
    const options = { slot: attestedSlot, ...attested, ...epoch };
    // without finality in the update, the attested state still has its own
    if (finalizedSlot === undefined || finalizedSlot === null) return blocks.block(options);
    return blocks.block({ ...options, finalizedSlot: finalizedSlot === 0 ? null : finalizedSlot });
  }

  function optimisticParts(options: SignedOptions, block: ForgedBlock): WireOptimisticUpdate {
    const shape = options.shape ?? block.fork;
    return { attestedHeader: copyOf(headerInShape(block.header, shape, block.fork)), ...sign(options, block) };
  }

  function finalityParts(options: SignedOptions, block: ForgedBlock): WireFinalityUpdate {
    const shape = options.shape ?? block.fork;
    const { finalized } = block;
    const isAbsent = options.finalizedSlot === null;
    return {
      ...optimisticParts(options, block),
      finalizedHeader:
        isAbsent || finalized === null
          ? emptyHeaderOf(shape)
          : copyOf(headerInShape(finalized.header, shape, finalized.fork)),
      finalityBranch: isAbsent ? zeroNodes(depthOf(stateGindices(shape).finalizedRoot)) : copyOf(block.finalityBranch),
    };
  }

  function update(options: UpdateOptions): ForgedUpdate {
    const block = attest(options);
    const { attestedSlot, signatureSlot = attestedSlot + 1, shape = block.fork } = options;
    const isOnePeriod = periodOf(network, attestedSlot) === periodOf(network, signatureSlot);
    const hasNext = options.nextCommittee ?? isOnePeriod;
    const depth = depthOf(stateGindices(shape).nextSyncCommittee);
    const context = contextOf("LightClientUpdate", attestedSlot, shape, (raw) => decodeUpdate(chain, raw));
    return forged(context, {
      ...finalityParts(options, block),
      nextSyncCommittee: hasNext ? copyOf(block.nextCommittee.value) : emptyCommittee(syncCommitteeSize),
      nextSyncCommitteeBranch: hasNext ? copyOf(block.nextCommitteeBranch) : zeroNodes(depth),
    });
  }

  function finalityUpdate(options: SignedOptions): ForgedFinalityUpdate {
    const block = attest(options);
    const { attestedSlot, shape = block.fork } = options;
    const decode = (raw: RawObject) => decodeFinalityUpdate(chain, raw);
    return forged(contextOf("LightClientFinalityUpdate", attestedSlot, shape, decode), finalityParts(options, block));
  }

  function optimisticUpdate(options: SignedOptions): ForgedOptimisticUpdate {
    const block = attest(options);
    const { attestedSlot, shape = block.fork } = options;
    const decode = (raw: RawObject) => decodeOptimisticUpdate(chain, raw);
    return forged(
      contextOf("LightClientOptimisticUpdate", attestedSlot, shape, decode),
      optimisticParts(options, block),
    );
  }

  return {
    network,
    chain,
    bls,
    forkOf: (slot) => forkOf(network, slot),
    periodOf: (slot) => periodOf(network, slot),
    committee,
    otherCommittee: committee,
    block: blocks.block,
    bootstrap,
    update,
    finalityUpdate,
    optimisticUpdate,
  };
}
