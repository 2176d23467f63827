/** What is said at the end: the result of a sync, or why there is none. Pure. */
import type { SyncResult, TrustedCheckpoint, VerifiedHeader } from "../../client/types.js";
import { type CheckpointStatement, fromWhom } from "../../errors.js";
import { forkAtSlot } from "../../networks/schedule.js";
import type { Network } from "../../networks/types.js";
import { EXIT, type Failure } from "../failure.js";
import type { Style } from "./style.js";
import { formatCount, formatDuration, formatPercent, formatQuantity, formatRate, formatTime } from "./text.js";

const LABEL = 13;

export function renderSummary(
  style: Style,
  network: Network,
  checkpoint: TrustedCheckpoint | null,
  result: SyncResult,
): string[] {
  const { head, finalized, periods, elapsedMs } = result;
  const rate = periods > 0 && elapsedMs > 0 ? `, ${formatRate((periods / elapsedMs) * 1000)}` : "";
  const took = `${formatDuration(elapsedMs)}, ${formatQuantity(periods, "committee period")} verified${rate}`;
  const field = (label: string, text: string) => `  ${style.dim(label.padEnd(LABEL))}${text}`;
  return [
    `${style.green("✔")} ${style.bold(`${network.name} is in sync`)}  ${style.dim(took)}`,
    "",
    ...renderHeader(field, style.green, "finalized", network, finalized),
    "",
    ...renderHeader(field, style.cyan, "optimistic", network, head),
    "",
    field("trusts", `checkpoint ${checkpoint?.root ?? "unknown"}`),
    field(
      "",
      `${formatDuration(finalized.trust.checkpointAgeSeconds * 1000)} old${originNote(checkpoint)}${forcedNote(style, finalized)}`,
    ),
  ];
}

function originNote(checkpoint: TrustedCheckpoint | null): string {
  const report = checkpoint?.report ?? null;
  if (report !== null)
    return `, told by ${report.agreed} of ${report.operators} operators, ${report.required} were needed`;
  return checkpoint?.origin === "stored" ? ", resumed from the stored state" : "";
}

function forcedNote(style: Style, { trust }: VerifiedHeader): string {
  return trust.forced ? style.bold(style.red("; an update was FORCED: fewer than 2/3 may have signed")) : "";
}

function renderHeader(
  field: (label: string, text: string) => string,
  color: (text: string) => string,
  label: string,
  network: Network,
  header: VerifiedHeader,
): string[] {
  const { trust, execution } = header;
  const age = `${formatTime(header.timeSeconds)}, ${formatQuantity(trust.ageSlots, "slot")} old`;
  const slot = `slot ${formatCount(header.slot)}, epoch ${formatCount(header.epoch)}`;
  const lines = [
    field(label, `${color(slot)}  (${forkAtSlot(network, header.slot)}, ${age})`),
    field("", `block root      ${header.root}`),
    field("", `state root      ${header.stateRoot}`),
  ];
  if (execution !== null) {
    lines.push(field("", `execution block ${execution.blockHash}`));
    if (execution.blockNumber !== null) lines.push(field("", `block number    ${formatCount(execution.blockNumber)}`));
  }
  const { participation } = trust;
  const signed =
    participation === null
      ? "by nobody: it is the checkpoint itself"
      : `by ${participation.count} of ${participation.size} (${formatPercent(participation.count / participation.size)})`;
  lines.push(field("", `signed          ${signed}; came from ${trust.source}`));
  return lines;
}

/** What to do about it, where there is something to do. */
const ADVICE: Readonly<Record<string, string>> = {
  CHECKPOINT_TOO_OLD:
    "take a newer checkpoint from a source you trust; --stale-checkpoint warn if you can vouch for this one; --at for old data",
  CHECKPOINT_DISAGREEMENT:
    "one of them is wrong: ask a node of your own, and leave out whom you know to be wrong; nothing was trusted",
  CHECKPOINT_NO_QUORUM: "try again in a few minutes, add another --checkpoint-provider, or --require fewer",
  CHECKPOINT_NOT_STORED: "run it once with --checkpoint <root> or --checkpoint quorum, and the same --store",
  SNAPSHOT_INVALID:
    "what is stored cannot be used: start with --checkpoint <root> or --checkpoint quorum, and the same --store",
  FINALITY_CONFLICT:
    "somebody attacks: compare both roots with nodes that you trust, then start with another --checkpoint; --evidence keeps the proof",
  EVIDENCE_INVALID: "it proves nothing to whoever trusts what was given",
  CLOCK_SKEWED: "set this machine's clock, check --network, or move --at",
  HEAD_STALLED: "the servers are behind or cut off: add another --beacon; for data that is meant to be old use --at",
  CATCH_UP_INCOMPLETE: "add another --beacon that has the updates of that period",
  BOOTSTRAP_ROOT_MISMATCH: "the server sends another block than the one asked for: use another --beacon",
};

/** @param isTold was this attempt shown as an error before? */
export function renderFailure(
  style: Style,
  failure: Failure,
  verbose: boolean,
  isTold: (attempt: Attempt) => boolean = () => false,
): string[] {
  const { code, message, exitCode } = failure;
  const attempts = attemptsOf(failure);
  const statements = (failure.details["statements"] ?? []) as readonly CheckpointStatement[];
  const text = attempts.length + statements.length > 0 ? message.replace(/ \(.*\)$/s, "") : message;
  const lines = [`${style.bold(style.red("✘"))} ${text}  ${style.dim(code)}`];
  for (const attempt of attempts) {
    if (!isTold(attempt)) lines.push(`  ${fromWhom(attempt.source, attempt.message)}  ${style.dim(attempt.code)}`);
  }
  for (const statement of statements) lines.push(`  ${renderStatement(style, statement)}`);
  const advice = adviceFor(failure, attempts) ?? (exitCode === EXIT.usage ? "see sidelight --help" : undefined);
  if (advice !== undefined) lines.push(`  ${style.dim(advice)}`);
  if (verbose && failure.stack !== undefined) lines.push(style.dim(failure.stack));
  return lines;
}

interface Attempt {
  readonly source: string;
  readonly code: string;
  readonly message: string;
}

function attemptsOf({ code, details }: Failure): readonly Attempt[] {
  return code === "NO_SOURCE_ANSWERED" ? (details["attempts"] as readonly Attempt[]) : [];
}

/** `a.example    agrees       epoch 12  0x…` */
function renderStatement(style: Style, { provider, verdict, finalized, root, error }: CheckpointStatement): string {
  const color = verdict === "contradicts" ? style.red : verdict === "agrees" ? style.green : style.yellow;
  const name = `${provider.padEnd(24)} ${color(verdict.padEnd(12))}`;
  const said = finalized === null ? "" : `finalized epoch ${formatCount(finalized.epoch)}  ${finalized.root}`;
  const before = root === null || root === finalized?.root ? "" : `before it ${root}`;
  const failed = error === null ? "" : `${error.message}  ${style.dim(error.code)}`;
  return `${name} ${[said, before, failed].filter((part) => part !== "").join("; ")}`;
}

function adviceFor({ code, details }: Failure, attempts: readonly Attempt[]): string | undefined {
  if (ADVICE[code] !== undefined) return ADVICE[code];
  if (attempts.some((attempt) => attempt.code === "BOOTSTRAP_ROOT_MISMATCH")) return ADVICE["BOOTSTRAP_ROOT_MISMATCH"];
  const isMissing = attempts.length > 0 && attempts.every((attempt) => attempt.code === "NOT_AVAILABLE");
  if (!isMissing || details["request"] !== "bootstrap") return undefined;
  return "nobody has it: a checkpoint must be the root of a finalized block, and of this network";
}
