/**
 * Every fault of the devnet's servers, in every phase of a client, in bad company and in good: what comes of it is the
 * right head or a typed state, and never a wrong header, a hang, growth in memory, or a storm of requests. (What each
 * fault is reported as is in test/e2e/client/fault-cases.ts.)
 */
import { expect } from "chai";
import type { FaultKind } from "../devnet/src/client.ts";
import { expectTrueHeader } from "../e2e/client/expect-truth.js";
import { TRULY_SIGNED } from "../e2e/client/fault-cases.js";
import { createWorld, type World } from "../e2e/client/world.js";
import { FUZZ } from "../support/fuzz.js";
import { watchUnhandled } from "../unit/client/waiting.js";
import { mostRequests, mostRequestsOfOne, type Span } from "./grid/bounds.js";
import { type Cell, cellsOf, deadCellsOf, PHASES, VARIANTS } from "./grid/cells.js";
import { type CellRun, FAULT_SLOTS, type GridRun, LATE_SLOTS, runGrid, stopAll } from "./grid/run.js";

/** Slots behind that a client which follows may be: the newest block is signed by the next one. */
const FOLLOWS = 2;
/** Finality of the newest epochs, and a poll for it in the middle of the next. */
const FINALIZES = 32;
/** `maxHeadAgeSlots`: an epoch, beyond which a head is not told as current. */
const FRESH = 8;
/** The heads of the last 64 slots are kept to be compared with: an update each. What grows for longer, soak.test.ts shows. */
const GROWTH_BYTES = 40_000;
/** Pauses between streams of one source: 1, 2, 4 ... s. */
const STREAMS = 8;

/** Of what honest sources say, and truly signed all the same. */
const CONTRADICTIONS: readonly FaultKind[] = ["conflicting-next-committee", "forged-finality"];

const STATES = ["idle", "bootstrapping", "catching-up", "following", "stalled", "stopped", "throttled"];

describe("the grid of faults, phases and company", function () {
  this.timeout(600_000);
  watchUnhandled();
  let world: World;
  let grid: GridRun;

  before(async () => {
    world = await createWorld({ forks: { capella: 0, deneb: 4, electra: 8, fulu: 20 }, preSlots: 150 });
    const { root } = await world.devnet.checkpoint({ epoch: 9 });
    grid = await runGrid(world, root, 206);
    if (process.env["SIDELIGHT_REPORT"] !== undefined) {
      console.log(`${grid.runs.length} cells; ${grid.grownBytesPerCellSlot.toFixed(0)} bytes more a cell and slot`);
    }
  });
  after(async () => {
    await stopAll(grid);
    await world.stop();
  });

  const runOf = (cell: Cell): CellRun =>
    grid.runs.find((run) => run.cell.name === cell.name && run.cell.phase === cell.phase)!;

  it("has every fault spoil answers", () => {
    const idle = [...grid.struck].filter(([, count]) => count === 0).map(([name]) => name);
    expect(idle).to.deep.equal([]);
    expect(new Set(VARIANTS.map(({ fault }) => fault.kind)).size).to.be.at.least(FUZZ > 1 ? 1 : VARIANTS.length);
  });

  it("does not make memory grow", () => {
    expect(grid.grownBytesPerCellSlot).to.be.below(GROWTH_BYTES);
  });

  for (const phase of PHASES) {
    describe(`during ${phase}`, () => {
      for (const cell of [...cellsOf(phase), ...deadCellsOf(phase)]) {
        it(cell.name, async () => {
          const run = runOf(cell);
          await expectTruth(run);
          expectTyped(run);
          expectNoStorm(run);
          if (cell.company === "one liar among two honest") expectHelped(run);
          expectRecovered(run);
        });
      }
    });
  }

  const isTrulySigned = ({ cell }: CellRun) => TRULY_SIGNED.includes(cell.variant.fault.kind);

  /** Nothing that was told is wrong; but what 2/3 of the committee have signed, nobody can tell from the truth. */
  async function expectTruth(run: CellRun): Promise<void> {
    if (isTrulySigned(run)) return;
    const { client, told } = run;
    for (const header of [client.head, client.finalized]) if (header !== null) await expectTrueHeader(world, header);
    for (const entry of told) {
      const [slot, root] = entry.split(" ");
      expect((await world.truth(Number(slot))).root, `the header of slot ${slot}`).to.equal(root);
    }
  }

  /** Either it is where it can be, or it says that it is not: nothing is silent, nothing is an error of another making. */
  function expectTyped({ codes, states, during }: CellRun): void {
    expect([...codes.keys()], "errors without a code").to.not.include(null);
    for (const state of [...states, during.state]) expect(state).to.be.oneOf(STATES);
    if (typeof during.started === "string") expect(during.started).to.match(/^[A-Z_]+$/);
    const isCurrent = during.state === "following" && during.headAge <= FRESH;
    if (isCurrent) return;
    const isTold = typeof during.started === "string" || codes.size > 0;
    expect(isTold, `${during.state}, ${during.headAge} slots behind, and nothing told`).to.equal(true);
    if (during.state !== "stalled" && during.state !== "stopped") {
      expect(during.state, "a start under way").to.be.oneOf(["bootstrapping", "catching-up"]);
      expect(during.started).to.equal(null);
    } else expect(during.reason).to.be.a("string").and.not.equal("");
  }

  function expectNoStorm({ cell, sources, during: { counts } }: CellRun): void {
    const { slotMs, network } = world;
    const span = (slots: number, startedMs: number): Span => ({
      ...{ slots, slotMs, startedMs, slotsPerEpoch: network.preset.slotsPerEpoch },
      ...{ periods: 2, sources: sources.length },
    });
    const isStarted = cell.phase === "follow";
    const late = span(LATE_SLOTS, (FAULT_SLOTS - LATE_SLOTS) * slotMs);
    for (const [of, each] of [
      [span(FAULT_SLOTS, 0), counts.all],
      [late, counts.late],
    ] as const) {
      const mostOfOne = mostRequestsOfOne(of, isStarted);
      for (const requests of each.requests) expect(requests).to.be.at.most(mostOfOne);
      for (const streams of each.streams) expect(streams).to.be.at.most(STREAMS);
      const helpers = cell.company === "one liar among two honest" ? each.requests.slice(1) : [];
      const [liar = 0] = each.requests;
      const total = helpers.reduce((sum, requests) => sum + requests, 0);
      // what the liar spoilt was asked of somebody else
      expect(total, "requests to the honest ones").to.be.at.most(mostRequests(of, isStarted, liar));
    }
  }

  /** Honest sources get it where it would be without the liar. */
  function expectHelped(run: CellRun): void {
    const { cell, during, codes } = run;
    // a committee or finality that nobody else has, signed by the real committee: the client fails closed, and says so
    if (CONTRADICTIONS.includes(cell.variant.fault.kind) && during.state !== "following") {
      expect(during.state).to.be.oneOf(["stalled", "stopped"]);
      expect(codes.size).to.be.greaterThan(0);
      return;
    }
    expect(during.started, "the head it started with").to.be.a("number");
    expect(during.state).to.equal("following");
    expect(during.headAge).to.be.at.most(FOLLOWS);
    expect(during.finalizedAge).to.be.at.most(FINALIZES);
  }

  /** Nothing is left of a fault that is gone. */
  function expectRecovered(run: CellRun): void {
    if (isTrulySigned(run)) return;
    const { after } = run;
    expect(after.started).to.be.a("number");
    expect(after.state).to.equal("following");
    expect(after.headAge).to.be.at.most(FOLLOWS);
    expect(after.finalizedAge).to.be.at.most(FINALIZES);
  }
});
