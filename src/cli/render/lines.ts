/** The lines that stay: what is told once, as it comes. Pure. */
import type {
  Committee,
  Evidence,
  LightClientEvents,
  Participation,
  Reorg,
  TrustedCheckpoint,
  VerifiedHeader,
} from "../../client/types.js";
import { splitBar } from "./bar.js";
import { describeExecution, rateColor } from "./board.js";
import type { Style } from "./style.js";
import { formatCount, formatDuration, formatPercent, formatQuantity, shortRoot } from "./text.js";

/** `2026-11-21T10:01:14Z` in a log, `10:01:14` on a terminal. */
export function stamp(nowMs: number, isShort: boolean): string {
  const text = `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
  return isShort ? text.slice(11, 19) : text;
}

function line(style: Style, time: string, label: string, text: string): string {
  return `${style.dim(time)}  ${label}${" ".repeat(Math.max(1, 11 - label.length))}${text}`;
}

/** What one slot brought. */
export interface SlotNews {
  readonly head: VerifiedHeader | null;
  readonly participation: Participation | null;
  readonly finality: VerifiedHeader | null;
}

/** `head       1,302  0x3f2a91…9c1d04  participation 31/32 ███████▊ 96.9 %  finality 1,288` */
export function slotLine(style: Style, time: string, { head, participation, finality }: SlotNews): string {
  const parts: string[] = [];
  if (head !== null) parts.push(`${style.bold(style.cyan(formatCount(head.slot)))}  ${shortRoot(head.root)}`);
  if (participation !== null) {
    const { count, size, rate } = participation;
    const color = rateColor(style, rate);
    const { full, empty } = splitBar(rate, 10);
    parts.push(
      `participation ${color(`${count}/${size}`)} ${color(full)}${style.dim(empty)} ${formatPercent(rate).padStart(6)}`,
    );
  }
  if (finality !== null) parts.push(`finality ${style.green(formatCount(finality.slot))}`);
  return line(style, time, head === null ? "signed" : "head", parts.join("  "));
}

export function finalityLine(style: Style, time: string, header: VerifiedHeader): string {
  const { participation, level } = header.trust;
  const signed =
    participation === null ? "the checkpoint itself" : `${participation.count}/${participation.size} signed`;
  const parts = [
    `${style.bold(style.green(formatCount(header.slot)))}  ${shortRoot(header.root)}`,
    `epoch ${formatCount(header.epoch)}`,
    describeExecution(header),
    level === "finalized" ? signed : level,
  ];
  const [first, ...rest] = parts.filter((part) => part !== "");
  return line(style, time, "finality", `${first}  ${style.dim(rest.join(" · "))}`);
}

export function committeeLine(style: Style, time: string, { period, root, pubkeys }: Committee): string {
  const text = `of period ${formatCount(period)} is known: ${formatQuantity(pubkeys.length, "member")}, root ${shortRoot(root)}`;
  return line(style, time, "committee", style.dim(text));
}

/** `source     a.example evicted for 60 s (finality update: SIGNATURE_INVALID)` */
export function peerLine(style: Style, time: string, peer: LightClientEvents["peer"]): string {
  const { source, action, request, code, pauseMs } = peer;
  const pause = pauseMs > 0 ? ` for ${Math.round(pauseMs / 1000)} s` : "";
  return line(
    style,
    time,
    "source",
    `${source} ${action}${pause}${style.dim(code === null ? "" : ` (${request}: ${code})`)}`,
  );
}

export function forkLine(style: Style, time: string, fork: string, epoch: number): string {
  return line(style, time, "fork", `${style.bold(style.magenta(fork))} since epoch ${formatCount(epoch)}`);
}

export function reorgLine(style: Style, time: string, { from, to, commonAncestor }: Reorg): string {
  const block = ({ slot, root }: { slot: number; root: string }) => `${formatCount(slot)} ${shortRoot(root)}`;
  const ancestor = commonAncestor === null ? "of no block seen lately" : `of ${block(commonAncestor)}`;
  return line(
    style,
    time,
    "reorg",
    style.yellow(`${block(from)} replaced by ${block(to)}, both descendants ${ancestor}`),
  );
}

export function storeLine(style: Style, time: string, { outcome, reason }: LightClientEvents["store"]): string {
  const text = {
    resumed: "resumed from the stored state",
    discarded: `stored state not used: ${reason}`,
    degraded: `going on in memory, since the store fails: ${reason}`,
    recovered: "the store works again",
  }[outcome];
  const isBad = outcome === "discarded" || outcome === "degraded";
  return line(style, time, "store", isBad ? style.yellow(text) : style.dim(text));
}

export function wokeLine(style: Style, time: string, { suspendedMs }: LightClientEvents["woke"]): string {
  return line(style, time, "status", style.dim(`the machine was suspended for ${formatDuration(suspendedMs)}`));
}

/** `checkpoint 0x3f2a91…9c1d04  slot 1,288 · 2 of 3 agree: a.example, b.example` */
export function checkpointLine(style: Style, time: string, { root, slot, origin, report }: TrustedCheckpoint): string {
  const parts = [`slot ${formatCount(slot)}`];
  if (report !== null) {
    const agreeing = report.statements.filter(({ verdict }) => verdict === "agrees").map(({ provider }) => provider);
    parts.push(`${report.agreed} of ${report.operators} agree: ${agreeing.join(", ")}`);
  } else parts.push(origin === "stored" ? "what the stored state began with" : "told by the provider");
  return line(style, time, "checkpoint", `${style.bold(shortRoot(root))}  ${style.dim(parts.join(" · "))}`);
}

export function statusLine(style: Style, time: string, text: string, isBad: boolean): string {
  return line(style, time, "status", isBad ? style.red(text) : style.dim(text));
}

export function forcedLine(style: Style, time: string, { slot, root }: VerifiedHeader): string {
  const text = `finality moved to ${formatCount(slot)} ${shortRoot(root)} without 2/3 of the committee, as --force-update allows`;
  return line(style, time, "forced", style.bold(style.red(text)));
}

/** `equivocation: final: slot 1,288 0x3f2a91…9c1d04 (a.example) against slot 1,288 0x77…01 (b.example)` */
export function equivocationLine(style: Style, time: string, { kind, known, received }: Evidence): string {
  const what = { head: "signed as head", finality: "signed as final", "next-committee": "signed as next committee" }[
    kind
  ];
  const [before, now] = [known, received].map(
    ({ slot, root, source }) => `slot ${formatCount(slot)} ${shortRoot(root)}${source === "" ? "" : ` from ${source}`}`,
  );
  return line(style, time, "conflict", style.bold(style.red(`${what}: ${before}, and ${now}`)));
}
