/** Honest objects at the wrong time or in the wrong place: too late, too early, or on another network. */
import { expect } from "chai";
import { assertAgreement, type Counts, createCounts, describeCounts } from "./support/agreement.js";
import { openPair, type Pair } from "./support/pair.js";
import { describeWithReference } from "./support/reference.js";
import { prepareStages, type Stages } from "./support/stages.js";

describeWithReference("honest objects out of order and another light client", (reference) => {
  let prepared: Stages;

  before(async function () {
    this.timeout(120_000);
    prepared = await prepareStages(reference());
  });

  async function compare(pair: Pair): Promise<Counts> {
    const counts = createCounts();
    const items = prepared.feed.items.map((item) => ({ ...item, currentSlot: 100_000, keep: false }));
    for (const judgement of await pair.judge(items)) {
      const { kind, object } = judgement.item;
      assertAgreement(`${kind} of ${object.fork}`, judgement, { counts, pair });
    }
    console.log(`      ${describeCounts(counts)}`);
    return counts;
  }

  it("agree on everything that was seen already", async function () {
    this.timeout(60_000);
    const { refusedOnlyHere, accepted } = await compare(prepared.end);
    expect([...refusedOnlyHere.keys()]).to.deep.equal(["UPDATE_IRRELEVANT"]);
    expect(accepted).to.be.greaterThan(0);
  });

  it("agree on everything at once, of which only the first period can be verified", async function () {
    this.timeout(60_000);
    const { feed } = prepared;
    const { pair } = await openPair(reference(), feed.subject, feed.bootstraps[0]!);
    const { accepted, refused } = await compare(pair!);
    const inFirstPeriod = feed.items.filter(({ signatureSlot }) => signatureSlot < 64).length;
    expect([accepted, refused]).to.deep.equal([inFirstPeriod, feed.items.length - inFirstPeriod]);
  });

  it("agree on everything that came before a later checkpoint", async function () {
    this.timeout(60_000);
    const { feed } = prepared;
    const { pair } = await openPair(reference(), feed.subject, feed.bootstraps.at(-1)!);
    const { refused, refusedOnlyHere } = await compare(pair!);
    expect(refused).to.be.greaterThan(0);
    for (const code of refusedOnlyHere.keys()) expect(code).to.equal("UPDATE_IRRELEVANT");
  });

  it("both refuse everything on a network with another genesis", async function () {
    this.timeout(60_000);
    const { feed } = prepared;
    const genesisValidatorsRoot = `0x${"42".repeat(32)}`;
    const subject = { ...feed.subject, network: { ...feed.subject.network, genesisValidatorsRoot } };
    const { pair } = await openPair(reference(), subject, feed.bootstraps[0]!);
    const { refused } = await compare(pair!);
    expect(refused).to.equal(feed.items.length);
  });
});
