/** `sidelight health --from … --to …`: a range of epochs from verified blocks. */
import type { BlockEpoch } from "../../health/blocks/block-health.js";
import { measureBlocks } from "../../health/blocks/walk.js";
import { detectAnomalies } from "../../health/detector.js";
import { toCsv, toJsonLines } from "../../health/export.js";
import type { Network } from "../../networks/types.js";
import { EXIT, type ExitCode, failureOf, usageError } from "../failure.js";
import type { Interruption } from "../interruption.js";
import type { Terminal } from "../render/screen.js";
import type { Style } from "../render/style.js";
import { formatDuration } from "../render/text.js";
import type { Session } from "../session.js";
import { createBlockPool } from "./blocks.js";
import { openSeries } from "./keeper.js";
import { renderAnomaly, renderBoard } from "./render.js";
import type { HealthSettings } from "./settings.js";

const DEFAULT_EPOCHS = 8;

export async function runHealthRange(
  health: HealthSettings,
  network: Network,
  { client, reporter, troubles }: Session,
  terminal: Terminal,
  style: Style,
  interruption: Interruption,
): Promise<ExitCode> {
  try {
    const { head, finalized } = await client.syncOnce({ signal: interruption.signal });
    await client.stop();
    const { slotsPerEpoch } = network.preset;
    const toEpoch = health.toEpoch ?? Math.max(0, Math.floor(head.slot / slotsPerEpoch) - 2);
    const fromEpoch = health.fromEpoch ?? Math.max(0, toEpoch - DEFAULT_EPOCHS + 1);
    const needed = (toEpoch + 2) * slotsPerEpoch;
    if (head.slot < needed) {
      const newest = Math.floor(head.slot / slotsPerEpoch) - 2;
      throw usageError("--to", `an epoch up to ${newest}: the votes of later ones may still come`, String(toEpoch));
    }
    const series = await openSeries(network, health.settings.store, (message) => reporter.warn(message));
    // as they come: a walk that is interrupted has measured what it has told
    let saving: Promise<void> = Promise.resolve();
    const keep = (epoch: BlockEpoch) => {
      series.add(epoch);
      saving = series.save().catch((error: unknown) => {
        reporter.warn(`the series was not kept: ${String(error)}`);
      });
    };
    const epochs = await measureBlocks({
      network,
      // what is final cannot be reorganised while it is walked
      from: finalized.slot >= needed ? finalized : head,
      fromEpoch,
      toEpoch,
      blocks: createBlockPool(health, reporter, interruption.signal),
      nowMs: Date.now,
      onProgress: ({ done, total, elapsedMs, remainingMs }) => {
        const left = remainingMs === null ? "" : `, ${clockTime(remainingMs)} left`;
        const line = `epoch ${done} of ${total}, ${clockTime(elapsedMs)} elapsed${left}`;
        if (terminal.inPlace) terminal.err(`\r${line}\u001b[K${done === total ? "\r\u001b[K" : ""}`);
      },
      onEpoch: keep,
    }).finally(() => saving);
    print(health, network, epochs, terminal, style);
    return EXIT.done;
  } catch (thrown) {
    await client.stop();
    const failure = interruption.failure ?? failureOf(thrown, troubles.codes);
    reporter.failed(failure);
    return failure.exitCode;
  }
}

function print(
  health: HealthSettings,
  network: Network,
  epochs: readonly BlockEpoch[],
  terminal: Terminal,
  style: Style,
): void {
  if (health.format !== "text") {
    terminal.out(health.format === "csv" ? toCsv(epochs) : toJsonLines(epochs));
    return;
  }
  const { slotsPerEpoch } = network.preset;
  const threshold = health.threshold === undefined ? {} : { threshold: health.threshold };
  const judged = detectAnomalies(epochs, { slotsPerEpoch, ...threshold });
  const [first, last] = [epochs[0]?.epoch, epochs.at(-1)?.epoch];
  terminal.out(`${style.bold(network.name)}  epochs ${first} to ${last}, from verified blocks\n\n`);
  for (const line of renderBoard(epochs, judged.at(-1)?.active ?? [], terminal.columns(), style))
    terminal.out(`${line}\n`);
  const told = judged.flatMap(({ anomalies }) => anomalies);
  if (told.length > 0) terminal.out("\n");
  for (const anomaly of told)
    terminal.out(`${anomaly.kind === "begin" ? style.red("!") : " "} ${renderAnomaly(anomaly)}\n`);
}

function clockTime(ms: number): string {
  if (ms >= 3_600_000) return formatDuration(ms);
  const seconds = Math.round(ms / 1000);
  return `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
}
