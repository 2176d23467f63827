/** From the state to the page. Texts change only when they differ: some of them are read out. */
import type { Status } from "sidelight";
import { adviceFor } from "./advice.js";
import { ago, count, duration, percent, shortRoot } from "./format.js";
import { drawPulse } from "./pulse.js";
import { drawRing } from "./ring.js";
import type { State } from "./state.js";

export function element<T extends Element = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found as unknown as T;
}

function write(id: string, text: string): void {
  const target = element(id);
  if (target.textContent !== text) target.textContent = text;
}

export function render(state: State, before: State | null): void {
  const { head, finalized, participation, pulse, status, trouble } = state;
  element("board").classList.toggle("is-empty", head === null);
  if (head !== null) {
    write("head", count(head.slot));
    write("head-root", shortRoot(head.root));
    write("trust", duration(head.trust.checkpointAgeSeconds));
    write("trust-note", head.trust.forced ? "and a forced update since" : `via ${head.trust.source}`);
  }
  if (finalized !== null) {
    const { execution } = finalized;
    write("finalized", count(finalized.slot));
    write("execution", execution?.blockNumber == null ? "–" : count(execution.blockNumber));
    write("execution-note", execution === null ? "none before Capella" : shortRoot(execution.blockHash));
  }
  if (participation !== null && participation !== before?.participation) {
    write("rate", `${participation.count}`);
    write("signed", `of ${participation.size} signed`);
    write("participation", percent(participation.rate));
    write("participation-note", `in period ${count(participation.period)}`);
    drawRing(element("ring"), participation);
  }
  if (pulse !== before?.pulse) drawPulse(element("pulse"), pulse);
  renderStatus(status, trouble);
  renderAges(state);
}

/** What changes with time alone. */
export function renderAges({ head, finalized }: State): void {
  if (head === null) return;
  write("head-note", `epoch ${count(head.epoch)}, ${ago(Date.now() / 1000 - head.timeSeconds)}`);
  if (finalized !== null) write("finalized-note", `${count(Math.max(0, head.slot - finalized.slot))} slots behind`);
}

function renderStatus(status: Status, trouble: State["trouble"]): void {
  const { tone, text, advice = "", reason = "" } = describe(status, trouble);
  element("board").dataset["tone"] = tone;
  write("state", text);
  write("advice", advice);
  write("reason", reason.replace(/0x[0-9a-f]{64}/g, shortRoot));
  const bar = element<HTMLProgressElement>("progress");
  bar.hidden = status.state !== "catching-up" && status.state !== "bootstrapping";
  if (status.state === "catching-up") {
    const { fromPeriod, toPeriod, atPeriod } = status.progress;
    bar.max = toPeriod - fromPeriod;
    bar.value = atPeriod - fromPeriod;
  } else {
    bar.removeAttribute("value");
  }
}

interface Notice {
  readonly tone: "calm" | "good" | "warn" | "bad";
  readonly text: string;
  /** What to do. */
  readonly advice?: string;
  /** What is known, for whoever wants to know. */
  readonly reason?: string;
}

function describe(status: Status, trouble: State["trouble"]): Notice {
  const advice = adviceFor(trouble?.error.code);
  switch (status.state) {
    case "idle":
    case "bootstrapping":
      return { tone: "calm", text: "Connecting: asking for the checkpoint …" };
    case "catching-up": {
      const { fromPeriod, toPeriod, atPeriod, remainingMs } = status.progress;
      const left = remainingMs === null ? "" : `, about ${duration(Math.ceil(remainingMs / 1000))} left`;
      const done = `${count(atPeriod - fromPeriod)} of ${count(toPeriod - fromPeriod)}`;
      return { tone: "calm", text: `Catching up: ${done} committees verified${left}` };
    }
    case "following":
      return { tone: "good", text: "Following the head" };
    case "stalled":
      return { tone: "warn", text: "Stalled. Trying again …", advice, reason: status.reason };
    // with the options `whenHidden: "pause"` and `maxBytesPerHour`
    case "paused":
    case "throttled":
      return { tone: "calm", text: "Paused", reason: status.reason };
    case "stopped":
      return { tone: "bad", text: "Stopped", advice, reason: status.reason };
  }
}
