/** What people read: lines that stay, and on a terminal a board that is drawn in place below them. */
import type { LightClient } from "../client/light-client.js";
import type {
  LightClientEvents,
  Participation,
  Progress,
  Status,
  SyncResult,
  TrustedCheckpoint,
  VerifiedHeader,
} from "../client/types.js";
import type { Clock } from "../clock.js";
import { fromWhom, isSidelightError } from "../errors.js";
import { computeEpochAtSlot, forkAtSlot } from "../networks/schedule.js";
import type { Network } from "../networks/types.js";
import { createErrorThrottle } from "./error-throttle.js";
import type { Failure } from "./failure.js";
import { progressDetails, renderBoard } from "./render/board.js";
import {
  checkpointLine,
  committeeLine,
  equivocationLine,
  finalityLine,
  forcedLine,
  forkLine,
  peerLine,
  reorgLine,
  slotLine,
  stamp,
  statusLine,
  storeLine,
  wokeLine,
} from "./render/lines.js";
import { createScreen, type Terminal } from "./render/screen.js";
import type { Style } from "./render/style.js";
import { renderFailure, renderSummary } from "./render/summary.js";
import { formatPercent, formatQuantity } from "./render/text.js";
import type { Reporter } from "./reporter.js";

export interface HumanOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly terminal: Terminal;
  readonly style: Style;
  readonly verbose: boolean;
  /** Tell every slot, not only the way to the head. */
  readonly follows: boolean;
  /** Said once at the beginning. */
  readonly title: readonly string[];
}

/** How often the board is drawn without news: ages go on. */
const TICK_MS = 500;
/** Lines of progress in a log are this far apart. */
const PROGRESS_LINE_MS = 2_000;
/** Participation rates that are kept for the board. */
const RATES = 64;

export function createHumanReporter(options: HumanOptions): Reporter {
  const { network, clock, terminal, style, verbose, follows } = options;
  const screen = createScreen(terminal);
  const throttle = createErrorThrottle();
  /** Attempts that were told as errors, so that a failure need not repeat them. */
  const told = new Set<string>();
  let status: Status = { state: "idle" };
  let checkpoint: TrustedCheckpoint | null = null;
  let head: VerifiedHeader | null = null;
  let finality: VerifiedHeader | null = null;
  let participation: Participation | null = null;
  let rates: readonly number[] = [];
  let catchingUpSinceMs = 0;
  let progressToldMs = 0;
  /** Heads and signatures of a slot that no line has told yet. */
  let news: { head: VerifiedHeader | null; participation: Participation | null } | null = null;
  let ticker: NodeJS.Timeout | undefined;

  const now = () => stamp(clock.nowMs(), screen.inPlace);

  function draw(): void {
    if (!screen.inPlace || ticker === undefined) return;
    const nowMs = clock.nowMs();
    const view = { style, columns: screen.columns(), nowMs, elapsedMs: nowMs - catchingUpSinceMs };
    screen.draw(renderBoard({ network, status, head, finality, participation, rates }, view));
  }

  /** An update brings up to three events in one go: on a pipe they become one line. */
  function tellSlot(part: Partial<NonNullable<typeof news>>): void {
    if (screen.inPlace || !follows) return;
    if (news === null) queueMicrotask(flushSlot);
    news = { head: null, participation: null, ...news, ...part };
  }

  function flushSlot(): void {
    if (news === null) return;
    // At the end of catching up the head is told after its signature.
    const signed = participation?.attestedSlot === news.head?.slot ? participation : null;
    screen.print(slotLine(style, now(), { ...news, participation: news.participation ?? signed, finality }));
    news = null;
  }

  function tellStatus(next: Status): void {
    const before = status.state;
    status = next;
    if (next.state === "catching-up") tellProgress(next.progress, before !== next.state);
    else if (next.state === "stalled") tellHeldBack(`${next.what} stalled (${next.cause})`, next.reason);
    else if (next.state === "throttled") tellHeldBack(next.state, next.reason);
    else if (next.state !== before && isWorthALine(next, before)) {
      screen.print(statusLine(style, now(), next.state, false));
    }
  }

  function tellProgress({ fromPeriod, toPeriod, atPeriod, remainingMs }: Progress, isFirst: boolean): void {
    const nowMs = clock.nowMs();
    if (isFirst) catchingUpSinceMs = nowMs;
    const isLast = atPeriod === toPeriod;
    if (screen.inPlace || !(isFirst || isLast || nowMs - progressToldMs >= PROGRESS_LINE_MS)) return;
    progressToldMs = nowMs;
    const done = atPeriod - fromPeriod;
    const percent = formatPercent(toPeriod === fromPeriod ? 1 : done / (toPeriod - fromPeriod)).padStart(6);
    const details = progressDetails({ done, atPeriod, toPeriod, remainingMs, elapsedMs: nowMs - catchingUpSinceMs });
    screen.print(statusLine(style, now(), `catching up ${percent}  ${details}`, false));
  }

  function tellHeldBack(state: string, reason: string): void {
    // What each source said has been told as an error.
    const text = `${state}: ${verbose ? reason : reason.replace(/ \(.*\)$/s, "")}`;
    if (throttle.admit(text, clock.nowMs()) !== null) screen.print(statusLine(style, now(), text, true));
  }

  /** A board shows the state by itself; a sync ends with its result; attempts after the first one are told as errors. */
  function isWorthALine({ state }: Status, before: Status["state"]): boolean {
    if (before === "stalled" || before === "throttled") return state === "following";
    if (screen.inPlace || state === "idle") return false;
    return follows || state !== "stopped";
  }

  function tellHead(next: VerifiedHeader): void {
    const fork = forkAtSlot(network, next.slot);
    if (head !== null && fork !== forkAtSlot(network, head.slot)) {
      screen.print(forkLine(style, now(), fork, computeEpochAtSlot(network, next.slot)));
    }
    head = next;
    tellSlot({ head: next });
  }

  function tellParticipation(next: Participation): void {
    participation = next;
    // While catching up, one of every 27 hours comes by: the progress says enough.
    if (status.state === "catching-up" || status.state === "bootstrapping") return;
    rates = [...rates, next.rate].slice(-RATES);
    tellSlot({ participation: next });
  }

  function tellError({ error, source }: LightClientEvents["error"]): void {
    const { code, message } = error;
    if (source !== null) told.add(`${source}\n${message}`);
    // The sum of attempts that have been told one by one.
    if (!verbose && isSidelightError(error, "NO_SOURCE_ANSWERED") && error.details.attempts.every(isTold)) return;
    const admitted = verbose ? { keptBack: 0 } : throttle.admit(`${code}\n${source}`, clock.nowMs());
    if (admitted === null) return;
    const again = admitted.keptBack === 0 ? "" : style.dim(` (and ${formatQuantity(admitted.keptBack, "time")} more)`);
    screen.warn(
      `${style.dim(now())}  ${style.yellow("error")}      ${fromWhom(source, message)}  ${style.dim(code)}${again}`,
    );
    if (verbose && error.stack !== undefined) screen.warn(style.dim(error.stack));
  }

  function isTold({ source, message }: { readonly source: string; readonly message: string }): boolean {
    return told.has(`${source}\n${message}`);
  }

  const listeners: { readonly [K in keyof LightClientEvents]: (payload: LightClientEvents[K]) => void } = {
    head: tellHead,
    finality(next) {
      finality = next;
      if (follows) screen.print(finalityLine(style, now(), next));
    },
    participation: tellParticipation,
    committee(next) {
      // While catching up there is one in every step of the progress.
      if (status.state === "following" || status.state === "stalled") screen.print(committeeLine(style, now(), next));
    },
    reorg: (next) => screen.print(reorgLine(style, now(), next)),
    status: tellStatus,
    "forced-update": (next) => screen.print(forcedLine(style, now(), next)),
    woke: (next) => screen.print(wokeLine(style, now(), next)),
    checkpoint(next) {
      checkpoint = next;
      // The title says the root that was given.
      if (next.origin !== "given") screen.print(checkpointLine(style, now(), next));
    },
    store: (next) => screen.print(storeLine(style, now(), next)),
    // what a source did is told as an error; what follows for it, only here
    peer(next) {
      if (verbose || next.action === "evicted") screen.print(peerLine(style, now(), next));
    },
    equivocation: (next) => screen.warn(equivocationLine(style, now(), next)),
    error: tellError,
  };

  /** Nothing is drawn any more; what is there makes room for a last word, or stays. */
  function endDrawing(finish: "clear" | "keep"): void {
    flushSlot();
    draw();
    clearInterval(ticker);
    ticker = undefined;
    screen[finish]();
  }

  return {
    begin(_client: LightClient) {
      for (const line of options.title) screen.print(line);
      ticker = setInterval(draw, TICK_MS);
      ticker.unref();
    },
    event(name, payload) {
      listeners[name](payload);
      draw();
    },
    listening({ addresses, enr }) {
      for (const address of addresses) screen.print(`${style.dim("listening at")} ${address}`);
      if (enr !== null) screen.print(`${style.dim("node record")}  ${enr}`);
    },
    note: (text) => screen.warn(style.dim(text)),
    warn: (text) => screen.warn(`${style.yellow("warning")}  ${text}`),
    synced(result: SyncResult) {
      endDrawing("clear");
      for (const line of ["", ...renderSummary(style, network, checkpoint, result)]) screen.print(line);
    },
    failed(failure: Failure) {
      endDrawing("clear");
      for (const line of renderFailure(style, failure, verbose, isTold)) screen.warn(line);
    },
    end: () => endDrawing("keep"),
  };
}
