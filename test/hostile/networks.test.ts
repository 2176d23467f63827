/** Whole networks on virtual time: servers of every kind, clients that come and go, many periods. All of them agree. */
import { expect } from "chai";
import { sharedBls } from "../e2e/client/shared-bls.js";
import { testBls } from "../support/backends.js";
import { FUZZ } from "../support/fuzz.js";
import { mainnetPreset, testNetwork } from "../support/networks.js";
import { seal, sealBls } from "../support/seal-bls.js";
import { createFakeChain, type FakeChain } from "../unit/client/fake-chain.js";
import { drive, watchUnhandled } from "../unit/client/waiting.js";
import { type BehaviourName, randomFrom } from "./networks/behaviours.js";
import { createNetwork, type Member, type Network } from "./networks/network.js";

const PERIOD = 64;
const EPOCH = 8;
const PERIODS = 8 * FUZZ;
/** A day of mainnet, through the end of a sync-committee period. */
const LONG_SLOTS = 7_200;

/** What these histories are signed with: seals, or, since signing takes its time, with the flag real keys. */
const signing = () => (FUZZ > 1 ? { bls: sharedBls(testBls()) } : { bls: sealBls(), seal });

/** Each with somebody honest, who is never the first. */
const COMPANIES: readonly (readonly BehaviourName[])[] = [
  ["forger", "garbage", "honest"],
  ["replayer", "two slots behind", "flaky", "honest"],
  ["dead", "silent", "slow", "honest"],
  ["moody", "withholder", "honest"],
  ["an epoch behind", "overloaded", "honest"],
  ["garbage", "forger", "dead", "moody", "honest"],
];

/** Nothing that was told is false, and the newest is what the chain has. */
function expectAgreement(chain: FakeChain, members: readonly Member[]): void {
  for (const { name, client, lies, told } of members) {
    expect(lies, `${name}: headers that the chain does not have`).to.deep.equal([]);
    expect(told, `${name}: headers told`).to.be.greaterThan(0);
    expect(client.status.state, name).to.equal("following");
    expect(client.head!.trust.ageSlots, `${name}: age of its head`).to.be.at.most(3);
    expect(client.finalized!.trust.ageSlots, `${name}: age of its finality`).to.be.at.most(
      4 * chain.network.preset.slotsPerEpoch,
    );
  }
  expect(new Set(members.map(({ client }) => client.finalized!.root)).size, "finalized headers").to.equal(1);
}

describe("an ephemeral network", function () {
  this.timeout(600_000 * FUZZ);
  watchUnhandled();
  let network: Network | undefined;
  afterEach(() => network?.stop());

  it(`of servers of every kind: all clients agree over ${PERIODS} periods`, async () => {
    const random = randomFrom(7);
    const participation = Array.from({ length: 1_024 }, () => 22 + Math.floor(random() * 11));
    const chain = await createFakeChain({
      ...signing(),
      slot: 3 * PERIOD + 20,
      participants: (slot) => participation[slot % participation.length]!,
    });
    network = createNetwork(chain, 11);
    for (const [i, servers] of COMPANIES.entries()) await network.join(`client ${i + 1}`, servers);
    const { members } = network;
    const asked = () => members.map(({ servers }) => servers.reduce((sum, each) => sum + each.asked.count, 0));
    const [before, fromSlot] = [asked(), chain.slot()];

    for (let period = 0; period < PERIODS; period++) {
      await network.pass(PERIOD / 2);
      // one of them is stopped, comes back later, and has missed some of it
      const { client } = members[period % members.length]!;
      await client.stop();
      await network.pass(period % 4 === 0 ? PERIOD / 2 : EPOCH);
      await drive(chain.clock, client.start(), { limitMs: PERIOD * chain.network.slotDurationMs });
      await network.pass(2 * EPOCH + (4 - (chain.slot() % EPOCH)));
      expectAgreement(chain, members);
    }

    const slots = chain.slot() - fromSlot;
    const perSlot = asked().map((count, i) => (count - before[i]!) / slots);
    if (process.env["SIDELIGHT_REPORT"] !== undefined) {
      console.log(`${slots} slots; requests a slot ${perSlot.map((rate) => rate.toFixed(2))}`);
      console.log(`late ${members.map(({ late, slots: of }) => `${late} of ${of}`)}`);
    }
    // one question a slot; whoever spoils it is passed over, and tried again now and then
    for (const rate of perSlot) expect(rate).to.be.below(1.1 * 1.5);
    // a liar costs a moment, not a slot: hardly ever is a head late
    for (const { name, late, slots: of } of members)
      expect(late / of, `${name}: share of slots late`).to.be.below(0.05);
  });

  it(`for ${LONG_SLOTS} slots of mainnet, a day: every head is told, and nothing else`, async () => {
    const mainnet = testNetwork({ preset: mainnetPreset, forks: { electra: 0 }, slotDurationMs: 12_000 });
    const chain = await createFakeChain({
      network: mainnet,
      checkpointSlot: 8_192 + 4_096,
      slot: 8_192 + 4_608,
      ...signing(),
    });
    expect(chain.slot()).to.equal(12_800);
    network = createNetwork(chain, 13);
    const member = await network.join("client", ["dead", "replayer", "honest"]);
    const { client } = member;
    const first = client.head!.slot;
    await network.pass(LONG_SLOTS);
    expectAgreement(chain, network.members);
    expect(client.head!.slot - first).to.be.at.least(LONG_SLOTS - 2);
    expect(first).to.be.below(2 * 8_192);
    expect(client.finalized!.slot, "into the next period").to.be.above(2 * 8_192);
    expect(member.told).to.be.at.least(LONG_SLOTS);
  });
});
