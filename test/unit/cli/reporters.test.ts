import { expect } from "chai";
import { createErrorThrottle } from "../../../src/cli/error-throttle.js";
import { createHumanReporter } from "../../../src/cli/human-reporter.js";
import { eventObject, failedObject } from "../../../src/cli/json-reporter.js";
import { createStyle } from "../../../src/cli/render/style.js";
import type { LightClient } from "../../../src/client/light-client.js";
import type { LightClientEvents } from "../../../src/client/types.js";
import { SidelightError } from "../../../src/errors.js";
import { mainnet } from "../../../src/networks/index.js";
import { manualClock } from "../../support/clock.js";
import { fakeTerminal } from "./fake-terminal.js";

const TRUST = {
  level: "optimistic",
  participation: null,
  ageSlots: 0,
  source: "a",
  checkpointAgeSeconds: 1,
  forced: false,
} as const;

describe("eventObject", () => {
  it("puts the name in front of the payload", () => {
    expect(eventObject("status", { state: "following" }, false)).to.deep.equal({ event: "status", state: "following" });
  });

  it("flattens an error", () => {
    const error = new SidelightError("HEAD_STALLED", "old", { headSlot: 1, currentSlot: 9, maxAgeSlots: 4 });
    expect(eventObject("error", { error, source: "a" }, false)).to.deep.equal({
      event: "error",
      code: "HEAD_STALLED",
      message: "old",
      details: { headSlot: 1, currentSlot: 9, maxAgeSlots: 4 },
      source: "a",
    });
  });

  it("leaves the keys of a committee out, unless asked for everything", () => {
    const committee = { period: 1, root: "0x1", aggregatePubkey: "0x2", pubkeys: ["0x3"], trust: TRUST };
    expect(eventObject("committee", committee, false)).not.to.have.property("pubkeys");
    expect(eventObject("committee", committee, true)).to.have.deep.property("pubkeys", ["0x3"]);
  });
});

describe("failedObject", () => {
  it("has a stack only when asked for everything", () => {
    const failure = { code: "UNEXPECTED", message: "m", details: {}, exitCode: 1, stack: "at x" } as const;
    expect(Object.keys(failedObject(failure, false))).to.deep.equal([
      "event",
      "code",
      "message",
      "details",
      "exitCode",
    ]);
    expect(failedObject(failure, true)).to.include({ stack: "at x" });
  });
});

describe("createErrorThrottle", () => {
  it("admits a kind once a minute and says what it kept back", () => {
    const throttle = createErrorThrottle();
    expect(throttle.admit("a", 0)).to.deep.equal({ keptBack: 0 });
    expect(throttle.admit("a", 1_000)).to.equal(null);
    expect(throttle.admit("b", 1_000)).to.deep.equal({ keptBack: 0 });
    expect(throttle.admit("a", 59_999)).to.equal(null);
    expect(throttle.admit("a", 60_000)).to.deep.equal({ keptBack: 2 });
    expect(throttle.admit("a", 120_000)).to.deep.equal({ keptBack: 0 });
  });
});

describe("createHumanReporter", () => {
  function reporter(inPlace: boolean) {
    const terminal = fakeTerminal(100, inPlace);
    const clock = manualClock();
    const report = createHumanReporter({
      network: mainnet,
      clock,
      terminal,
      style: createStyle(false),
      verbose: false,
      follows: true,
      title: ["title"],
    });
    report.begin({} as LightClient);
    return { report, terminal, clock };
  }

  function networkFailed(): LightClientEvents["error"] {
    const details = { source: "a", request: "r", message: "m" };
    return { error: new SidelightError("NETWORK_FAILED", "a: r: m", details), source: "a" };
  }

  it("tells progress on a pipe at the start, now and then, and at the end", () => {
    const { report, terminal, clock } = reporter(false);
    const tell = (atPeriod: number) => {
      const progress = { fromPeriod: 0, toPeriod: 100, atPeriod, remainingMs: null };
      report.event("status", { state: "catching-up", progress });
    };
    for (let period = 0; period <= 100; period++) {
      clock.jumpTo(clock.nowMs() + 100);
      tell(period);
    }
    report.end();
    const lines = terminal
      .text()
      .split("\n")
      .filter((line) => line.includes("catching up"));
    expect(lines[0]).to.include("0.0 %");
    expect(lines.at(-1)).to.include("100 %  period 100 of 100");
    expect(lines.length).to.be.within(5, 8);
  });

  it("tells the same trouble once, and the sum of what was told not at all", () => {
    const { report, terminal } = reporter(false);
    for (let i = 0; i < 5; i++) report.event("error", networkFailed());
    const attempts = [{ source: "a", code: "NETWORK_FAILED" as const, message: "a: r: m" }];
    const sum = new SidelightError("NO_SOURCE_ANSWERED", "r: nobody (a: r: m)", { request: "r", attempts });
    report.event("error", { error: sum, source: null });
    report.end();
    expect(terminal.errors).to.have.length(1);
    expect(terminal.errors[0]).to.match(/error {6}a: r: m {2}NETWORK_FAILED/);
  });

  it("says who sent what does not verify, where the message cannot know", () => {
    const { report, terminal } = reporter(false);
    const details = { participants: 3, signatureSlot: 2, attestedSlot: 1, reason: "mismatch" } as const;
    const error = new SidelightError("SIGNATURE_INVALID", "update: the signature does not verify", details);
    report.event("error", { error, source: "a" });
    report.event("error", { error, source: null });
    report.end();
    expect(terminal.errors[0]).to.match(/error {6}a: update: the signature does not verify {2}SIGNATURE_INVALID/);
    expect(terminal.errors[1]).to.match(/error {6}update: the signature does not verify/);
  });

  it("tells whole addresses and records, however narrow the terminal", () => {
    const { report, terminal } = reporter(true);
    const enr = `enr:-${"a".repeat(300)}`;
    report.listening({ addresses: ["/ip4/127.0.0.1/tcp/9001/ws/p2p/a", "/ip6/::1/tcp/9001/ws/p2p/a"], enr });
    report.listening({ addresses: [], enr: null });
    report.end();
    const lines = terminal.text().split("\n");
    expect(lines.slice(0, 4)).to.deep.equal([
      "title",
      "listening at /ip4/127.0.0.1/tcp/9001/ws/p2p/a",
      "listening at /ip6/::1/tcp/9001/ws/p2p/a",
      `node record  ${enr}`,
    ]);
  });

  it("leaves the board on the terminal when it ends, and nothing of it when it fails", () => {
    const ended = reporter(true);
    ended.report.event("status", { state: "following" });
    ended.report.end();
    expect(ended.terminal.text()).to.equal("title\n\n● following\n");
    const failed = reporter(true);
    failed.report.event("status", { state: "bootstrapping" });
    failed.report.failed({ code: "INTERRUPTED", message: "m", details: {}, exitCode: 130 });
    expect(failed.terminal.text()).to.equal("title\n✘ m  INTERRUPTED\n");
    expect(failed.terminal.errors).to.deep.equal(["✘ m  INTERRUPTED\n"]);
  });
});
