import { expect } from "chai";
import type { ErrorCode } from "../../../src/errors.js";
import { FAULT_KINDS } from "../../devnet/src/client.ts";
import { watchUnhandled } from "../../unit/client/waiting.js";
import { expectTrueHeader } from "./expect-truth.js";
import { casesOf, kindsWithoutCase, PHASES, phasesNotRun, TRULY_SIGNED } from "./fault-cases.js";
import { type FaultRun, runAll, stopAll } from "./fault-runs.js";
import { createWorld, type World } from "./world.js";

/** Slots behind that a client which follows may be: the newest block is signed by the next one. */
const FOLLOWS = 2;
/** Finality of the newest epochs, and a poll for it in the middle of the next. */
const FINALIZES = 32;

/** Not the source's fault (or not for sure): it may be asked again before a minute has passed. */
const NOT_EVICTED: readonly ErrorCode[] = [
  "NOT_AVAILABLE",
  "NETWORK_FAILED",
  "REQUEST_TIMEOUT",
  "HTTP_STATUS",
  "RESPONSE_INVALID",
  "INPUT_TOO_LARGE",
  "SUBSCRIPTION_FAILED",
  "UPDATE_FROM_FUTURE",
  "CATCH_UP_INCOMPLETE",
];

describe("every fault of the devnet", () => {
  it("has an expectation", () => {
    expect(kindsWithoutCase()).to.deep.equal([]);
  });

  it("is run in every phase that it can strike in", () => {
    const missing = FAULT_KINDS.flatMap((kind) => phasesNotRun(kind).map((phase) => `${kind}: ${phase}`));
    expect(missing).to.deep.equal([
      // a bootstrap is that of its root, however old the head
      "stale-head: bootstrap",
      // the devnet's event stream does not look at these
      "json-only: streaming",
      "ssz-only: streaming",
      "wrong-content-type: streaming",
      "oversized: streaming",
      "drip: streaming",
    ]);
  });
});

for (const phase of PHASES) {
  describe(`a fault during ${phase}`, function () {
    this.timeout(120_000);
    watchUnhandled();
    let world: World;
    let runs: FaultRun[] = [];

    before(async () => {
      world = await createWorld({ forks: { capella: 0, deneb: 4, electra: 8, fulu: 20 }, preSlots: 206 });
      const { root } = await world.devnet.checkpoint({ epoch: 9 });
      runs = await runAll(world, phase, root);
    });
    after(async () => {
      await stopAll(runs);
      await world?.stop();
    });

    casesOf(phase).forEach(({ name, outcome }, i) => {
      it(`${name}: ${outcome}; alone, and beside an honest source`, async () => {
        const [alone, helped] = [runs[2 * i]!, runs[2 * i + 1]!];
        for (const run of [alone, helped]) {
          expect(run.during.struck.length, "answers that it spoilt").to.be.greaterThan(0);
        }
        expectTold(alone, false);
        expectTold(helped, true);
        expectAlone(alone);
        expectHelped(helped);
        for (const run of [alone, helped]) await expectRecovered(run);
      });
    });

    /** The source is reported with the code that is expected, and with no other. */
    function expectTold({ case: { outcome }, during: { errors, struck } }: FaultRun, isHelped: boolean): void {
      const about = errors.filter((error) => error.startsWith("faulty "));
      const told = about.filter((error) => phase === "streaming" || !error.endsWith(" SUBSCRIPTION_FAILED"));
      // who is slow beside a quick one is hung up on before it is late: nothing went wrong
      if (isHelped && outcome === "REQUEST_TIMEOUT" && told.length === 0) return;
      const isUntold = ["fine", "idle", "NOT_AVAILABLE"].includes(outcome);
      expect(told).to.deep.equal(isUntold ? [] : [`faulty ${outcome}`]);
      const isEvicted = !isUntold && !NOT_EVICTED.includes(outcome as ErrorCode);
      if (!isEvicted || phase === "streaming") return;
      // the last one was the offence: the fault may spare other routes before it
      const offences = struck.filter(({ route }) => route === struck.at(-1)!.route);
      expect(offences, "asked again while evicted").to.have.length(1);
    }

    /** The client goes on if it can; if it cannot, it says so, one way or another. */
    function expectAlone({ case: { outcome, fault }, during }: FaultRun): void {
      // once a true finality has come beside the forged one: nobody can know which is which
      if (fault.kind === "forged-finality" && during.state === "stopped") {
        expect(during.errors).to.include("null FINALITY_CONFLICT");
        return;
      }
      if (outcome === "fine") {
        expect(during.state).to.equal("following");
        expect(during.headAge).to.be.at.most(4);
        return;
      }
      if (phase === "streaming" || outcome === "idle") return;
      const isTold = during.errors.length > 0 || typeof during.started === "string";
      expect(isTold, "an error event, or a start that rejects").to.equal(true);
    }

    /** The client gets where it would without the fault, and blames nobody but the faulty source. */
    function expectHelped({ case: { fault }, during }: FaultRun): void {
      if (fault.kind === "conflicting-next-committee") {
        expect(during.state).to.equal("stalled");
        return;
      }
      expect(during.started, "the head it started with").to.be.a("number");
      if (fault.kind === "forged-finality" && during.state === "stopped") {
        expect(during.errors).to.include("null FINALITY_CONFLICT");
        return;
      }
      expect(during.state).to.equal("following");
      expect(during.headAge).to.be.at.most(FOLLOWS);
      expect(during.finalizedAge).to.be.at.most(FINALIZES);
      const others = during.errors.filter((error) => !error.startsWith("faulty "));
      // a signed block of a slot to come shows that the clock is behind: here, it is the block that came early
      const isTold = (error: string) => fault.kind === "future-head" && error === "null CLOCK_SKEWED";
      expect(others.filter((error) => !error.endsWith(" SUBSCRIPTION_FAILED") && !isTold(error))).to.deep.equal([]);
    }

    /** Nothing that was told was wrong, and nothing is left of the fault once it is gone. */
    async function expectRecovered({ case: { fault }, log, after }: FaultRun): Promise<void> {
      if (TRULY_SIGNED.includes(fault.kind)) return;
      for (const header of [...log.head, ...log.finality]) await expectTrueHeader(world, header);
      expect(after.state, "status afterwards").to.equal("following");
      expect(after.headAge, "age of the head afterwards").to.be.at.most(FOLLOWS);
      expect(after.finalizedAge, "age of finality afterwards").to.be.at.most(FINALIZES);
    }
  });
}
