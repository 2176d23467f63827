import { createHash } from "node:crypto";
import { type BeaconConfig, type ChainConfig, type ChainForkConfig, createBeaconConfig } from "@lodestar/config";
import {
  BLS_WITHDRAWAL_PREFIX,
  EPOCHS_PER_HISTORICAL_VECTOR,
  FAR_FUTURE_EPOCH,
  ForkName,
  ForkSeq,
  MAX_EFFECTIVE_BALANCE,
} from "@lodestar/params";
import {
  type BeaconStateAllForks,
  type BeaconStateBellatrix,
  type CachedBeaconStateAllForks,
  createCachedBeaconState,
  createPubkeyCache,
} from "@lodestar/state-transition";
import * as upgrades from "@lodestar/state-transition/slot";
import { type Slot, ssz } from "@lodestar/types";
import { FORK_NAMES } from "../api-types.ts";
import type { ChainOptions } from "./config.ts";
import { BASE_FEE, EMPTY_TRIE_ROOT, type ExecutionBlock, executionGenesis, GAS_LIMIT } from "./execution.ts";
import type { KeyRing } from "./keys.ts";
import { blockTypes, fromHex } from "./ssz-types.ts";

const GENESIS_SLOT: Slot = 0;

const UNSCHEDULED = Object.fromEntries(
  FORK_NAMES.filter((name) => name !== "phase0").map((name) => [`${name.toUpperCase()}_FORK_EPOCH`, Infinity]),
) as Partial<ChainConfig>;

export type Genesis = {
  config: BeaconConfig;
  state: CachedBeaconStateAllForks;
  /** What the first execution payload builds on. */
  execution: ExecutionBlock;
};

/** Entropy of the first randao mixes: stands in for the hash of the eth1 block with the last deposit. */
function genesisEntropy(seed: number): Uint8Array {
  return new Uint8Array(createHash("sha256").update(`sidelight devnet ${seed}`).digest());
}

/**
 * 0x00 credentials: nobody can withdraw, so the withdrawals trie is always empty and the execution block hash is real
 * without a trie implementation.
 */
function withdrawalCredentials(publicKey: Uint8Array): Uint8Array {
  const digest = createHash("sha256").update(publicKey).digest();
  digest[0] = BLS_WITHDRAWAL_PREFIX;
  return new Uint8Array(digest);
}

function phase0State(config: ChainForkConfig, options: ChainOptions, keys: KeyRing): BeaconStateAllForks {
  const entropy = genesisEntropy(options.seed);
  const value = ssz.phase0.BeaconState.defaultValue();
  value.genesisTime = options.genesisTime;
  value.fork = {
    previousVersion: config.GENESIS_FORK_VERSION,
    currentVersion: config.GENESIS_FORK_VERSION,
    epoch: 0,
  };
  value.eth1Data = { depositRoot: new Uint8Array(32), depositCount: BigInt(keys.size), blockHash: entropy };
  // Equal to the deposit count: no block has to carry a deposit.
  value.eth1DepositIndex = keys.size;
  value.randaoMixes = Array.from({ length: EPOCHS_PER_HISTORICAL_VECTOR }, () => entropy);
  value.validators = keys.publicKeys.map((pubkey) => ({
    pubkey,
    withdrawalCredentials: withdrawalCredentials(pubkey),
    effectiveBalance: MAX_EFFECTIVE_BALANCE,
    slashed: false,
    activationEligibilityEpoch: 0,
    activationEpoch: 0,
    exitEpoch: FAR_FUTURE_EPOCH,
    withdrawableEpoch: FAR_FUTURE_EPOCH,
  }));
  value.balances = keys.publicKeys.map(() => MAX_EFFECTIVE_BALANCE);
  const state = ssz.phase0.BeaconState.toViewDU(value);
  state.genesisValidatorsRoot = state.validators.hashTreeRoot();
  return state;
}

function executionPayloadHeader({
  header,
  hash,
}: ExecutionBlock): ReturnType<typeof ssz.bellatrix.ExecutionPayloadHeader.defaultValue> {
  const value = ssz.bellatrix.ExecutionPayloadHeader.defaultValue();
  value.stateRoot = header.stateRoot;
  value.receiptsRoot = EMPTY_TRIE_ROOT;
  value.gasLimit = GAS_LIMIT;
  value.timestamp = header.timestamp;
  value.baseFeePerGas = BigInt(BASE_FEE);
  value.blockHash = hash;
  return value;
}

/**
 * A genesis state of any fork: a phase 0 genesis that goes through every upgrade at once, as the specification's own
 * fork functions define it. The caches are then built afresh from the result.
 */
export function createGenesis(chainConfig: ChainForkConfig, options: ChainOptions, keys: KeyRing): Genesis {
  const fork = chainConfig.getForkName(GENESIS_SLOT);
  const seq = ForkSeq[fork];
  const phase0 = phase0State(chainConfig, options, keys);
  const config = createBeaconConfig(chainConfig, phase0.genesisValidatorsRoot);
  const stateRoot = options.executionStateRoot ? fromHex(options.executionStateRoot) : EMPTY_TRIE_ROOT;
  const execution = executionGenesis(
    seq >= ForkSeq.bellatrix ? fork : ForkName.bellatrix,
    options.genesisTime,
    stateRoot,
  );

  const cached = (state: BeaconStateAllForks, rules: BeaconConfig): CachedBeaconStateAllForks =>
    createCachedBeaconState(state, { config: rules, pubkeyCache: createPubkeyCache() }) as CachedBeaconStateAllForks;

  // The caches look at fields of the fork that the configuration names: until the upgrades are done, it is phase 0.
  let state = cached(phase0, createBeaconConfig({ ...chainConfig, ...UNSCHEDULED }, phase0.genesisValidatorsRoot));
  const step = (from: ForkName, upgrade: (pre: never) => unknown): void => {
    if (ForkSeq[from] < seq) state = upgrade(state as never) as CachedBeaconStateAllForks;
  };
  step(ForkName.phase0, upgrades.upgradeStateToAltair);
  step(ForkName.altair, upgrades.upgradeStateToBellatrix);
  if (seq >= ForkSeq.bellatrix) {
    const merged = state as unknown as BeaconStateBellatrix;
    merged.latestExecutionPayloadHeader = ssz.bellatrix.ExecutionPayloadHeader.toViewDU(
      executionPayloadHeader(execution),
    );
  }
  step(ForkName.bellatrix, upgrades.upgradeStateToCapella);
  step(ForkName.capella, upgrades.upgradeStateToDeneb);
  step(ForkName.deneb, upgrades.upgradeStateToElectra);
  step(ForkName.electra, upgrades.upgradeStateToFulu);
  step(ForkName.fulu, upgrades.upgradeStateToGloas);

  const body = blockTypes(fork).BeaconBlockBody;
  state.latestBlockHeader = ssz.phase0.BeaconBlockHeader.toViewDU({
    ...ssz.phase0.BeaconBlockHeader.defaultValue(),
    bodyRoot: body.hashTreeRoot(body.defaultValue()),
  });
  state.commit();
  const type = chainConfig.getForkTypes(GENESIS_SLOT).BeaconState;
  const genesisState = type.deserializeToViewDU(state.serialize()) as BeaconStateAllForks;
  return { config, state: cached(genesisState, config), execution };
}
