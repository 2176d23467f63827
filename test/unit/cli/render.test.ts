import { expect } from "chai";
import { sparkline, splitBar } from "../../../src/cli/render/bar.js";
import { type Board, renderBoard, renderProgress, type View } from "../../../src/cli/render/board.js";
import {
  checkpointLine,
  committeeLine,
  finalityLine,
  reorgLine,
  slotLine,
  stamp,
} from "../../../src/cli/render/lines.js";
import { createStyle, wantsColor } from "../../../src/cli/render/style.js";
import { renderFailure, renderSummary } from "../../../src/cli/render/summary.js";
import {
  formatCount,
  formatDuration,
  formatPercent,
  formatRate,
  shortRoot,
  truncateVisible,
  visibleWidth,
} from "../../../src/cli/render/text.js";
import type { Participation, Status, TrustedCheckpoint, VerifiedHeader } from "../../../src/client/types.js";
import { mainnet } from "../../../src/networks/index.js";
import { timeOfSlotMs } from "../../../src/networks/schedule.js";

const PLAIN = createStyle(false);
const COLORED = createStyle(true);
const ROOT = `0x${"1234567890abcdef".repeat(4)}`;
const SLOT = 11_616_372;

const HEAD: VerifiedHeader = {
  slot: SLOT,
  epoch: 363_011,
  root: ROOT,
  parentRoot: ROOT,
  stateRoot: ROOT,
  bodyRoot: ROOT,
  proposerIndex: 1,
  timeSeconds: timeOfSlotMs(mainnet, SLOT) / 1000,
  execution: { blockHash: ROOT, blockNumber: 22_398_725, stateRoot: ROOT, receiptsRoot: ROOT, timestamp: 1 },
  trust: {
    level: "optimistic",
    participation: { count: 509, size: 512 },
    ageSlots: 1,
    source: "a.example",
    checkpointAgeSeconds: 86_400,
    forced: false,
  },
};
const FINALITY: VerifiedHeader = { ...HEAD, slot: SLOT - 84, trust: { ...HEAD.trust, level: "finalized" } };
const SIGNED: Participation = {
  slot: SLOT + 1,
  attestedSlot: SLOT,
  attestedRoot: ROOT,
  period: 1418,
  bits: "0x",
  count: 509,
  size: 512,
  rate: 509 / 512,
  absent: [],
  trust: HEAD.trust,
};
const CHECKPOINT: TrustedCheckpoint = {
  root: ROOT,
  slot: SLOT - 7_200,
  origin: "given",
  resumed: false,
  ageSeconds: 86_400,
  maxAgeSeconds: 1_209_600,
  stale: false,
  report: null,
};
const said = { finalized: { epoch: 362_786, root: ROOT }, root: ROOT, error: null };
const AGREED: TrustedCheckpoint = {
  ...CHECKPOINT,
  origin: "provider",
  report: {
    root: ROOT,
    epoch: 362_786,
    required: 2,
    agreed: 2,
    operators: 3,
    agreedAtMs: 1,
    statements: [
      { provider: "Alpha", operator: "a.example", verdict: "agrees", ...said },
      { provider: "Beta", operator: "b.example", verdict: "silent", finalized: null, root: null, error: null },
      { provider: "Gamma", operator: "c.example", verdict: "agrees", ...said },
    ],
  },
};
const VIEW: View = { style: PLAIN, columns: 100, nowMs: timeOfSlotMs(mainnet, SLOT + 1) + 600, elapsedMs: 10_000 };

describe("text", () => {
  it("groups digits", () => {
    expect([0, 999, 1_000, 11_616_372, -1_234].map(formatCount)).to.deep.equal([
      "0",
      "999",
      "1,000",
      "11,616,372",
      "-1,234",
    ]);
  });

  it("names durations in two units at most", () => {
    const cases: [number, string][] = [
      [-5, "0.0 s"],
      [840, "0.8 s"],
      [9_960, "10 s"],
      [59_600, "1 min"],
      [200_000, "3 min 20 s"],
      [7_800_000, "2 h 10 min"],
      [4 * 86_400_000, "4.0 days"],
      [1_209_600_000, "14 days"],
      [110_000_000_000, "3.5 years"],
    ];
    for (const [ms, text] of cases) expect(formatDuration(ms)).to.equal(text);
  });

  it("calls nothing 100 % that is not", () => {
    expect([1, 0.9999, 511 / 512, 0.5, 0].map(formatPercent)).to.deep.equal([
      "100 %",
      "99.9 %",
      "99.8 %",
      "50.0 %",
      "0.0 %",
    ]);
  });

  it("has a unit for slow rates", () => {
    expect([41.4, 3.25, 0.2].map(formatRate)).to.deep.equal(["41/s", "3.3/s", "12.0/min"]);
  });

  it("keeps both ends of a root", () => {
    expect(shortRoot(ROOT)).to.equal("0x123456…abcdef");
    expect(shortRoot("0x12345678")).to.equal("0x12345678");
  });

  it("cuts what is seen, and closes colours", () => {
    const line = `${COLORED.red("abc")}def`;
    expect(visibleWidth(line)).to.equal(6);
    expect(truncateVisible(line, 6)).to.equal(line);
    expect(truncateVisible(line, 3)).to.equal(`${COLORED.red("ab")}…`);
  });
});

describe("bars", () => {
  it("have their width, whatever the fraction", () => {
    for (const fraction of [-1, 0, 0.001, 0.33, 0.5, 0.999, 1, 2]) {
      const { full, empty } = splitBar(fraction, 20);
      expect([...full, ...empty]).to.have.length(20);
    }
    expect(splitBar(1, 4)).to.deep.equal({ full: "████", empty: "" });
    expect(splitBar(0.5, 4)).to.deep.equal({ full: "██", empty: "░░" });
    expect(splitBar(0.28, 4).full).to.equal("█");
    expect(splitBar(0.3, 4).full).to.equal("█▏");
  });

  it("show differences near full participation", () => {
    expect(sparkline([0.3, 0.5, 0.75, 0.9, 1])).to.equal("▁▁▅▇█");
  });
});

describe("wantsColor", () => {
  const ask = (wanted: boolean, isTerminal: boolean, env: Record<string, string>) =>
    wantsColor({ wanted, isTerminal, env });

  it("follows the terminal, unless it is told otherwise", () => {
    expect(ask(true, true, {})).to.equal(true);
    expect(ask(true, false, {})).to.equal(false);
    expect(ask(true, true, { TERM: "dumb" })).to.equal(false);
    expect(ask(true, true, { NO_COLOR: "1" })).to.equal(false);
    expect(ask(true, true, { NO_COLOR: "" }), "an empty NO_COLOR says nothing").to.equal(true);
    expect(ask(true, false, { FORCE_COLOR: "1" })).to.equal(true);
    expect(ask(true, true, { FORCE_COLOR: "0" })).to.equal(false);
    expect(ask(false, true, { FORCE_COLOR: "1" })).to.equal(false);
    expect(ask(true, false, { FORCE_COLOR: "1", NO_COLOR: "1" })).to.equal(false);
  });
});

describe("renderBoard", () => {
  const following: Status = { state: "following" };
  const board: Board = {
    network: mainnet,
    status: following,
    head: HEAD,
    finality: FINALITY,
    participation: SIGNED,
    rates: [0.5, 1, SIGNED.rate],
  };

  it("shows where catching up stands, how fast, and what is left", () => {
    const progress = { fromPeriod: 290, toPeriod: 1_419, atPeriod: 704, remainingMs: 17_000 };
    const line = renderProgress(progress, VIEW);
    expect(line).to.match(/^● catching up {2}█+.?░+ {2}36\.7 % {2}period 704 of 1,419 {2}41\/s {2}17 s left$/);
    const lines = renderBoard({ ...board, status: { state: "catching-up", progress } }, VIEW);
    expect(lines).to.deep.equal(["", line]);
    expect(renderProgress({ ...progress, toPeriod: 704, fromPeriod: 704 }, VIEW)).to.include("100 %");
  });

  it("shows the newest of everything", () => {
    const [, title, head, finality, participation, history] = renderBoard(board, VIEW);
    expect(title).to.equal("● following  mainnet · deneb · slot 11,616,373 · epoch 363,011 · period 1,418");
    expect(head).to.match(/head +11,616,372 +0x123456…abcdef {2}began 13 s ago · block 22,398,725/);
    expect(finality).to.match(/finality +11,616,288 +0x123456…abcdef {2}epoch 363,011 · 84 slots behind/);
    expect(participation).to.match(/participation +509 of 512 +█+.?░? {2}99\.4 %/);
    expect(history).to.match(/▁██ {2}mean 83\.1 %, lowest 50\.0 % of 3 slots/);
  });

  it("says what it does while there is nothing to show", () => {
    const nothing = { ...board, head: null, finality: null, participation: null, rates: [] };
    expect(renderBoard({ ...nothing, status: { state: "bootstrapping" } }, VIEW)).to.deep.equal([
      "",
      "● bootstrapping",
    ]);
    const first = renderBoard({ ...nothing, head: HEAD }, VIEW).join("\n");
    expect(first).to.include("none yet").and.include("not seen yet");
  });

  it("names the payload by its hash where a header has no number", () => {
    const execution = { ...HEAD.execution!, blockNumber: null };
    expect(renderBoard({ ...board, head: { ...HEAD, execution } }, VIEW)[2]).to.include("payload 0x123456…abcdef");
    expect(renderBoard({ ...board, head: { ...HEAD, execution: null } }, VIEW)[2]).to.match(/ago$/);
  });
});

describe("lines", () => {
  it("have a whole time in a log and a short one on a terminal", () => {
    expect(stamp(Date.UTC(2024, 0, 2, 3, 4, 5), false)).to.equal("2024-01-02T03:04:05Z");
    expect(stamp(Date.UTC(2024, 0, 2, 3, 4, 5), true)).to.equal("03:04:05");
  });

  it("tell a slot in one", () => {
    const line = slotLine(PLAIN, "T", { head: HEAD, participation: SIGNED, finality: FINALITY });
    expect(line).to.equal(
      "T  head       11,616,372  0x123456…abcdef  participation 509/512 █████████▉ 99.4 %  finality 11,616,288".replace(
        "▉ 99.4 %",
        "▉ 99.4 %".padStart(8),
      ),
    );
  });

  it("tell finality, committees and reorgs", () => {
    expect(finalityLine(PLAIN, "T", FINALITY)).to.include("11,616,288  0x123456…abcdef  epoch 363,011 · block");
    const committee = { period: 1_419, root: ROOT, aggregatePubkey: "", pubkeys: ["a", "b"], trust: HEAD.trust };
    expect(committeeLine(PLAIN, "T", committee)).to.include("of period 1,419 is known: 2 members");
    const reorg = { from: { slot: 9, root: ROOT }, to: { slot: 10, root: ROOT }, commonAncestor: null };
    expect(reorgLine(PLAIN, "T", reorg)).to.include("replaced by 10 0x123456…abcdef, both descendants of no block");
  });
});

describe("summary", () => {
  it("tells roots in full, who signed, and what is trusted", () => {
    const result = { head: HEAD, finalized: FINALITY, periods: 1_129, elapsedMs: 28_000 };
    const text = renderSummary(PLAIN, mainnet, CHECKPOINT, result).join("\n");
    expect(text).to.include("mainnet is in sync  28 s, 1,129 committee periods verified, 40/s");
    expect(text.match(new RegExp(ROOT, "g"))).to.have.length(7);
    expect(text).to.include("by 509 of 512 (99.4 %); came from a.example").and.include("24 h old");
    expect(text).not.to.include("FORCED");
    const forced = { ...FINALITY, trust: { ...FINALITY.trust, forced: true } };
    expect(renderSummary(PLAIN, mainnet, CHECKPOINT, { ...result, finalized: forced }).join("\n")).to.include("FORCED");
  });

  it("tells who stands behind the checkpoint", () => {
    const result = { head: HEAD, finalized: FINALITY, periods: 0, elapsedMs: 1 };
    const text = (checkpoint: TrustedCheckpoint) => renderSummary(PLAIN, mainnet, checkpoint, result).join("\n");
    expect(text(AGREED)).to.include("24 h old, told by 2 of 3 operators, 2 were needed");
    expect(text({ ...CHECKPOINT, origin: "stored", resumed: true })).to.include("resumed from the stored state");
    expect(text(CHECKPOINT)).not.to.match(/operators|stored/);
    expect(checkpointLine(PLAIN, "T", AGREED)).to.include("slot 11,609,172 · 2 of 3 agree: Alpha, Gamma");
  });

  it("tells what each provider of a quorum said", () => {
    const error = { code: "HTTP_STATUS", message: "Beta: finality checkpoints: expected HTTP 200, got HTTP 500" };
    const [alpha, beta, gamma] = AGREED.report!.statements;
    const liar = { ...gamma, verdict: "contradicts", finalized: { epoch: 362_786, root: `0x${"ee".repeat(32)}` } };
    const statements = [alpha, { ...beta, error }, { ...liar, root: liar.finalized.root }];
    const message = "the providers tell different roots of epoch 362786 (Alpha: …)";
    const failure = { code: "CHECKPOINT_DISAGREEMENT", message, details: { statements }, exitCode: 3 } as const;
    const lines = renderFailure(PLAIN, failure, false);
    expect(lines[0]).to.equal("✘ the providers tell different roots of epoch 362786  CHECKPOINT_DISAGREEMENT");
    expect(lines[1]).to.match(/Alpha +agrees +finalized epoch 362,786 {2}0x1234/);
    expect(lines[2]).to.match(/Beta +silent +Beta: finality checkpoints: .* 500 {2}HTTP_STATUS/);
    expect(lines[3]).to.match(/Gamma +contradicts +finalized epoch 362,786 {2}0xeeee/);
    expect(lines[4]).to.include("ask a node of your own");
  });

  it("tells each attempt of a failure once, and what to do", () => {
    const attempts = [
      { source: "a", code: "NETWORK_FAILED", message: "a: refused" },
      { source: "b", code: "BOOTSTRAP_ROOT_MISMATCH", message: "b: another block" },
    ];
    const details = { request: "bootstrap", attempts };
    const message = "bootstrap: no source gave a usable answer (a: refused; b: another block)";
    const failure = { code: "NO_SOURCE_ANSWERED", message, details, exitCode: 3, stack: "at x" } as const;
    expect(renderFailure(PLAIN, failure, false, ({ source }) => source === "a")).to.deep.equal([
      "✘ bootstrap: no source gave a usable answer  NO_SOURCE_ANSWERED",
      "  b: another block  BOOTSTRAP_ROOT_MISMATCH",
      "  the server sends another block than the one asked for: use another --beacon",
    ]);
    expect(renderFailure(PLAIN, failure, true).at(-1)).to.equal("at x");
  });

  it("says who sent what does not verify, where the message cannot know", () => {
    const attempts = [{ source: "a", code: "SIGNATURE_INVALID", message: "update: the signature does not verify" }];
    const details = { request: "updates", attempts };
    const failure = { code: "NO_SOURCE_ANSWERED", message: "updates: none (…)", details, exitCode: 3 } as const;
    expect(renderFailure(PLAIN, failure, false)[1]).to.equal(
      "  a: update: the signature does not verify  SIGNATURE_INVALID",
    );
  });

  it("says what to do about it also where the caller is at fault", () => {
    const failure = { code: "CHECKPOINT_NOT_STORED", message: "m", details: {}, exitCode: 2 } as const;
    expect(renderFailure(PLAIN, failure, false)[1]).to.include("run it once with --checkpoint <root>");
    const other = { ...failure, code: "OPTION_INVALID" } as const;
    expect(renderFailure(PLAIN, other, false)[1]).to.include("see sidelight --help");
  });
});
