/** The snippets of docs/proofs.md that need no beacon chain, run as they are. */
import { expect } from "chai";
import fc from "fast-check";
import { logsBloomOf } from "../../../src/proof/bloom.js";
import { toHex } from "../../../src/ssz/bytes.js";
import { AMSTERDAM_HEADER } from "../../support/execution-headers.js";
import { blockOf, WITHDRAWALS } from "../../support/small-block.js";
import { EXECUTION_SNIPPETS, type Names, runSnippet, SNIPPETS, TEXT } from "../../support/snippets.js";
import { buildState, CODE, CONTRACT, sampleAccounts } from "../../support/state.js";
import { TRANSACTIONS } from "../../support/transactions.js";

describe("docs/proofs.md", () => {
  let names: Names;
  const topic = `0x${"ab".repeat(32)}`;
  const log = { address: CONTRACT, topics: [topic], data: "0x0123" };
  const receipts = [
    { type: "0x0", status: "0x1", cumulativeGasUsed: "0x5208", logsBloom: logsBloomOf([log]), logs: [log] },
  ];
  const transactions = fc.sample(TRANSACTIONS[2]!, { seed: 1, numRuns: 1 });
  const block = blockOf({ transactions, receipts, withdrawals: WITHDRAWALS });
  const ofBlock = { blockHash: block.hash, topic };
  before(async () => {
    const state = await buildState(sampleAccounts());
    const rpc = async (method: string, params: unknown[]) => {
      if (method === "eth_getProof") return state.getProof(params[0] as string, (params[1] as bigint[]).map(BigInt));
      if (method === "eth_getCode") return toHex(CODE);
      if (method === "eth_getBlockByHash") return params[0] === block.hash ? block : AMSTERDAM_HEADER;
      if (method === "eth_getBlockReceipts") return receipts;
      throw new Error(method);
    };
    const { stateRoot } = state;
    names = { rpc, stateRoot, address: CONTRACT, slot: "0xb", blockNumber: 1, blockHash: AMSTERDAM_HEADER["hash"] };
  });

  /** What each prints, and which of its inputs are its own. */
  const PRINTED: readonly (readonly [printed: unknown[], inputs?: Names])[] = [
    [[0n, 2n ** 66n]],
    [[2n ** 66n, toHex(CODE)]],
    [[192, AMSTERDAM_HEADER["stateRoot"], AMSTERDAM_HEADER["parentHash"]]],
    [[192, 1, 16], ofBlock],
    [[1, "0x0123"], ofBlock],
  ];
  SNIPPETS.slice(0, EXECUTION_SNIPPETS).forEach((snippet, i) => {
    it(`snippet ${i + 1} runs: ${/\b(verify\w+)/.exec(snippet)![1]}`, async () => {
      const [printed, inputs] = PRINTED[i]!;
      expect(await runSnippet(snippet, { ...names, ...inputs })).to.deep.equal(printed);
    });
  });

  it("has no snippet that is not run", () => {
    expect(PRINTED).to.have.length(EXECUTION_SNIPPETS);
    // and one that is none: of the command line, which has tests of its own
    expect(TEXT.match(/```/g)).to.have.length(2 * (SNIPPETS.length + 1));
  });
});
