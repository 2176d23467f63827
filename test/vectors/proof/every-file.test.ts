import { expect } from "chai";
import { noteForTable } from "../counts.js";
import { describeWithData, listFiles } from "../data-folder.js";

/** What is read here, by the beginning of its path, and by which test. */
const READ: Readonly<Record<string, string>> = {
  "blocks/mainnet-bellatrix/": "beacon-blocks.test.ts",
  "blocks/mainnet-capella/": "lists.test.ts",
  "blocks/mainnet-deneb/": "lists.test.ts",
  "blocks/portal-block-data/": "headers.test.ts, lists.test.ts",
  "blocks/portal-headers-with-proof/1": "headers.test.ts",
  "blocks/portal-headers-with-proof/2": "headers.test.ts",
  "blocks/portal-headers-with-proof/beacon_data/1": "beacon-blocks.test.ts, merkle-proofs.test.ts",
  "blocks/portal-headers-with-proof/beacon_data/2": "beacon-blocks.test.ts",
  "blocks/portal-headers-with-proof/beacon_data/historical_summaries": "beacon-blocks.test.ts, merkle-proofs.test.ts",
  "blocks/portal-headers-with-proof/block_proofs_bellatrix/beacon": "merkle-proofs.test.ts",
  "blocks/portal-headers-with-proof/block_proofs_capella/": "merkle-proofs.test.ts",
  "blocks/portal-headers-with-proof/block_proofs_deneb/": "merkle-proofs.test.ts",
  "blocks/sepolia-deneb/": "lists.test.ts",
  "el-proofs/eth-avm/": "account-proofs.test.ts, headers.test.ts, lists.test.ts",
  "el-proofs/execution-apis/": "account-proofs.test.ts",
  "el-proofs/helios-rpc/rpc/account.json": "account-proofs.test.ts",
  "el-proofs/helios-rpc/rpc/block.json": "headers.test.ts, lists.test.ts",
  "el-proofs/helios-rpc/rpc/block_miner_": "account-proofs.test.ts",
  "el-proofs/helios-rpc/rpc/logs.json": "lists.test.ts",
  "el-proofs/helios-rpc/rpc/proof.json": "account-proofs.test.ts",
  "el-proofs/helios-rpc/rpc/receipts.json": "lists.test.ts",
  "el-proofs/helios-rpc/rpc/transaction.json": "lists.test.ts",
  "el-proofs/helios-rpc/verifiable_api/": "account-proofs.test.ts, lists.test.ts",
  "el-proofs/lodestar-prover/": "account-proofs.test.ts, headers.test.ts, lists.test.ts",
  "el-proofs/nimbus-verified-proxy/block": "headers.test.ts, lists.test.ts",
  "el-proofs/nimbus-verified-proxy/code.json": "account-proofs.test.ts",
  "el-proofs/nimbus-verified-proxy/proof_block.json": "headers.test.ts, lists.test.ts",
  "el-proofs/nimbus-verified-proxy/storage_proof.json": "account-proofs.test.ts",
  "el-proofs/union/": "account-proofs.test.ts",
};

const NOTHING_TO_PROVE = "answers that nothing proves";

/** What is not, and why. */
const NOT_READ: Readonly<Record<string, string>> = {
  "blocks/portal-headers-with-proof/beacon_data/README.md": "describes the data",
  "blocks/portal-headers-with-proof/block_proofs_bellatrix/README.md": "describes the data",
  "el-proofs/helios-rpc/rpc/access_list.json": NOTHING_TO_PROVE,
  "el-proofs/helios-rpc/rpc/block_hashes.json": NOTHING_TO_PROVE,
  "el-proofs/helios-rpc/rpc/chain_id.txt": NOTHING_TO_PROVE,
  "el-proofs/helios-rpc/rpc/fee_history.json": NOTHING_TO_PROVE,
  "el-proofs/helios-rpc/rpc/filter_id_": NOTHING_TO_PROVE,
  "el-proofs/helios-rpc/rpc/receipt.json": "one of receipts.json",
  "el-proofs/helios-rpc/rpc/tx_hashes.json": NOTHING_TO_PROVE,
  "el-proofs/nimbus-verified-proxy/access_list.json": NOTHING_TO_PROVE,
};

describeWithData("files of execution proofs and blocks", () => {
  const files = [...listFiles("el-proofs"), ...listFiles("blocks")];
  const isIn = (table: Readonly<Record<string, string>>, file: string) =>
    Object.keys(table).some((beginning) => file.startsWith(beginning));

  it("are all read, or listed with the reason why not", () => {
    expect(files.filter((file) => !isIn(READ, file) && !isIn(NOT_READ, file))).to.deep.equal([]);
    const left = files.filter((file) => !isIn(READ, file));
    noteForTable(`execution proofs and blocks: ${files.length - left.length} of ${files.length} files read; not read:`);
    for (const [beginning, reason] of Object.entries(NOT_READ)) noteForTable(`  ${beginning}: ${reason}`);
  });

  it("are there, all that are listed", () => {
    const listed = [...Object.keys(READ), ...Object.keys(NOT_READ)];
    expect(listed.filter((beginning) => !files.some((file) => file.startsWith(beginning)))).to.deep.equal([]);
  });
});
