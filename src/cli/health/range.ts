/** `sidelight health --from … --to …`: a range of epochs from verified blocks. */
import type { BlockEpoch } from "../../health/blocks/block-health.js";
import { measureBlocks } from "../../health/blocks/walk.js";
import { detectAnomalies } from "../../health/detector.js";
import { toCsv, toJsonLines } from "../../health/export.js";
import type { Network } from "../../networks/types.js";
import { EXIT, type ExitCode, failureOf, usageError } from "../failure.js";
import type { Interruption } from "../interruption.js";
import type { Screen, Terminal } from "../render/screen.js";
import type { Style } from "../render/style.js";
import { formatCount, formatDuration } from "../render/text.js";
import { fail } from "../run.js";
import type { Session } from "../session.js";
import { createBlockPool } from "./blocks.js";
import { openSeries, tellNotKept } from "./keeper.js";
import { renderAnomaly, renderBoard } from "./render.js";
import type { HealthSettings } from "./settings.js";

const DEFAULT_EPOCHS = 8;

export async function runHealthRange(
  health: HealthSettings,
  { client, network, reporter, troubles }: Session,
  terminal: Terminal,
  screen: Screen,
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
    const option = health.toEpoch === undefined ? "--from" : "--to";
    const last = health.toEpoch ?? Math.max(fromEpoch, toEpoch);
    if (head.slot < (last + 2) * slotsPerEpoch) {
      const newest = Math.floor(head.slot / slotsPerEpoch) - 2;
      throw usageError(option, `an epoch up to ${newest}: the votes of later ones may still come`, String(last));
    }
    // what is final cannot be reorganised while it is walked
    const from = finalized.slot >= needed ? finalized : head;
    adviseNearer(network, from.slot, toEpoch, reporter);
    const series = await openSeries(network, health.settings.store, (message) => reporter.warn(message));
    // as they come: a walk that is interrupted has measured what it has told
    let saving: Promise<void> = Promise.resolve();
    const onNotKept = tellNotKept(reporter);
    const keep = (epoch: BlockEpoch) => {
      series.add(epoch);
      saving = series.save().catch(onNotKept);
    };
    const epochs = await measureBlocks({
      network,
      from,
      fromEpoch,
      toEpoch,
      blocks: createBlockPool(health, reporter, interruption.signal),
      nowMs: Date.now,
      onProgress: ({ done, total, elapsedMs, remainingMs }) => {
        const left = remainingMs === null ? "" : `, ${clockTime(remainingMs)} left`;
        screen.draw([`epoch ${done} of ${total}, ${clockTime(elapsedMs)} elapsed${left}`]);
      },
      onEpoch: keep,
    }).finally(() => {
      screen.clear();
      return saving;
    });
    print(health, network, epochs, terminal, style);
    return EXIT.done;
  } catch (thrown) {
    await client.stop();
    return fail(reporter, interruption.failure ?? failureOf(thrown, troubles.codes));
  }
}

/** Blocks are walked from the newest on: of a range that is far back, nearly all for nothing. */
function adviseNearer(
  { preset }: Network,
  fromSlot: number,
  toEpoch: number,
  reporter: Pick<Session["reporter"], "note">,
): void {
  const { slotsPerEpoch, epochsPerSyncCommitteePeriod } = preset;
  const between = Math.floor(fromSlot / slotsPerEpoch) - toEpoch;
  if (between <= 2 * epochsPerSyncCommitteePeriod) return;
  // the update of the period after it is known by then
  const slot = (toEpoch + 1 + epochsPerSyncCommitteePeriod) * slotsPerEpoch;
  const walked = `${formatCount(between)} epochs after epoch ${formatCount(toEpoch)} are walked as well`;
  reporter.note(`${walked}: --at ${slot} begins nearer, if the checkpoint is older`);
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
