/** Proofs from the states of a real chain, for every fork: fetched, verified, and compared with what the node says. */
import { expect } from "chai";
import type { VerifiedHeader } from "../../../src/client/types.js";
import { SidelightError } from "../../../src/errors.js";
import { LIGHT_CLIENT_FORKS, type LightClientFork, type Network } from "../../../src/networks/types.js";
import { blockRootPlace } from "../../../src/proof/beacon/history.js";
import { pendingDeposits, syncCommittee, validatorAt } from "../../../src/proof/beacon/queries.js";
import { finalizedCheckpoint, forkVersions, randaoMix } from "../../../src/proof/index.js";
import { type BeaconProofSource, beaconProofSource, beaconState } from "../../../src/proof-fetch/index.js";
import { toHex } from "../../../src/ssz/bytes.js";
import type { PeerEvent } from "../../../src/transport/pool/types.js";
import { type Devnet, startDevnet } from "../../devnet/src/client.ts";
import { networkOf } from "../../support/network-of.js";

/** Three epochs of each, and six of Altair: that a batch of 64 slots is whole before Capella. */
const FORKS = { altair: 0, bellatrix: 6, capella: 9, deneb: 12, electra: 15, fulu: 18, gloas: 21 };
const END = 25 * 8 - 1;
/** Of each fork, one with an epoch of it behind. */
const slotOf = (fork: LightClientFork) => FORKS[fork] * 8 + 19;

describe("beaconState, on a real chain", () => {
  let devnet: Devnet;
  let network: Network;
  before(async () => {
    devnet = await startDevnet({ forks: FORKS });
    network = networkOf(devnet);
    // slots without a block, too
    await devnet.produceTo(END, { missed: 5 });
  });
  after(() => devnet?.stop());

  /** A client that has verified the block of a slot, or the last one before it. */
  async function clientAt(slot: number): Promise<{ head: null; finalized: VerifiedHeader }> {
    for (let at = slot; ; at--) {
      const truth = await devnet.truth(at);
      if (truth === null) continue;
      const trust = { level: "finalized", participation: null, ageSlots: 0, source: "test", forced: false } as const;
      const finalized = {
        slot: truth.slot,
        root: truth.root,
        stateRoot: truth.stateRoot,
        trust: { ...trust, checkpointAgeSeconds: 0 },
      };
      return { head: null, finalized: finalized as VerifiedHeader };
    }
  }

  async function ask(path: string): Promise<never> {
    const response = await fetch(`${devnet.url}${path}`);
    expect(response.status).to.equal(200);
    return ((await response.json()) as { data: never }).data;
  }

  for (const fork of LIGHT_CLIENT_FORKS) {
    it(`${fork}: a validator, balances, checkpoints, committees, mixes: as the node's own answers`, async () => {
      const client = await clientAt(slotOf(fork));
      const { slot, stateRoot } = client.finalized;
      const reader = beaconState({ client, network, sources: [beaconProofSource(devnet.url)] });
      const validator = (await reader.query(validatorAt(3))).value!;
      type ValidatorJson = { status: string; balance: string; validator: Record<string, string | boolean> };
      const told: ValidatorJson = await ask(`/eth/v1/beacon/states/${stateRoot}/validators/3`);
      expect(validator).to.deep.include({ index: 3, status: told.status, slashed: told.validator["slashed"] });
      expect(String(validator.balanceGwei)).to.equal(told.balance);
      expect(String(validator.effectiveBalanceGwei)).to.equal(told.validator["effective_balance"]);
      expect(validator.pubkey).to.equal(told.validator["pubkey"]);
      expect(validator.withdrawalCredentials).to.equal(told.validator["withdrawal_credentials"]);
      expect(await reader.query(validatorAt(64)), "one more than there are").to.deep.include({ value: null });

      const { value: balance, trust } = await reader.get(["balances", 3]);
      expect(String(balance)).to.equal(told.balance);
      expect(trust).to.equal(client.finalized.trust);
      expect((await reader.get(["validators", "length"])).value).to.equal(64);

      const checkpoint: { finalized: { epoch: string; root: string } } = await ask(
        `/eth/v1/beacon/states/${stateRoot}/finality_checkpoints`,
      );
      const { value } = await reader.query(finalizedCheckpoint);
      expect({ epoch: String(value.epoch), root: value.root }).to.deep.equal(checkpoint.finalized);
      const versions = (await reader.query(forkVersions)).value;
      expect(versions.currentVersion).to.equal(network.forks[fork].version);
      expect((await reader.query(syncCommittee("current"))).value.pubkeys).to.have.length(32);
      expect((await reader.query(randaoMix(network, Math.floor(slot / 8)))).value).to.match(/^0x[0-9a-f]{64}$/);
      if (FORKS[fork] >= FORKS.electra) expect((await reader.query(pendingDeposits)).value).to.deep.equal([]);
    });

    it(`${fork}: the same from a whole state, from a node without proof routes`, async () => {
      const node = await devnet.newServer([{ kind: "status", status: 404, routes: ["state_proof"] }]);
      const client = await clientAt(slotOf(fork));
      const proofs = beaconState({ client, network, sources: [beaconProofSource(devnet.url)] });
      const whole = beaconState({ client, network, sources: [beaconProofSource(node.url)], maxStateBytes: 1_000_000 });
      for (const query of [validatorAt(7), validatorAt(100)]) {
        expect(await whole.query(query)).to.deep.equal(await proofs.query(query));
      }
      const state = await whole.get([]);
      expect((state.value as { slot: number }).slot).to.be.at.least(client.finalized.slot);
      const refusing = beaconState({ client, network, sources: [beaconProofSource(node.url)] });
      await expectRejection(refusing.query(validatorAt(7)), "NO_SOURCE_ANSWERED");
      await node.close();
    });

    it(`${fork}: blocks, and those of earlier slots`, async () => {
      const client = await clientAt(slotOf(fork));
      const reader = beaconState({ client, network, sources: [beaconProofSource(devnet.url)] });
      const { value: block } = await reader.block();
      expect(block.get(["slot"])).to.equal(client.finalized.slot);
      expect(block.get(["body", "graffiti"])).to.have.length(32);
      expect(block.get(["body", "attestations", "length"])).to.be.above(0);
      for (let back = 1; back < 19; back += 5) {
        const at = client.finalized.slot - back;
        const earlier = await clientAt(at);
        const found = await reader.block({ at });
        expect(found).to.deep.include({ slot: earlier.finalized.slot, blockRoot: earlier.finalized.root });
        expect(found.stateRoot).to.equal(earlier.finalized.stateRoot);
        expect(toHex(found.value.get(["stateRoot"]))).to.equal(found.stateRoot);
        expect((await reader.get(["slot"], { at })).value).to.equal(found.slot);
      }
    });
  }

  // batches: slots 0 to 63 in historical_roots, 64 to 127 in historical_summaries
  const OLD = [2, 31, 63, 64, 100, 127, 140];

  it("reads states and blocks of any earlier slot, by proofs and from whole states", async () => {
    const client = await clientAt(END);
    const node = await devnet.newServer([{ kind: "status", status: 404, routes: ["state_proof"] }]);
    const readers = {
      proofs: beaconState({ client, network, sources: [beaconProofSource(devnet.url)] }),
      whole: beaconState({ client, network, sources: [beaconProofSource(node.url)], maxStateBytes: 1_000_000 }),
    };
    const ways = OLD.map((at) => blockRootPlace(network, client.finalized.slot, at).via);
    expect([...new Set(ways)]).to.deep.equal(["historical_roots", "historical_summaries", "block_roots"]);
    for (const at of OLD) {
      const { slot, root, stateRoot } = (await clientAt(at)).finalized;
      for (const [name, reader] of Object.entries(readers)) {
        const found = await reader.get(["validators", 3, "effectiveBalance"], { at });
        expect(found, `${at} by ${name}`).to.deep.include({ slot, blockRoot: root, stateRoot, value: 32_000_000_000n });
        expect(found.trust).to.equal(client.finalized.trust);
      }
      expect((await readers.proofs.block({ at })).value.get(["slot"])).to.equal(slot);
    }
    await node.close();
  });

  it("blames a source whose history is not the chain's, and asks the next", async () => {
    const client = await clientAt(END);
    const honest = beaconProofSource(devnet.url, { name: "honest" });
    type Answer = Awaited<ReturnType<BeaconProofSource["stateProof"]>>;
    const lie = (change: (proof: Answer) => Answer): Partial<BeaconProofSource> => ({
      async stateProof(id, descriptor, options) {
        const proof = await honest.stateProof(id, descriptor, options);
        return id.startsWith("0x") ? proof : change(proof);
      },
    });
    const lies: Record<string, Partial<BeaconProofSource>> = {
      "another root": lie(({ descriptor, leaves }) => ({
        descriptor,
        leaves: leaves.map(() => new Uint8Array(32).fill(7)),
      })),
      "a root less": lie(({ descriptor, leaves }) => ({ descriptor, leaves: leaves.slice(1) })),
      "no batch": lie(() => ({ descriptor: Uint8Array.of(0x80), leaves: [new Uint8Array(32)] })),
      "nothing that can be read": lie(() => ({ descriptor: "0x", leaves: [] })),
      "another slot's state": {
        stateProof: (id, ...rest) => honest.stateProof(id.startsWith("0x") ? id : `${Number(id) - 1}`, ...rest),
      },
    };
    for (const at of [31, 100]) {
      const expected = (await clientAt(at)).finalized.root;
      for (const [name, how] of Object.entries(lies)) {
        const events: PeerEvent[] = [];
        const sources = [{ ...honest, ...how, name }, honest];
        const reader = beaconState({ client, network, sources, onPeer: (event) => events.push(event) });
        expect((await reader.get(["slot"], { at })).blockRoot, name).to.equal(expected);
        expect(events.map(({ source, action }) => `${source}: ${action}`)).to.deep.equal([`${name}: evicted`]);
      }
    }
    const noState = { ...honest, name: "whole", state: async () => new Uint8Array(5_000) };
    noState.stateProof = async () => {
      throw new SidelightError("NOT_AVAILABLE", "none", { source: "whole", request: "state proof", message: "none" });
    };
    const whole = beaconState({ client, network, sources: [noState], maxStateBytes: 1_000_000 });
    await expectRejection(whole.get(["slot"], { at: 31 }), "NO_SOURCE_ANSWERED");
  });

  it("blames a source that proves something else, and asks the next", async () => {
    const client = await clientAt(END);
    const honest = beaconProofSource(devnet.url, { name: "honest" });
    const lies: [string, Partial<BeaconProofSource>][] = [
      [
        "another leaf",
        {
          async stateProof(id, descriptor, options) {
            const proof = await honest.stateProof(id, descriptor, options);
            return { ...proof, leaves: proof.leaves.map((leaf, i) => (i === 3 ? new Uint8Array(32).fill(9) : leaf)) };
          },
        },
      ],
      [
        "another state",
        { stateProof: async (_, ...rest) => honest.stateProof((await clientAt(END - 1)).finalized.stateRoot, ...rest) },
      ],
      [
        "less than was asked for",
        { stateProof: (id, _, options) => honest.stateProof(id, Uint8Array.of(0x60), options) },
      ],
      ["no proof", { stateProof: async () => ({ descriptor: "0x", leaves: [] }) }],
      ["another block", { block: async () => honest.block((await clientAt(40)).finalized.root) }],
    ];
    for (const [name, lie] of lies) {
      const events: PeerEvent[] = [];
      const liar = { ...honest, ...lie, name };
      const reader = beaconState({ client, network, sources: [liar, honest], onPeer: (event) => events.push(event) });
      expect((await reader.query(validatorAt(1))).value?.index, name).to.equal(1);
      expect((await reader.block()).value.get(["slot"])).to.equal(client.finalized.slot);
      expect(
        events.map(({ source, action }) => [source, action]),
        name,
      ).to.deep.equal([[name, "evicted"]]);
      const alone = beaconState({ client, network, sources: [liar] });
      await expectRejection("block" in lie ? alone.block() : alone.query(validatorAt(1)), "NO_SOURCE_ANSWERED");
    }
  });

  it("refuses what it cannot be asked", async () => {
    const client = await clientAt(END);
    const sources = [beaconProofSource(devnet.url)];
    const reader = beaconState({ client, network, sources });
    await expectRejection(reader.get(["nothing"] as never), "OPTION_INVALID");
    await expectRejection(reader.get(["slot"], { at: END + 1 }), "OPTION_INVALID");
    await expectRejection(reader.get(["slot"], { at: -1 }), "OPTION_INVALID");
    await expectRejection(reader.get(["slot"], { at: "tail" as never }), "OPTION_INVALID");
    await expectRejection(reader.get(["slot"], { at: "head" }), "CLIENT_STATE_INVALID");
    const signal = AbortSignal.abort(new Error("enough"));
    const thrown = await reader.get(["slot"], { signal }).then(
      () => null,
      (error: unknown) => error,
    );
    expect(thrown).to.equal(signal.reason);
    expect(() => beaconState({ client, network, sources: [] })).to.throw(/sources/);
  });
});

async function expectRejection(promise: Promise<unknown>, code: string): Promise<void> {
  const thrown = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  expect((thrown as { code?: string } | null)?.code).to.equal(code);
}
