import { BitArray } from "@chainsafe/ssz";
import {
  BUILDER_INDEX_SELF_BUILD,
  DOMAIN_BEACON_PROPOSER,
  DOMAIN_RANDAO,
  DOMAIN_SYNC_COMMITTEE,
  ForkSeq,
} from "@lodestar/params";
import {
  type BeaconStateBellatrix,
  type BeaconStateGloas,
  type CachedBeaconStateAllForks,
  computeEpochAtSlot,
  computeSigningRoot,
  computeTimeAtSlot,
  DataAvailabilityStatus,
  ExecutionPayloadStatus,
  getRandaoMix,
  isMergeTransitionComplete,
  type StateTransitionOpts,
  stateTransition,
} from "@lodestar/state-transition";
import {
  type Attestation,
  type BeaconBlockBody,
  type ExecutionPayload,
  type gloas,
  type phase0,
  type SignedBeaconBlock,
  ssz,
} from "@lodestar/types";
import type { SlotPattern } from "../api-types.ts";
import { makeAttestations } from "./attestations.ts";
import { BASE_FEE, EMPTY_TRIE_ROOT, type ExecutionBlock, GAS_LIMIT, sealExecutionBlock } from "./execution.ts";
import { INFINITY_SIGNATURE, type KeyRing } from "./keys.ts";
import { attests, syncBits } from "./participation.ts";
import { makeAttesterSlashing, makeProposerSlashing } from "./slashings.ts";
import { blockTypes } from "./ssz-types.ts";

export type BlockRequest = {
  /** The parent's post state, advanced to the slot of the new block. */
  state: CachedBeaconStateAllForks;
  parentSlot: number;
  parentRoot: Uint8Array;
  pattern: SlotPattern;
  /** The pattern that attesters of an earlier slot followed. */
  patternAt: (slot: number) => SlotPattern;
  graffiti: string;
  keys: KeyRing;
  /** State root claimed by the execution payload. */
  executionStateRoot: Uint8Array;
  /** Execution block of the given hash; the chain knows all of them. */
  executionBlock: (hash: Uint8Array) => ExecutionBlock;
  strict: boolean;
};

export type ProducedBlock = {
  signedBlock: SignedBeaconBlock;
  postState: CachedBeaconStateAllForks;
  execution: ExecutionBlock | null;
};

/** A block body of any fork: what the fork lacks stays undefined. */
type AnyBody = phase0.BeaconBlockBody & {
  syncAggregate?: { syncCommitteeBits: BitArray; syncCommitteeSignature: Uint8Array };
  executionPayload?: ExecutionPayload;
  signedExecutionPayloadBid?: gloas.SignedExecutionPayloadBid;
};

const UNVERIFIED: StateTransitionOpts = {
  executionPayloadStatus: ExecutionPayloadStatus.valid,
  dataAvailabilityStatus: DataAvailabilityStatus.Available,
  verifyStateRoot: false,
  verifyProposer: false,
  verifySignatures: false,
};
const VERIFIED: StateTransitionOpts = {
  ...UNVERIFIED,
  verifyStateRoot: true,
  verifyProposer: true,
  verifySignatures: true,
};

export function applyBlock(state: CachedBeaconStateAllForks, block: SignedBeaconBlock): CachedBeaconStateAllForks {
  return stateTransition(state, block, UNVERIFIED);
}

export function produceBlock(request: BlockRequest): ProducedBlock {
  const { state, keys } = request;
  const { slot, config } = state;
  const proposerIndex = state.epochCtx.getBeaconProposer(slot);
  const types = blockTypes(config.getForkName(slot));
  const { body, execution } = makeBody(request, proposerIndex);

  const block = types.BeaconBlock.defaultValue();
  block.slot = slot;
  block.proposerIndex = proposerIndex;
  block.parentRoot = request.parentRoot;
  block.body = body;

  // The post state does not depend on the block's state root, nor on the proposer's signature: one unverified run gives
  // the root, and the block is signed afterwards.
  const signedBlock = { message: block, signature: new Uint8Array(96) } as SignedBeaconBlock;
  const postState = applyBlock(state, signedBlock);
  block.stateRoot = postState.hashTreeRoot();
  const domain = config.getDomain(slot, DOMAIN_BEACON_PROPOSER, slot);
  signedBlock.signature = keys.sign(proposerIndex, computeSigningRoot(types.BeaconBlock as never, block, domain));

  if (request.strict) stateTransition(state, signedBlock, VERIFIED);
  return { signedBlock, postState, execution };
}

function makeBody(
  request: BlockRequest,
  proposerIndex: number,
): { body: BeaconBlockBody; execution: ExecutionBlock | null } {
  const { state, keys, parentSlot, patternAt } = request;
  const { slot, config } = state;
  const fork = config.getForkName(slot);
  const seq = ForkSeq[fork];
  const epoch = computeEpochAtSlot(slot);

  const body = blockTypes(fork).BeaconBlockBody.defaultValue() as AnyBody;
  const randaoDomain = config.getDomain(slot, DOMAIN_RANDAO, slot);
  body.randaoReveal = keys.sign(proposerIndex, computeSigningRoot(ssz.Epoch, epoch, randaoDomain));
  body.eth1Data = state.eth1Data.toValue();
  body.graffiti = graffitiBytes(request.graffiti);
  const voted = (validator: number, voteSlot: number): boolean => attests(validator, patternAt(voteSlot));
  body.attestations = makeAttestations(state, parentSlot, keys, voted, patternAt) as Attestation[] as never;
  const { slashing } = request.pattern;
  if (slashing === "proposer") body.proposerSlashings = [makeProposerSlashing(state, keys, proposerIndex)];
  if (slashing === "attester") body.attesterSlashings = [makeAttesterSlashing(state, keys, proposerIndex)] as never;
  if (seq >= ForkSeq.altair) body.syncAggregate = makeSyncAggregate(request);

  let execution: ExecutionBlock | null = null;
  if (seq >= ForkSeq.gloas) {
    execution = nextExecutionBlock(request, proposerIndex, gloasParentHash(request));
    body.signedExecutionPayloadBid = selfBuiltBid(request, execution);
  } else if (seq >= ForkSeq.bellatrix) {
    execution = nextExecutionBlock(request, proposerIndex, parentHash(request));
    body.executionPayload = payloadOf(body.executionPayload as ExecutionPayload, execution);
  }
  return { body: body as BeaconBlockBody, execution };
}

/** Members sign the parent's root, in the domain of the slot before the block's (specs/altair/validator.md). */
function makeSyncAggregate({ state, keys, parentRoot, pattern }: BlockRequest): AnyBody["syncAggregate"] {
  const members = Array.from(state.epochCtx.currentSyncCommitteeIndexed.validatorIndices);
  const bits = syncBits(members, pattern);
  const domain = state.config.getDomain(state.slot, DOMAIN_SYNC_COMMITTEE, Math.max(state.slot, 1) - 1);
  const message = computeSigningRoot(ssz.Root, parentRoot, domain);
  return {
    syncCommitteeBits: BitArray.fromBoolArray(bits),
    syncCommitteeSignature: keys.signAll(
      members.filter((_, i) => bits[i]),
      message,
    ),
  };
}

function graffitiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(32);
  bytes.set(Buffer.from(text, "utf8").subarray(0, 32));
  return bytes;
}

function parentHash({ state, executionBlock }: BlockRequest): Uint8Array {
  if (isMergeTransitionComplete(state as BeaconStateBellatrix)) {
    return (state as BeaconStateBellatrix).latestExecutionPayloadHeader.blockHash;
  }
  return executionBlock(new Uint8Array(32)).hash;
}

/** EIP-7732: building on the bid's hash says that the parent's payload came, on the older hash that it did not. */
function gloasParentHash({ state, pattern }: BlockRequest): Uint8Array {
  const { latestExecutionPayloadBid, latestBlockHash } = state as unknown as BeaconStateGloas;
  return pattern.parentPayload === "empty" ? latestBlockHash : latestExecutionPayloadBid.blockHash;
}

function nextExecutionBlock(request: BlockRequest, proposerIndex: number, parent: Uint8Array): ExecutionBlock {
  const { state, executionBlock, executionStateRoot, parentRoot } = request;
  const feeRecipient = new Uint8Array(20);
  new DataView(feeRecipient.buffer).setUint32(16, proposerIndex);
  return sealExecutionBlock({
    fork: state.config.getForkName(state.slot),
    parentHash: parent,
    feeRecipient,
    stateRoot: executionStateRoot,
    prevRandao: getRandaoMix(state, computeEpochAtSlot(state.slot)),
    blockNumber: executionBlock(parent).header.blockNumber + 1,
    gasLimit: GAS_LIMIT,
    timestamp: computeTimeAtSlot(state.config, state.slot, state.genesisTime),
    extraData: new Uint8Array(Buffer.from("sidelight")),
    parentBeaconBlockRoot: parentRoot,
    slot: state.slot,
  });
}

function payloadOf(payload: ExecutionPayload, { header, hash }: ExecutionBlock): ExecutionPayload {
  payload.parentHash = header.parentHash;
  payload.feeRecipient = header.feeRecipient;
  payload.stateRoot = header.stateRoot;
  payload.receiptsRoot = EMPTY_TRIE_ROOT;
  payload.prevRandao = header.prevRandao;
  payload.blockNumber = header.blockNumber;
  payload.gasLimit = header.gasLimit;
  payload.timestamp = header.timestamp;
  payload.extraData = header.extraData;
  payload.baseFeePerGas = BigInt(BASE_FEE);
  payload.blockHash = hash;
  return payload;
}

/** The proposer builds its own payload: no value, and no signature (specs/gloas/beacon-chain.md). */
function selfBuiltBid({ state, parentRoot }: BlockRequest, execution: ExecutionBlock): gloas.SignedExecutionPayloadBid {
  const { header, hash } = execution;
  const message = ssz.gloas.ExecutionPayloadBid.defaultValue();
  message.parentBlockHash = header.parentHash;
  message.parentBlockRoot = parentRoot;
  message.blockHash = hash;
  message.prevRandao = header.prevRandao;
  message.feeRecipient = header.feeRecipient;
  message.gasLimit = BigInt(header.gasLimit);
  message.builderIndex = BUILDER_INDEX_SELF_BUILD;
  message.slot = state.slot;
  message.executionRequestsRoot = ssz.gloas.ExecutionRequests.hashTreeRoot(ssz.gloas.ExecutionRequests.defaultValue());
  return { message, signature: INFINITY_SIGNATURE.slice() };
}
