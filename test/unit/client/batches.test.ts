/**
 * Catching up in batches, against sources that send what is not true. Each case runs twice, with batches and one by one:
 * what the client says, whom it blames, what it keeps and what evidence it has must not differ.
 */
import { expect } from "chai";
import { type BlstBls, blstBls } from "../../../src/bls/blst/index.js";
import type { LightClient } from "../../../src/client/light-client.js";
import { toHex } from "../../../src/ssz/bytes.js";
import type { RawObject } from "../../../src/transport/port.js";
import type { ForgedUpdate, UpdateOptions } from "../../support/forge.js";
import { INFINITY_SIGNATURE, secretKey } from "../../support/keys.js";
import { addSignatures, negatedPoint, SIGNATURE_OUTSIDE_SUBGROUP } from "../../support/points.js";
import { createFakeChain, type FakeChain, type FakeSource, record } from "./fake-chain.js";
import { drive, watchUnhandled } from "./waiting.js";

const PERIOD_SLOTS = 64;
/** Not a multiple of the batches' size. */
const PERIODS = 19;

interface CountingBls extends BlstBls {
  /** How many each batch had. */
  readonly batches: number[];
  singles: number;
}

/** The real backend, counted; `isBatching: false` without what it has for batches. */
function counting(bls: BlstBls, isBatching = true): CountingBls {
  const counted = {
    name: bls.name,
    batches: [] as number[],
    singles: 0,
    ready: () => bls.ready(),
    committee: (committee) => bls.committee(committee),
    verifySyncAggregate(...signed) {
      counted.singles++;
      return bls.verifySyncAggregate(...signed);
    },
  } as CountingBls;
  if (!isBatching) return counted;
  counted.verifyBatch = (items) => {
    counted.batches.push(items.length);
    return bls.verifyBatch(items);
  };
  return counted;
}

describe("catching up in batches", function () {
  this.timeout(60_000);
  watchUnhandled();
  let chain: FakeChain;
  let real: BlstBls;

  before(async () => {
    real = blstBls();
    await real.ready();
    chain = await createFakeChain({ slot: PERIODS * PERIOD_SLOTS + 11 });
  });

  function update(period: number, options: Partial<UpdateOptions> = {}): ForgedUpdate {
    return chain.forge.update({ attestedSlot: period * PERIOD_SLOTS + 61, ...options });
  }

  function withSignature(period: number, signature: Uint8Array | ((true_: Uint8Array) => Uint8Array)): RawObject {
    return update(period)
      .edit((wire) => {
        const known = wire.syncAggregate.syncCommitteeSignature;
        wire.syncAggregate.syncCommitteeSignature = typeof signature === "function" ? signature(known) : signature;
      })
      .raw();
  }

  /** Well-formed, of the right committee, over something else. */
  const badSignature = (period: number) => update(period, { forkVersion: new Uint8Array(4).fill(9) }).raw();

  /** A source that sends these instead of its updates of these periods. */
  function liar(name: string, lies: Record<number, RawObject>): FakeSource {
    const source = chain.source(name);
    const honest = source.updates;
    source.updates = async (start, count, options) =>
      (await honest(start, count, options)).map((raw, i) => (start + i in lies ? lies[start + i]! : raw));
    return source;
  }

  /** Everything that a pass says and leaves behind. */
  async function outcomeOf(bls: BlstBls, sources: readonly FakeSource[]) {
    for (const source of sources) source.requests.splice(0);
    const client = chain.client({ bls, sources, maxHeadAgeSlots: Number.POSITIVE_INFINITY });
    const log = record(client);
    const result = await drive(chain.clock, client.syncOnce()).catch((error) => ({ thrown: error.code }));
    await client.stop();
    return {
      result: "head" in result ? { periods: result.periods } : result,
      errors: log.error.map(({ error, source }) => ({ source, code: error.code, details: error.details })),
      committees: log.committee,
      participation: log.participation,
      evidence: client.evidence,
      head: client.head,
      finalized: client.finalized,
      updatesAsked: sources.map(({ requests }) => requests.filter((route) => route === "updates").length),
    };
  }

  /** Both ways; they must agree. Gives what they agree on, and how the batches went. */
  async function sync(...makers: (() => FakeSource)[]) {
    const batching = counting(real);
    const outcome = await outcomeOf(
      batching,
      makers.map((make) => make()),
    );
    const oneByOne = await outcomeOf(
      counting(real, false),
      makers.map((make) => make()),
    );
    expect(outcome).to.deep.equal(oneByOne);
    const blamed = outcome.errors.map(({ source, code }) => `${source} ${code}`);
    return { ...outcome, blamed, batches: batching.batches, singles: batching.singles };
  }

  const honest =
    (name = "honest") =>
    () =>
      chain.source(name);

  /** Every committee is the true one of its period, each told once, in order. */
  function expectTrueCommittees(committees: readonly { period: number; aggregatePubkey: string }[], upTo: number) {
    const expected = Array.from({ length: upTo + 1 }, (_, period) => ({
      period,
      aggregatePubkey: toHex(chain.forge.committee(period).value.aggregatePubkey),
    }));
    expect(committees.map(({ period, aggregatePubkey }) => ({ period, aggregatePubkey }))).to.deep.equal(expected);
  }

  it("verifies an honest source's updates in few batches, and tells the same", async () => {
    const { result, errors, committees, batches, updatesAsked } = await sync(honest());
    expect(result).to.deep.equal({ periods: PERIODS });
    expect(errors).to.deep.equal([]);
    expect(batches).to.deep.equal([8, 8, 3]);
    expect(updatesAsked).to.deep.equal([1]);
    expectTrueCommittees(committees, PERIODS);
  });

  for (let at = 0; at < PERIODS; at++) {
    it(`finds the one false signature at ${at} of ${PERIODS}, keeps what is before it, and blames its source`, async () => {
      const { result, errors, committees, updatesAsked } = await sync(
        () => liar("liar", { [at]: badSignature(at) }),
        honest(),
      );
      expect(errors).to.have.length(1);
      expect(errors[0]).to.deep.include({ source: "liar", code: "SIGNATURE_INVALID" });
      expect(errors[0]!.details).to.deep.include({ reason: "mismatch", attestedSlot: at * PERIOD_SLOTS + 61 });
      expect(result).to.deep.equal({ periods: PERIODS });
      expect(updatesAsked).to.deep.equal([1, 1]);
      expectTrueCommittees(committees, PERIODS);
      // the first `at` are of the liar: they were true
      expect(committees.map(({ trust }) => trust.source)).to.deep.equal(
        committees.map((_, i) => (i <= at ? "liar" : "honest")),
      );
    });
  }

  it("does not verify the kept ones again: each half once, and one signature by itself", async () => {
    const { batches, singles } = await sync(() => liar("liar", { 5: badSignature(5) }), honest());
    // 8 refused; halved as 4, 2, 1; then 5 by itself; then the honest one's 14 from there
    expect(batches.slice(0, 4)).to.deep.equal([8, 4, 2, 1]);
    expect(batches.slice(4)).to.deep.equal([8, 6]);
    // the false one, and the head
    expect(singles).to.equal(2);
  });

  for (const [first, second] of [
    [2, 6],
    [0, 7],
    [3, 12],
    [6, 7],
  ] as const) {
    it(`names the first of two false signatures (${first} and ${second})`, async () => {
      const lies = { [first]: badSignature(first), [second]: badSignature(second) };
      const { errors, committees } = await sync(() => liar("liar", lies), honest());
      expect(errors).to.have.length(1);
      expect(errors[0]!.details).to.deep.include({ attestedSlot: first * PERIOD_SLOTS + 61 });
      expectTrueCommittees(committees, PERIODS);
    });
  }

  it("names each of two liars, and a third source goes on from where the second one failed", async () => {
    const { errors, committees, updatesAsked } = await sync(
      () => liar("first", { 3: badSignature(3) }),
      () => liar("second", { 3: chain.update(3)!, 11: badSignature(11) }),
      honest("third"),
    );
    expect(
      errors.map(({ source, details }) => [source, (details as { attestedSlot: number }).attestedSlot]),
    ).to.deep.equal([
      ["first", 3 * PERIOD_SLOTS + 61],
      ["second", 11 * PERIOD_SLOTS + 61],
    ]);
    expect(updatesAsked).to.deep.equal([1, 1, 1]);
    expectTrueCommittees(committees, PERIODS);
  });

  it("keeps what is before it when there is nobody else to ask", async () => {
    const { result, blamed, committees } = await sync(() => liar("liar", { 10: badSignature(10) }));
    expect(result).to.deep.equal({ thrown: "NO_SOURCE_ANSWERED" });
    expect(blamed).to.deep.equal(["liar SIGNATURE_INVALID"]);
    expectTrueCommittees(committees, 10);
  });

  it("finds two false signatures whose errors cancel when they are added up", async () => {
    const error = secretKey("error").sign(new Uint8Array(32)).serialize();
    const lies = {
      2: withSignature(2, (known) => addSignatures(known, error)),
      5: withSignature(5, (known) => addSignatures(known, negatedPoint(error))),
    };
    const { errors, committees } = await sync(() => liar("liar", lies), honest());
    expect(errors).to.have.length(1);
    expect(errors[0]!.details).to.deep.include({ reason: "mismatch", attestedSlot: 2 * PERIOD_SLOTS + 61 });
    expectTrueCommittees(committees, PERIODS);
  });

  it("never tells of a committee that a false signature names, however consistent all after it is", async () => {
    for (const at of [0, 4, 7, 8, 15]) {
      const lies: Record<number, RawObject> = {};
      const evil = (period: number) => chain.forge.otherCommittee(`evil ${period}`);
      for (let period = at; period < PERIODS; period++) {
        // from here on everything is the attacker's, truly signed by the committees that it made up
        lies[period] = update(period, { committee: evil(period), attested: { nextCommittee: evil(period + 1) } }).raw();
      }
      const { errors, committees, finalized } = await sync(() => liar("liar", lies), honest());
      expect(errors).to.have.length(1);
      expect(errors[0]).to.deep.include({ source: "liar", code: "SIGNATURE_INVALID" });
      expect(errors[0]!.details).to.deep.include({ attestedSlot: at * PERIOD_SLOTS + 61 });
      expectTrueCommittees(committees, PERIODS);
      expect(finalized!.trust.source).to.equal("honest");
    }
  });

  it("keeps no evidence of a contradiction that only made-up committees signed", async () => {
    const evil = chain.forge.otherCommittee("evil");
    const lies = {
      // a false signature makes `evil` the committee of period 4 ...
      3: update(3, { committee: evil, attested: { nextCommittee: evil } }).raw(),
      4: update(4, { committee: evil, attested: { nextCommittee: evil } }).raw(),
      // ... which then contradicts itself
      5: update(4, { committee: evil, attested: { nextCommittee: chain.forge.otherCommittee("other") } }).raw(),
    };
    const { blamed, evidence } = await sync(() => liar("liar", lies), honest());
    expect(blamed).to.deep.equal(["liar SIGNATURE_INVALID"]);
    expect(evidence).to.deep.equal([]);
  });

  it("keeps the evidence of a contradiction that a true committee signed, in the middle of a batch", async () => {
    const other = chain.forge.otherCommittee("other");
    // the update of period 5 once more, naming another successor, where that of period 6 was asked for
    const lies = { 6: update(5, { attested: { nextCommittee: other } }).raw() };
    const { blamed, evidence, committees } = await sync(() => liar("liar", lies), honest());
    expect(blamed).to.deep.equal(["liar NEXT_COMMITTEE_CONFLICT"]);
    expect(evidence).to.have.length(1);
    expect(evidence[0]!.received).to.include({ source: "liar", slot: 5 * PERIOD_SLOTS + 61 });
    expectTrueCommittees(committees, PERIODS);
  });

  describe("refuses as one by one, in the middle of a batch,", () => {
    const branchOf = (period: number, name: "nextSyncCommitteeBranch" | "finalityBranch") =>
      update(period)
        .edit((wire) => {
          wire[name][1]![0]! ^= 1;
        })
        .raw();
    const cases: [string, () => RawObject, string][] = [
      [
        "a next committee branch that proves nothing",
        () => branchOf(4, "nextSyncCommitteeBranch"),
        "NEXT_COMMITTEE_BRANCH_INVALID",
      ],
      ["a finality branch that proves nothing", () => branchOf(4, "finalityBranch"), "FINALITY_BRANCH_INVALID"],
      ["another committee than the proven one", () => withCommittee(4), "NEXT_COMMITTEE_BRANCH_INVALID"],
      ["a fork that does not exist", () => update(4).raw({ claim: "narwhal" }), "FORK_UNKNOWN"],
      ["the shape of another fork", () => update(4).raw({ claim: "capella" }), "INPUT_TOO_LARGE"],
      ["a signature of another fork's version", () => badSignature(4), "SIGNATURE_INVALID"],
      ["the update before it again", () => chain.update(3)!, "RESPONSE_INVALID"],
      ["the update after it", () => chain.update(5)!, "RESPONSE_INVALID"],
      ["too few bytes", () => ({ encoding: "ssz", bytes: new Uint8Array(10), fork: "electra" }), "DECODE_FAILED"],
      ["nothing at all", () => undefined as unknown as RawObject, "UNEXPECTED"],
      ["an update from the future", () => fromTheFuture(4), "UPDATE_FROM_FUTURE"],
      ["an update that proves no finality", () => update(4, { finalizedSlot: null }).raw(), "CATCH_UP_INCOMPLETE"],
      ["an update that too few signed", () => update(4, { participants: 20 }).raw(), "CATCH_UP_INCOMPLETE"],
      ["an update that nobody signed", () => update(4, { participants: 0 }).raw(), "PARTICIPATION_TOO_LOW"],
    ];
    function withCommittee(period: number): RawObject {
      return update(period)
        .edit((wire) => {
          wire.nextSyncCommittee = chain.forge.otherCommittee("other").value;
        })
        .raw();
    }
    function fromTheFuture(period: number): RawObject {
      return update(period)
        .edit((wire) => {
          wire.signatureSlot = 10_000_000;
        })
        .raw();
    }
    for (const [what, make, code] of cases) {
      it(what, async () => {
        const { blamed, committees, result } = await sync(() => liar("liar", { 4: make() }), honest());
        expect(blamed).to.deep.equal([`liar ${code}`]);
        expect(result).to.deep.equal({ periods: PERIODS });
        expectTrueCommittees(committees, PERIODS);
      });
    }

    const signatures: [string, Uint8Array, string][] = [
      ["infinity", INFINITY_SIGNATURE, "signature-infinity"],
      ["a point outside the subgroup", SIGNATURE_OUTSIDE_SUBGROUP, "signature-subgroup"],
      ["no point", new Uint8Array(96).fill(0xff), "signature-encoding"],
    ];
    for (const [what, signature, reason] of signatures) {
      it(`${what} as a signature, and says so`, async () => {
        const { errors } = await sync(() => liar("liar", { 4: withSignature(4, signature) }), honest());
        expect(errors).to.have.length(1);
        expect(errors[0]!.details).to.deep.include({ reason, attestedSlot: 4 * PERIOD_SLOTS + 61 });
      });
    }
  });

  it("verifies a single period by itself", async () => {
    const near = await createFakeChain({ slot: PERIOD_SLOTS + 11 });
    const bls = counting(real);
    const client = near.client({ bls, maxHeadAgeSlots: Number.POSITIVE_INFINITY });
    record(client);
    await drive(near.clock, client.syncOnce());
    expect({ batches: bls.batches, isVerified: bls.singles > 0 }).to.deep.equal({ batches: [], isVerified: true });
  });

  it("ends at once when a listener stops the client in the middle of a batch, and tells no more", async () => {
    const client: LightClient = chain.client({ bls: counting(real) });
    const log = record(client);
    let stopped: Promise<void> | undefined;
    client.on("committee", ({ period }) => {
      if (period === 3) stopped = client.stop();
    });
    const thrown = await drive(chain.clock, client.syncOnce()).catch((error) => error.code);
    await stopped;
    expect(thrown).to.equal("CLIENT_STOPPED");
    expect(log.committee.map(({ period }) => period)).to.deep.equal([0, 1, 2, 3]);
  });
});
