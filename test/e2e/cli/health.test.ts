/** `sidelight health`: what the command line says of a chain whose incidents are known. */
import { existsSync, readdirSync } from "node:fs";
import { expect } from "chai";
import { runHealth } from "../../../src/cli/health/run.ts";
import { HEALTH_OPTIONS } from "../../../src/cli/health/settings.ts";
import type { Interruption } from "../../../src/cli/interruption.ts";
import { createStyle } from "../../../src/cli/render/style.ts";
import { METRIC_NAMES } from "../../../src/health/metrics.ts";
import { createSeries } from "../../../src/health/series.ts";
import { fileStore } from "../../../src/store/file.ts";
import { snapshotKey } from "../../../src/store/snapshot.ts";
import { type Devnet, startDevnet } from "../../devnet/src/client.ts";
import { networkOf } from "../../support/network-of.ts";
import { fakeTerminal } from "../../unit/cli/fake-terminal.ts";
import {
  chainFile,
  ensureBuilt,
  genesisTimeFor,
  killAll,
  removeFolders,
  sidelight,
  start,
  temporaryFolder,
} from "./support.ts";

const SLOTS_PER_EPOCH = 8;
const SECONDS_PER_SLOT = 60;
const HEAD_SLOT = 40 * SLOTS_PER_EPOCH + 5;

const NOT_INTERRUPTED: Interruption = {
  signal: new AbortController().signal,
  failure: null,
  onEnd: () => () => {},
  dispose() {},
};

describe("sidelight health", function () {
  this.timeout(120_000);
  let devnet: Devnet;
  let base: string[];

  before(async () => {
    ensureBuilt();
    const at = (epoch: number) => epoch * SLOTS_PER_EPOCH;
    devnet = await startDevnet({
      secondsPerSlot: SECONDS_PER_SLOT,
      genesisTime: genesisTimeFor(HEAD_SLOT + 60, SECONDS_PER_SLOT),
      patterns: [
        { from: at(30), to: at(31) - 1, offline: 1 / 3 },
        { from: at(35) + 2, to: at(35) + 2, slashing: "attester" },
      ],
    });
    await devnet.produceTo(HEAD_SLOT);
    const { root } = await devnet.checkpoint({ epoch: 8 });
    base = ["health", "--network", await chainFile(devnet), "--beacon", devnet.url, "--checkpoint", root];
    // as of some slots later: what comes meanwhile is neither old nor of the future
    base.push("--at", String(HEAD_SLOT + 40));
  });
  after(async () => {
    removeFolders();
    await devnet?.stop();
  });
  afterEach(() => killAll());

  it("writes a CSV of a range, and nothing else", async () => {
    const outcome = await sidelight([...base, "--from", "28", "--to", "36", "--csv"]);
    expect(outcome.code, outcome.stderr).to.equal(0);
    const [head, ...lines] = outcome.stdout.trim().split("\r\n");
    expect(head).to.equal(["epoch", ...METRIC_NAMES].join(","));
    const column = (line: string, name: string) => line.split(",")[head!.split(",").indexOf(name)];
    expect(lines.map((line) => column(line, "epoch"))).to.deep.equal(
      Array.from({ length: 9 }, (_, i) => String(28 + i)),
    );
    for (const line of lines) {
      const { votes } = await devnet.votes(Number(column(line, "epoch")));
      const rate = votes.filter(({ includedAt }) => includedAt !== null).length / votes.length;
      expect(Number(column(line, "voteParticipation"))).to.equal(rate);
    }
    expect(outcome.stderr).not.to.match(/Listeners|warn:/);
  });

  it("names anomalies of a range, with courses of all metrics", async () => {
    const { code, stdout } = await sidelight([...base, "--from", "10", "--no-color"]);
    expect(code).to.equal(0);
    expect(stdout).to.match(/epoch 30: participation crash: sync committee participation .*standard deviations away/);
    expect(stdout).to.match(/epoch 35: slashing: attester slashings 1 /);
    expect(stdout).to.match(/participation of attesters +100\.00 % {2}[▁-█]+/u);
  });

  it("writes JSON Lines", async () => {
    const { stdout } = await sidelight([...base, "--from", "35", "--to", "35", "--jsonl"]);
    expect(JSON.parse(stdout)).to.include({ epoch: 35, attesterSlashings: 1, emptySlots: 0 });
  });

  it("says how to begin nearer to a range that is far back, and comes to the same from there", async () => {
    const range = ["--from", "10", "--to", "11", "--jsonl"];
    const far = await sidelight([...base, ...range]);
    const [, between, at] =
      /^(\d+) epochs after epoch 11 are walked as well: --at (\d+) begins nearer, if the checkpoint is older$/m.exec(
        far.stderr,
      )!;
    expect(Number(between)).to.be.within(40 - 6 - 11, 40 - 11);
    expect(Number(at)).to.equal((12 + 8) * SLOTS_PER_EPOCH);
    const near = await sidelight([...base.slice(0, -1), at!, ...range]);
    expect(near.stderr).not.to.include("begins nearer");
    expect(near.stdout).to.equal(far.stdout);
    expect(near.stdout.split("\n")).to.have.length(3);
  });

  it("keeps what was walked when it is interrupted", async () => {
    const folder = temporaryFolder();
    // 38 epochs down to the first, and then silence
    const server = await devnet.newServer([{ kind: "hang", routes: ["block"], after: 20 * SLOTS_PER_EPOCH }]);
    const args = base.map((word) => (word === devnet.url ? server.url : word));
    const running = start([...args, "--from", "1", "--to", "38", "--csv", "--store", folder, "--timeout", "600"]);
    const network = networkOf(devnet);
    const epochsKept = async () => {
      const kept = await fileStore(folder).load(`${snapshotKey(network)}-health`);
      return createSeries({ restore: kept ?? null }).points();
    };
    const oldest = async () => (await epochsKept())[0]?.epoch ?? Infinity;
    for (let i = 0; i < 1_000 && (await oldest()) > 25; i++) await new Promise((resolve) => setTimeout(resolve, 50));
    running.child.kill("SIGINT");
    const { code, stdout } = await running.ended;
    expect(code).to.equal(130);
    expect(stdout).to.equal("");
    const kept = await epochsKept();
    const first = kept[0]!.epoch;
    expect(first).to.be.within(18, 25);
    expect(kept.map(({ epoch }) => epoch)).to.deep.equal(Array.from({ length: 39 - first }, (_, i) => first + i));
    const { votes } = await devnet.votes(30);
    const rate = votes.filter(({ includedAt }) => includedAt !== null).length / votes.length;
    expect(kept.find(({ epoch }) => epoch === 30)!.values.voteParticipation).to.equal(rate);
    await server.close();
  });

  it("warns of who sends another block than the one that is due, and goes by the others", async () => {
    const liar = await devnet.newServer([{ kind: "garbage", routes: ["block"] }]);
    const honest = await sidelight([...base, "--from", "30", "--csv"]);
    const { code, stdout, stderr } = await sidelight([...base, "--beacon", liar.url, "--from", "30", "--csv"]);
    expect(code, stderr).to.equal(0);
    expect(stdout).to.equal(honest.stdout);
    expect(stderr).to.include(new URL(liar.url).host).and.include("BeaconBlock");
    await liar.close();
  });

  it("follows live, and keeps the series", async () => {
    const folder = temporaryFolder();
    const server = await devnet.newServer();
    const args = base.map((word) => (word === devnet.url ? server.url : word));
    const running = start([...args, "--live", "--csv", "--store", folder]);
    await running.line((line) => line.startsWith("epoch,"));
    // it follows when it has its first block, and listens to the stream
    const isFollowing = async () => {
      const routes = (await server.requests()).map(({ route }) => route);
      return routes.includes("block") && routes.includes("events");
    };
    for (let i = 0; i < 200 && !(await isFollowing()); i++) await new Promise((resolve) => setTimeout(resolve, 50));
    for (let slot = 0; slot < 4 * SLOTS_PER_EPOCH; slot++) {
      await devnet.advance(1);
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    await running.line((line) => line.startsWith("41,"));
    running.child.kill("SIGINT");
    const { code, stdout } = await running.ended;
    expect(code).to.equal(0);
    const [head, ...lines] = stdout.trim().split("\r\n");
    const last = lines.find((line) => line.startsWith("41,"))!.split(",");
    const value = (name: string) => last[head!.split(",").indexOf(name)];
    expect([value("syncParticipation"), value("voteParticipation"), value("emptySlots")]).to.deep.equal([
      "1",
      "1",
      "0",
    ]);
    expect(existsSync(folder)).to.equal(true);
    expect(readdirSync(folder).some((name) => name.includes("health"))).to.equal(true);
  });

  it("shows how far it is on a terminal while a file takes what was measured, and leaves nothing of it", async () => {
    const terminal = { ...fakeTerminal(100, false), errInPlace: true };
    const [, ...args] = base;
    const range = [...args, "--from", "30", "--to", "33", "--csv"];
    expect(await runHealth(range, terminal, () => createStyle(false), NOT_INTERRUPTED, undefined)).to.equal(0);
    expect(terminal.errors.join("")).to.match(/epoch \d+ of \d+, \d\d:\d\d elapsed/);
    expect(terminal.text())
      .to.match(/^epoch,[\s\S]*\n33,[^\n]*\n$/)
      .and.not.include("elapsed");
  });

  it("tells trouble above what it draws on a terminal, and draws over none of it", async () => {
    const liar = await devnet.newServer([{ kind: "garbage", routes: ["block"], after: 1 }]);
    const terminal = fakeTerminal(100);
    const end = new AbortController();
    const interruption: Interruption = {
      ...NOT_INTERRUPTED,
      signal: end.signal,
      onEnd(listener) {
        end.signal.addEventListener("abort", listener);
        return () => {};
      },
    };
    const args = base.slice(1).map((word) => (word === devnet.url ? liar.url : word));
    const live = [...args, "--beacon", devnet.url, "--live"];
    const running = runHealth(live, terminal, () => createStyle(false), interruption, undefined);
    const until = async (isSo: () => boolean) => {
      for (let i = 0; i < 3_000 && !isSo(); i++) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    // the first block is honest, and something is drawn
    await until(() => terminal.text().includes("participation by slot"));
    await devnet.advance(1);
    await until(() => terminal.errors.length > 0);
    // and once more, after the second one was not
    const barsOf = () => /participation by slot +(\S*)/.exec(terminal.text())![1]!.length;
    const bars = barsOf();
    await devnet.advance(1);
    await until(() => barsOf() > bars);
    end.abort();
    expect(await running).to.equal(0);
    const lines = terminal.text().trimEnd().split("\n");
    expect(lines.filter((line) => line.includes("BeaconBlock"))).to.have.length(1);
    expect(lines.filter((line) => line.includes("participation by slot"))).to.have.length(1);
    expect(lines.findIndex((line) => line.includes("BeaconBlock"))).to.be.below(
      lines.findIndex((line) => line.includes("participation by slot")),
    );
    await liar.close();
  });

  it("refuses what makes no sense, by name", async () => {
    const wrong: [string[], RegExp][] = [
      [["--from", "x"], /--from/],
      [["--from", "9", "--to", "8"], /--to/],
      [["--to", "4000"], /--to.*an epoch up to/],
      [["--from", "4000"], /--from.*an epoch up to/],
      [["--live", "--from", "3"], /--from.*without --live/],
      [["--csv", "--jsonl"], /--csv/],
      [["--threshold", "0"], /--threshold/],
      [["--frm", "3"], /frm/],
    ];
    for (const [args, message] of wrong) {
      const { code, stderr } = await sidelight([...base, ...args]);
      expect(code, args.join(" ")).to.equal(2);
      expect(stderr, args.join(" ")).to.match(message);
    }
  });

  it("explains every option", async () => {
    for (const args of [
      ["health", "--help"],
      ["help", "health"],
    ]) {
      const { code, stdout } = await sidelight(args);
      expect(code).to.equal(0);
      for (const name of Object.keys(HEALTH_OPTIONS)) expect(stdout).to.include(`--${name}`);
      for (const line of stdout.split("\n")) expect(line.length, line).to.be.at.most(120);
    }
  });
});
