/**
 * The files of the mainnet and Sepolia sets that are no session: read by another test of this folder, or not here at
 * all, with the reason. A file that is in neither list fails the run.
 */

const SYNAPSE = "mainnet/bellatrix-capella-synapse";
const ARGUMENT = "mainnet/deneb-argument";
const PORTAL = "mainnet/portal-spec-tests";

/** Files that are read by a test, and which. */
export const READ_ELSEWHERE: Readonly<Record<string, string>> = {
  "mainnet/updates-290-1418/bootstrap_mainnet.json": "catch-up.test.ts",
  "mainnet/updates-290-1418/updates-290-1418.jsonl.gz": "catch-up.test.ts",
  "mainnet/updates-290-1418/genesis_mainnet.json": "parts.test.ts",
  [`${SYNAPSE}/beacon_genesis.json`]: "parts.test.ts",
  [`${ARGUMENT}/committee-change/BeaconBlockHeaderDeneb.ssz`]: "parts.test.ts",
  [`${ARGUMENT}/committee-change/ExecutionPayloadHeaderDeneb.ssz`]: "parts.test.ts",
  [`${ARGUMENT}/committee-change/LightClientHeaderDeneb.ssz`]: "parts.test.ts",
  [`${ARGUMENT}/committee-change/SyncAggregateDeneb.ssz`]: "parts.test.ts",
  [`${ARGUMENT}/committee-change/SyncCommitteeDeneb.ssz`]: "parts.test.ts",
  [`${PORTAL}/hive/test_data.yaml`]: "parts.test.ts",
  [`${PORTAL}/historical_summaries_with_proof/deneb/historical_summaries_with_proof.yaml`]: "parts.test.ts",
  [`${PORTAL}/historical_summaries_with_proof/electra/historical_summaries_with_proof.yaml`]: "parts.test.ts",
  "mainnet/trin-light-client/pectra_light_client_header.yaml": "parts.test.ts",
  [`${SYNAPSE}/execution/block_receipts/number-017451263.json`]: "proof/lists.test.ts",
  [`${ARGUMENT}/inclusion/base-data/EthGetProof.json`]: "proof/account-proofs.test.ts",
  "mainnet/libnimbus_lc/executionBlockHeader.json": "proof/headers.test.ts",
  "mainnet/libnimbus_lc/receipts.json": "proof/lists.test.ts",
  "mainnet/libnimbus_lc/transactions.json": "proof/lists.test.ts",
};

/** Folders of which every file is read by a test, and which. */
export const FOLDERS_READ_ELSEWHERE: Readonly<Record<string, string>> = {
  [`${SYNAPSE}/beacon/header/`]: "headers.test.ts",
  "sepolia/union-history/": "union.test.ts",
};

/** Files that are not read, and why. */
export const NOT_READ: Readonly<Record<string, string>> = {
  "mainnet/trin-light-client/pectra_historical_summaries.ssz":
    "historical summaries without a proof: for the tests of proof/",
  "mainnet/trin-light-client/trusted_block_root.txt": "the root of a block that is not among the data",
};
