/** The few lines that are drawn in place: where catching up stands, or the newest of everything. Pure. */
import type { Participation, Progress, Status, VerifiedHeader } from "../../client/types.js";
import {
  computeEpochAtSlot,
  computeSyncCommitteePeriodAtSlot,
  forkAtSlot,
  timeOfSlotMs,
} from "../../networks/schedule.js";
import type { Network } from "../../networks/types.js";
import { sparkline, splitBar } from "./bar.js";
import type { Style } from "./style.js";
import { formatCount, formatDuration, formatPercent, formatRate, padVisible, shortRoot } from "./text.js";

/** What has been told so far. */
export interface Board {
  readonly network: Network;
  readonly status: Status;
  readonly head: VerifiedHeader | null;
  readonly finality: VerifiedHeader | null;
  readonly participation: Participation | null;
  /** Participation rates of the last slots, oldest first. */
  readonly rates: readonly number[];
}

export interface View {
  readonly style: Style;
  readonly columns: number;
  /** By the client's clock. */
  readonly nowMs: number;
  /** Since catching up began. */
  readonly elapsedMs: number;
}

/** Labels are this wide, so that values are in one column. */
const LABEL = 15;

export function renderBoard(board: Board, view: View): string[] {
  const { status } = board;
  if (status.state === "catching-up") return ["", renderProgress(status.progress, view)];
  if (board.head === null) return ["", statusMark(status, view.style)];
  return [
    "",
    titleLine(board, board.head, view),
    headLine(board, board.head, view),
    finalityLine(board, board.head, view),
    ...participationLines(board, view),
  ];
}

/** `catching up  ████████░░░░  61.4 %  period 704 of 1,418  41/s  17 s left` */
export function renderProgress(progress: Progress, { style, columns, elapsedMs }: View): string {
  const { fromPeriod, toPeriod, atPeriod, remainingMs } = progress;
  const total = toPeriod - fromPeriod;
  const done = atPeriod - fromPeriod;
  const fraction = total <= 0 ? 1 : done / total;
  const { full, empty } = splitBar(fraction, Math.max(10, Math.min(40, columns - 62)));
  return [
    `${style.cyan("●")} catching up`,
    style.cyan(full) + style.dim(empty),
    style.bold(formatPercent(fraction).padStart(6)),
    style.dim(progressDetails({ done, atPeriod, toPeriod, remainingMs, elapsedMs })),
  ].join("  ");
}

interface ProgressDetails {
  readonly done: number;
  readonly atPeriod: number;
  readonly toPeriod: number;
  readonly remainingMs: number | null;
  readonly elapsedMs: number;
}

/** `period 704 of 1,418  41/s  17 s left` */
export function progressDetails({ done, atPeriod, toPeriod, remainingMs, elapsedMs }: ProgressDetails): string {
  const parts = [`period ${formatCount(atPeriod)} of ${formatCount(toPeriod)}`];
  if (done > 0 && elapsedMs > 0) parts.push(formatRate((done / elapsedMs) * 1000));
  if (remainingMs !== null && atPeriod < toPeriod) parts.push(`${formatDuration(remainingMs)} left`);
  return parts.join("  ");
}

function titleLine({ network, status }: Board, head: VerifiedHeader, { style, nowMs }: View): string {
  const slot = Math.floor((nowMs - network.genesisTime * 1000) / network.slotDurationMs);
  const place = [
    network.name,
    style.magenta(forkAtSlot(network, head.slot)),
    `slot ${formatCount(slot)}`,
    `epoch ${formatCount(computeEpochAtSlot(network, slot))}`,
    `period ${formatCount(computeSyncCommitteePeriodAtSlot(network, slot))}`,
  ];
  return `${statusMark(status, style)}  ${place.join(style.dim(" · "))}`;
}

/** The state in a word, with a dot of its colour. */
export function statusMark(status: Status, style: Style): string {
  switch (status.state) {
    case "following":
      return `${style.green("●")} ${style.bold("following")}`;
    case "stalled":
      return `${style.red("●")} ${style.bold(style.red("stalled"))}`;
    case "stopped":
      return `${style.dim("●")} stopped`;
    default:
      return `${style.cyan("●")} ${status.state.replace("-", " ")}`;
  }
}

function headLine({ network }: Board, head: VerifiedHeader, { style, nowMs }: View): string {
  const ageMs = nowMs - timeOfSlotMs(network, head.slot);
  return row(style, "head", head, style.cyan, [`began ${formatDuration(ageMs)} ago`, describeExecution(head)]);
}

function finalityLine({ finality }: Board, head: VerifiedHeader, { style }: View): string {
  if (finality === null) return `  ${style.dim("finality".padEnd(LABEL))}none yet`;
  const behind = `${formatCount(head.slot - finality.slot)} slots behind`;
  return row(style, "finality", finality, style.green, [`epoch ${formatCount(finality.epoch)}`, behind]);
}

function row(
  style: Style,
  label: string,
  header: VerifiedHeader,
  color: (text: string) => string,
  notes: readonly string[],
): string {
  const slot = style.bold(color(formatCount(header.slot).padEnd(12)));
  const details = notes.filter((note) => note !== "").join(" · ");
  return `  ${style.dim(label.padEnd(LABEL))}${slot}${shortRoot(header.root)}  ${style.dim(details)}`;
}

/** `block 21,925,176` before Gloas, the hash after it. */
export function describeExecution({ execution }: VerifiedHeader): string {
  if (execution === null) return "";
  const { blockNumber, blockHash } = execution;
  return blockNumber === null ? `payload ${shortRoot(blockHash)}` : `block ${formatCount(blockNumber)}`;
}

function participationLines({ participation, rates }: Board, { style, columns }: View): string[] {
  if (participation === null) return [`  ${style.dim("participation".padEnd(LABEL))}not seen yet`];
  const { count, size, rate } = participation;
  const { full, empty } = splitBar(rate, Math.max(10, Math.min(32, columns - 50)));
  const color = rateColor(style, rate);
  const now = padVisible(style.bold(color(`${count} of ${size}`)), 12);
  const first = `  ${style.dim("participation".padEnd(LABEL))}${now}${color(full)}${style.dim(empty)}  ${formatPercent(rate)}`;
  if (rates.length < 2) return [first];
  const shown = rates.slice(-Math.max(8, Math.min(60, columns - 50)));
  const mean = shown.reduce((sum, each) => sum + each, 0) / shown.length;
  const summary = `mean ${formatPercent(mean)}, lowest ${formatPercent(Math.min(...shown))} of ${shown.length} slots`;
  return [first, `  ${" ".repeat(LABEL)}${style.blue(sparkline(shown))}  ${style.dim(summary)}`];
}

/** Green as it should be, yellow while it still finalizes, red below 2/3. */
export function rateColor(style: Style, rate: number): (text: string) => string {
  if (rate >= 0.9) return style.green;
  return rate * 3 >= 2 ? style.yellow : style.red;
}
