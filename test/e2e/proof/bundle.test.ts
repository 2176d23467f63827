/** Portable proofs of a real chain: made with the network, verified without. */
import { expect } from "chai";
import fc from "fast-check";
import { blstBls } from "../../../src/bls/blst/index.js";
import { isSidelightError } from "../../../src/errors.js";
import type { Network } from "../../../src/networks/types.js";
import { slotBytes } from "../../../src/proof/account.js";
import {
  BUNDLE_VERSION,
  createProofBundle,
  type ProvenBundle,
  verifyProofBundle,
} from "../../../src/proof-bundle/index.js";
import { beaconProofSource, type RpcSource, rpcSource } from "../../../src/proof-fetch/index.js";
import { fromHex, toHex } from "../../../src/ssz/bytes.js";
import type { Source } from "../../../src/transport/port.js";
import { restSource } from "../../../src/transport/rest.js";
import { type Devnet, startDevnet } from "../../devnet/src/client.ts";
import { serveRpc } from "../../support/execution-chain.js";
import { FUZZ } from "../../support/fuzz.js";
import { networkOf } from "../../support/network-of.js";
import { ABSENT, buildState, CONTRACT, PLAIN, type State, sampleAccounts } from "../../support/state.js";

const FORKS = { electra: 0, fulu: 10, gloas: 19 };
const PATHS = [
  ["validators", 3, "effectiveBalance"],
  ["balances", 3],
  ["validators", 100],
  ["finalizedCheckpoint", "epoch"],
] as const;

describe("portable proofs, of a real chain", () => {
  const bls = blstBls();
  let devnet: Devnet;
  let network: Network;
  let checkpoint: string;
  let state: State;
  let rpcServer: { readonly url: string; close(): void };
  before(async () => {
    state = await buildState(sampleAccounts());
    devnet = await startDevnet({ forks: FORKS, executionStateRoot: state.stateRoot });
    network = networkOf(devnet);
    rpcServer = await serveRpc(async (method, [first, second]) =>
      method === "eth_getBlockByHash"
        ? devnet.executionBlock(String(first))
        : state.getProof(String(first), (second as string[]).map(BigInt)),
    );
    await devnet.produceTo(64);
    checkpoint = (await devnet.finalized()).root;
  });
  after(async () => {
    rpcServer?.close();
    await devnet?.stop();
  });

  const make = (rest: Partial<Parameters<typeof createProofBundle>[0]> = {}) =>
    createProofBundle({
      network,
      checkpoint,
      bls,
      sources: [restSource(devnet.url)],
      beacon: [beaconProofSource(devnet.url)],
      rpc: [rpcSource(rpcServer.url)],
      paths: PATHS,
      account: { address: CONTRACT, slots: [1n, 5n, 2n ** 200n] },
      ...rest,
    });

  for (const [fork, slot] of [
    ["electra", 64],
    ["fulu", 130],
    ["gloas", 200],
  ] as const) {
    it(`${fork}: over ${slot / 64 - 1 > 0 ? "several periods" : "one period"}, what the chain says`, async () => {
      await devnet.produceTo(slot);
      const finalized = await devnet.finalized();
      for (const encodings of ["any", "json"] as const) {
        const bundle = await make({ sources: [restSource(devnet.url, { encodings })] });
        const proven = await verifyProofBundle({ network, checkpoint, bundle, bls });
        // what is final in the newest block's state, the light-client data tells a block later
        expect(finalized.slot - proven.header.slot).to.be.oneOf([0, 8]);
        const { slot: last, root, stateRoot } = (await devnet.truth(proven.header.slot))!;
        expect(proven.header).to.deep.equal({ slot: last, root, stateRoot });
        expect(proven.values.map(({ path }) => path)).to.deep.equal(PATHS);
        const [effective, balance, absent, epoch] = proven.values.map(({ value }) => value);
        expect(effective).to.equal(32_000_000_000n);
        expect((balance as bigint) > 31_000_000_000n).to.equal(true);
        expect(absent).to.equal(null);
        expect(epoch).to.be.a("number");
        const { execution } = proven;
        expect(execution?.address).to.equal(CONTRACT);
        expect(execution?.storage.map(({ value }) => value)).to.deep.equal([2n ** 6n, 0n, 0n]);
        expect((await devnet.executionBlock(execution!.blockHash))?.["number"]).to.equal(
          `0x${execution!.blockNumber.toString(16)}`,
        );
      }
    });
  }

  it("proves that there is no account, and nothing at all but a header", async () => {
    const absent = await make({ paths: [], account: { address: ABSENT } });
    const proven = await verifyProofBundle({ network, checkpoint, bundle: absent, bls });
    expect(proven.execution).to.deep.include({ address: ABSENT, account: null, storage: [] });
    const { account: _, ...none } = { network, checkpoint, bls, sources: [restSource(devnet.url)], account: null };
    const bare = await verifyProofBundle({ network, checkpoint, bundle: await createProofBundle(none), bls });
    expect(bare).to.deep.include({ values: [], execution: null });
  });

  it("is of one checkpoint, one network, one version", async () => {
    const bundle = await make();
    const other = (await devnet.truth(20))!.root;
    const wrongNetwork = { ...network, genesisValidatorsRoot: `0x${"11".repeat(32)}` };
    const wrongVersion = bundle.slice();
    wrongVersion[4] = BUNDLE_VERSION + 1;
    const wrongMagic = bundle.slice();
    wrongMagic[0] = 0;
    await expectRejection(verifyProofBundle({ network, checkpoint: other, bundle, bls }), "BOOTSTRAP_ROOT_MISMATCH");
    await expectRejection(
      verifyProofBundle({ network: wrongNetwork, checkpoint, bundle, bls }),
      "NETWORK_CONFIG_INVALID",
    );
    for (const unreadable of [wrongVersion, wrongMagic, bundle.slice(0, 300), new Uint8Array(), "slpf" as never]) {
      await expectRejection(verifyProofBundle({ network, checkpoint, bundle: unreadable, bls }), "DECODE_FAILED");
    }
    const huge = new Uint8Array(2 ** 26 + 1);
    await expectRejection(verifyProofBundle({ network, checkpoint, bundle: huge, bls }), "INPUT_TOO_LARGE");
    await expectRejection(verifyProofBundle({ network, checkpoint: "0x12", bundle, bls }), "OPTION_INVALID");
    await expectRejection(
      verifyProofBundle({ network, checkpoint, bundle, bls, currentSlot: 100 }),
      "UPDATE_FROM_FUTURE",
    );
  });

  it("never proves what is not so, whichever byte of it is changed", async () => {
    const bundle = await make();
    const truth = await verifyProofBundle({ network, checkpoint, bundle, bls });
    let refused = 0;
    const check = async (at: number, by: number) => {
      const changed = bundle.slice();
      changed[at]! ^= by;
      const proven = await verifyProofBundle({ network, checkpoint, bundle: changed, bls }).catch((error) => {
        expect(isSidelightError(error), String(error)).to.equal(true);
        return null;
      });
      if (proven === null) refused++;
      else expectTrue(proven, truth);
    };
    await fc.assert(fc.asyncProperty(fc.nat(bundle.length - 1), fc.integer({ min: 1, max: 255 }), check), {
      numRuns: 60 * FUZZ,
    });
    // what is asked is in the bundle too: every byte of a slot that nothing is stored at, and of the address
    for (const asked of [slotBytes(2n ** 200n), fromHex(CONTRACT)]) {
      const start = Buffer.from(bundle).indexOf(asked);
      expect(start, toHex(asked)).to.be.greaterThan(0);
      for (let at = start; at < start + asked.length; at++) await check(at, 1);
    }
    expect(refused).to.be.greaterThan(0.8 * 60 * FUZZ);
  });

  /**
   * The same header, and of the chain what is so. The question may be another: a bundle with another slot in it, that what
   * it holds proves to be empty too, is a true bundle of that slot, and so with a path. Of what is not signed (a
   * signature's slot within its period) some may change, and nothing follows from it.
   */
  function expectTrue(proven: ProvenBundle, truth: ProvenBundle): void {
    const { address, account, storage, ...block } = proven.execution!;
    const { address: trueAddress, account: trueAccount, storage: _, ...trueBlock } = truth.execution!;
    expect(proven.header).to.deep.equal(truth.header);
    expect(block).to.deep.equal(trueBlock);
    const seed = state.accounts.get(address);
    expect(account).to.deep.equal(address === trueAddress ? trueAccount : null);
    expect(account === null).to.equal(seed === undefined);
    for (const { slot, value } of storage) expect(value).to.equal(seed?.storage?.get(BigInt(slot)) ?? 0n);
    const byPath = new Map(truth.values.map(({ path, value }) => [path.join("."), value]));
    for (const { path, value } of proven.values) {
      if (byPath.has(path.join("."))) expect(value).to.deep.equal(byPath.get(path.join(".")));
    }
  }

  it("takes the next source where one fails, and tells what each said", async () => {
    const dead = restSource("http://127.0.0.1:9", { name: "dead", retries: 0 });
    expect(await make({ sources: [dead, restSource(devnet.url)] })).to.be.instanceOf(Uint8Array);
    const message = await expectRejection(make({ sources: [dead] }), "NO_SOURCE_ANSWERED");
    expect(message).to.include("dead");
    const liar: RpcSource = { name: "liar", call: async () => state.getProof(PLAIN) };
    await expectRejection(make({ rpc: [liar] }), "NO_SOURCE_ANSWERED");
    await expectRejection(make({ sources: [] }), "OPTION_INVALID");
    await expectRejection(make({ rpc: [] }), "OPTION_INVALID");
    await expectRejection(make({ beacon: [] }), "OPTION_INVALID");
    const none: Source = { ...restSource(devnet.url), updates: async () => [] };
    await expectRejection(make({ sources: [none] }), "NO_SOURCE_ANSWERED");
  });

  it("refuses what does not fit before anybody is asked", async () => {
    const source: Source = new Proxy({} as Source, {
      get() {
        throw new Error("asked");
      },
    });
    const sources = [source];
    const slots = Array.from({ length: 65 }, (_, i) => BigInt(i));
    for (const [options, option] of [
      [{ account: { address: CONTRACT, slots } }, "account.slots"],
      [{ account: { address: "0x12" } }, "account.address"],
      [{ paths: new Array(65).fill(PATHS[0]) }, "paths"],
      [{ paths: [["x".repeat(600)] as never] }, "paths[0]"],
    ] as const) {
      expect(await expectRejection(make({ sources, ...options }), "OPTION_INVALID")).to.include(option);
    }
  });
});

async function expectRejection(promise: Promise<unknown>, code: string): Promise<string> {
  const thrown = await promise.then(
    () => null,
    (error: unknown) => error as { code?: string; message: string },
  );
  expect(thrown?.code, thrown?.message).to.equal(code);
  return thrown!.message;
}
