/**
 * The dashboard's own page and board, and a made-up network instead of a watch: models as `watch.ts` makes them once a
 * second, on demand and as fast as they can be drawn. A test asks it for hours.
 */
import type { SourceStatus, VerifiedHeader } from "sidelight";
import {
  type Anomaly,
  createSeries,
  type EpochValues,
  METRICS,
  type Metric,
  type MetricValues,
} from "sidelight/health";
import { createBoard } from "../../../examples/dashboard/src/board.ts";
import { createJudge } from "../../../examples/dashboard/src/judge.ts";
import { emptyModel, type Model, withSlot } from "../../../examples/dashboard/src/model.ts";
import { createDraw, healthyEpoch, INCIDENTS } from "../../unit/health/simulate.ts";
import { findFaint } from "./contrast.ts";

const SECONDS_PER_SLOT = 12;
const SLOTS_PER_EPOCH = 32;
const FIRST_EPOCH = 400_000;
/** Walked through in the first hour: with them all that is bounded is full. */
const PAST_EPOCHS = 640;
/** Something happens each 20 epochs, for two of them. */
const INCIDENT_EVERY = 20;
const HOUR = 3600;
/** Updates between two frames that are on the screen. */
const FRAME_EVERY = 900;

export interface Day {
  /** Goes on by so many seconds, an update each, and ends with a frame on the screen. */
  pass(seconds: number): Promise<void>;
  model(): Model;
  /** All since the page was opened. */
  anomalies(): readonly Anomaly[];
  /** What has happened to the page since it was opened. */
  readonly seen: Seen;
  findFaint: typeof findFaint;
}

export interface Seen {
  /** Texts that were written though they were there, nodes that came or went outside the log, nodes that came into it. */
  rewritten: number;
  replaced: string[];
  told: number;
  shifts: { readonly value: number; readonly what: string }[];
  updates: number;
}

const draw = createDraw(41);
const board = createBoard((run) => run());
const series = createSeries();
const judge = createJudge(SLOTS_PER_EPOCH);
let model = emptyModel("mainnet", SLOTS_PER_EPOCH);
let second = 0;
const seen: Seen = { rewritten: 0, replaced: [], told: 0, shifts: [], updates: 0 };

/** As the network is, by epoch: what blocks tell of it comes two epochs after the rest. */
const truths = new Map<number, MetricValues>();
function truthOf(epoch: number): MetricValues {
  const known = truths.get(epoch);
  if (known !== undefined) return known;
  const healthy = healthyEpoch(draw);
  const since = epoch % INCIDENT_EVERY;
  const incident = since < 2 ? INCIDENTS[Math.floor(epoch / INCIDENT_EVERY) % INCIDENTS.length] : undefined;
  const values = { ...healthy, ...incident?.change(healthy, draw, since) };
  truths.set(epoch, values);
  truths.delete(epoch - 8);
  return values;
}

function told(epoch: number, isWhole: boolean): EpochValues {
  const entries = Object.entries(truthOf(epoch)) as [Metric, number][];
  return {
    epoch,
    values: Object.fromEntries(entries.filter(([metric]) => isWhole || METRICS[metric].from !== "blocks")),
  };
}

function took(epochs: readonly EpochValues[]): Partial<Model> {
  for (const epoch of epochs) series.add(epoch);
  const points = series.points();
  return { points, judgements: judge(points) };
}

const sourceOf = (source: string, i: number): SourceStatus =>
  ({
    source,
    availability: 0.98 + 0.02 * draw.uniform(),
    validity: 1,
    freshness: 0.9 + 0.1 * draw.uniform(),
    latencyMs: 80 + 400 * draw.uniform(),
    pauseMs: draw.uniform() < 0.02 ? 2000 : 0,
    isEvicted: false,
    requests: second * (i + 1),
  }) as SourceStatus;

function headerOf(slot: number): VerifiedHeader {
  const digits = Array.from({ length: 64 }, () => Math.floor(16 * draw.uniform()).toString(16)).join("");
  const epoch = Math.floor(slot / SLOTS_PER_EPOCH);
  return { slot, epoch, root: `0x${digits}`, timeSeconds: Math.floor(Date.now() / 1000) - 4 } as VerifiedHeader;
}

function update(): void {
  const slot = FIRST_EPOCH * SLOTS_PER_EPOCH + Math.floor(second / SECONDS_PER_SLOT);
  const epoch = Math.floor(slot / SLOTS_PER_EPOCH);
  const within = second % SECONDS_PER_SLOT;
  const change = (known: Partial<Model>) => {
    model = { ...model, ...known };
    seen.updates++;
    board.take(model);
  };
  if (second === 0) change({ status: { state: "following" } as Model["status"] });
  if (second === HOUR / 4) {
    change({ progress: { epoch: 1, done: 1, total: PAST_EPOCHS, elapsedMs: 1000, remainingMs: 60_000 } as never });
  }
  if (second === HOUR / 3) {
    const past = Array.from({ length: PAST_EPOCHS }, (_, i) => told(epoch - PAST_EPOCHS - 2 + i, true));
    change({ progress: null, ...took(past) });
  }
  if (within === 0) {
    const finality = truthOf(epoch).finalityDistance ?? null;
    change({ clockSlot: slot, slots: withSlot(model.slots, slot, { headAge: 1, finality }) });
  } else if (within === 4) {
    const { syncParticipation, responsiveParticipation } = truthOf(epoch);
    const known = { participation: syncParticipation!, responsive: responsiveParticipation!, unresponsive: slot % 9 };
    change({
      head: headerOf(slot),
      sources: ["a.example", "b.example"].map(sourceOf),
      slots: withSlot(model.slots, slot - 1, known),
    });
    if (slot % SLOTS_PER_EPOCH === 2) {
      change({
        ...took([told(epoch - 1, false), told(epoch - 2, true)]),
        finalized: headerOf(slot - 2 * SLOTS_PER_EPOCH),
      });
    }
    if (slot % 500 === 0)
      change({ faults: { "b.example": `block of slot ${slot}: expected root ${model.head!.root}` } });
    if (slot % 700 === 0) change({ troubles: { blocks: "b.example did not answer within 10 s" } });
    if (slot % 700 === 1) change({ troubles: {} });
  } else change({ clockSlot: slot });
  second++;
}

const log = document.getElementById("news")!;
const observer = new MutationObserver(look);
observer.observe(document.documentElement, {
  subtree: true,
  childList: true,
  characterData: true,
  characterDataOldValue: true,
});
function look(records: readonly MutationRecord[]): void {
  for (const { type, target, oldValue, addedNodes, removedNodes } of records) {
    if (type === "characterData") seen.rewritten += oldValue === (target as Text).data ? 1 : 0;
    else if (target === log) seen.told += addedNodes.length;
    else {
      const of = target as Element;
      const nodes = [
        ...Array.from(addedNodes, ({ nodeName }) => `+${nodeName}`),
        ...Array.from(removedNodes, ({ nodeName }) => `-${nodeName}`),
      ];
      seen.replaced.push(`${of.closest("[id]")?.id} ${of.nodeName} ${nodes.join(" ")}`);
    }
  }
}

interface LayoutShift extends PerformanceEntry {
  readonly value: number;
  readonly sources: readonly { readonly node: Node | null }[];
}
new PerformanceObserver((list) => {
  for (const { value, sources } of list.getEntries() as LayoutShift[]) {
    const names = sources.map(({ node }) => {
      const of = node instanceof Element ? node : node?.parentElement;
      return `${of?.closest("[id]")?.id} ${of?.nodeName} ${of?.textContent?.slice(0, 20)}`;
    });
    seen.shifts.push({ value, what: names.join(", ") });
  }
}).observe({ type: "layout-shift", buffered: true });

const nextFrame = () => new Promise<void>((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

const day: Day = {
  async pass(seconds) {
    for (let i = 1; i <= seconds; i++) {
      update();
      look(observer.takeRecords());
      if (i % FRAME_EVERY === 0 || i === seconds) await nextFrame();
    }
  },
  model: () => model,
  anomalies: () => model.judgements.flatMap(({ epoch, anomalies }) => (epoch >= FIRST_EPOCH ? anomalies : [])),
  seen,
  findFaint,
};
document.getElementById("board")!.hidden = false;
Object.assign(window, { day });
