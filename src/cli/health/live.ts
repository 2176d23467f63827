/** `sidelight health --live`: each epoch as it comes, from what the client verifies and from blocks behind its head. */

import { isSidelightError } from "../../errors.js";
import { createBlockFollower } from "../../health/blocks/follow.js";
import { createDetector } from "../../health/detector.js";
import { csvHeader, csvLine, toJsonLines } from "../../health/export.js";
import { feedHealth } from "../../health/feed.js";
import { createLightHealth } from "../../health/light.js";
import { type EpochValues, METRICS, type Metric, type MetricValues } from "../../health/metrics.js";
import { slotAtTime } from "../../networks/schedule.js";
import type { ExitCode } from "../failure.js";
import type { Interruption } from "../interruption.js";
import type { Screen, Terminal } from "../render/screen.js";
import type { Style } from "../render/style.js";
import { runFollow } from "../run.js";
import type { Session } from "../session.js";
import { createBlockPool } from "./blocks.js";
import { openSeries, tellNotKept } from "./keeper.js";
import { renderAnomaly, renderBoard } from "./render.js";
import type { HealthSettings } from "./settings.js";
import { sparkline } from "./sparkline.js";

/** Slots of participation that are shown. */
const SLOTS_SHOWN = 256;

export async function runHealthLive(
  health: HealthSettings,
  session: Session,
  terminal: Terminal,
  screen: Screen,
  style: Style,
  interruption: Interruption,
): Promise<ExitCode> {
  const { client, network, reporter } = session;
  const { slotsPerEpoch } = network.preset;
  const ended = new AbortController();
  const series = await openSeries(network, health.settings.store, (message) => reporter.warn(message));
  const detectorOptions = {
    slotsPerEpoch,
    ...(health.threshold === undefined ? {} : { threshold: health.threshold }),
  };
  // two, as blocks can say something of an epoch only two epochs later
  const detectors = { signatures: createDetector(detectorOptions), blocks: createDetector(detectorOptions) };
  const newest = { signatures: -1, blocks: -1 };
  const active: { signatures: readonly Metric[]; blocks: readonly Metric[] } = { signatures: [], blocks: [] };
  const onNotKept = tellNotKept(reporter);
  const rates: number[] = [];
  const isText = health.format === "text";
  if (health.format === "csv") terminal.out(`${csvHeader()}\r\n`);

  function judge(which: keyof typeof detectors, { epoch, values }: EpochValues, isTold = true): void {
    if (epoch <= newest[which]) return;
    newest[which] = epoch;
    const judgement = detectors[which].push({ epoch, values: valuesOf(which, values) });
    active[which] = judgement.active;
    if (!isTold) return;
    for (const anomaly of judgement.anomalies) {
      if (isText) screen.print(`${anomaly.kind === "begin" ? style.red("!") : " "} ${renderAnomaly(anomaly)}`);
      else reporter.warn(renderAnomaly(anomaly));
    }
  }

  function draw(): void {
    if (!isText || !screen.inPlace) return;
    const slots = `${"  participation by slot".padEnd(32)} ${style.cyan(sparkline(rates, terminal.columns() - 36, 0.05))}`;
    screen.draw([
      slots,
      ...renderBoard(series.points(), [...active.signatures, ...active.blocks], terminal.columns(), style),
    ]);
  }

  function complete(epoch: number, values: MetricValues): void {
    series.add({ epoch, values });
    const whole = series.points().find((point) => point.epoch === epoch && point.epochs === 1) ?? { epoch, values };
    if (health.format === "csv") terminal.out(`${csvLine(whole)}\r\n`);
    else if (health.format === "jsonl") terminal.out(toJsonLines([whole]));
    else if (!screen.inPlace)
      for (const line of [`epoch ${epoch}`, ...renderBoard([whole], [], 80, style)]) screen.print(line);
    void series.save().catch(onNotKept);
  }

  // a baseline from the last run, so that this one need not begin without
  for (const point of series.points()) {
    if (point.epochs !== 1) continue;
    judge("signatures", point, false);
    if (point.values.voteParticipation !== undefined) judge("blocks", point, false);
  }

  const light = createLightHealth({ network });
  const follower = createBlockFollower({ network, blocks: createBlockPool(health, reporter, ended.signal) });
  const endFeed = feedHealth(client, light, (report) => {
    if (report.kind === "slot") {
      rates.push(report.slot.participation);
      if (rates.length > SLOTS_SHOWN) rates.shift();
    }
    if (report.kind === "epoch") {
      series.add(report.epoch);
      judge("signatures", report.epoch);
    }
    draw();
  });
  const endHeads = client.on("head", async (head) => {
    try {
      for (const { epoch, values } of await follower.head(head)) {
        complete(epoch, values);
        judge("blocks", { epoch, values });
      }
      draw();
    } catch (error) {
      // told by the pool already, and the next head tries again; nobody waits for it once it has ended
      if (!ended.signal.aborted && !isSidelightError(error)) throw error;
    }
  });
  const ticks = setInterval(() => {
    // as of another time, the chain's own slots are the only clock
    if (health.settings.at !== undefined) return;
    const slot = slotAtTime(network, Date.now());
    // who hears nothing does not watch: what it misses is no news of the network
    if (client.head === null || slot - client.head.slot > slotsPerEpoch) return;
    for (const report of light.tick(slot)) {
      if (report.kind === "epoch") {
        series.add(report.epoch);
        judge("signatures", report.epoch);
      }
    }
  }, network.slotDurationMs);
  try {
    return await runFollow(health.settings, session, interruption);
  } finally {
    clearInterval(ticks);
    ended.abort();
    endFeed();
    endHeads();
    await series.save().catch(() => {});
    screen.keep();
  }
}

/** What blocks alone tell, or all the rest: what both tell is judged once, by the signatures, which come first. */
function valuesOf(which: "signatures" | "blocks", values: MetricValues): MetricValues {
  const isOf = (metric: string) => (METRICS[metric as Metric].from === "blocks") === (which === "blocks");
  return Object.fromEntries(Object.entries(values).filter(([metric]) => isOf(metric)));
}
