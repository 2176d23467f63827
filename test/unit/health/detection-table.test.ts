/**
 * The table of docs/health.md: false alarms and detection delays by threshold, from seeded simulations. When it is old, run
 * this with SIDELIGHT_WRITE=1.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { createDetector } from "../../../src/health/detector.js";
import type { EpochValues } from "../../../src/health/metrics.js";
import { INCIDENTS, type Incident, SIMULATED_SLOTS_PER_EPOCH, simulate } from "./simulate.js";

const DOCS = new URL("../../../docs/health.md", import.meta.url);
const TABLE = /(<!-- detection: test\/unit\/health\/detection-table\.test\.ts -->\n)([\s\S]*?)(<!-- \/detection -->)/;

const THRESHOLDS = [3, 5, 8, 10, 15, 20];
const HEALTHY_EPOCHS = 4000;
const SEEDS = [11, 12, 13];
const AT = 300;
const LENGTH = 12;

describe("docs/health.md", () => {
  it("has the detection table that simulations give", () => {
    const text = readFileSync(DOCS, "utf8");
    expect(text).to.match(TABLE);
    const table = `\n${tableText()}\n\n`;
    if (process.env["SIDELIGHT_WRITE"] === "1")
      writeFileSync(
        DOCS,
        text.replace(TABLE, (_, a, _b, c) => a + table + c),
      );
    else expect(TABLE.exec(text)?.[2]).to.equal(table);
  }).timeout(120_000);
});

function tableText(): string {
  const healthy = simulate(5, HEALTHY_EPOCHS);
  const hit = INCIDENTS.map((incident) => SEEDS.map((seed) => simulate(seed, AT + LENGTH, incident, AT, LENGTH)));
  const rows = [
    [
      `false alarms in ${HEALTHY_EPOCHS.toLocaleString("en")} epochs`,
      ...THRESHOLDS.map((t) => `${alarms(healthy, t).length}`),
    ],
    ...INCIDENTS.map(({ name }: Incident, i) => [name, ...THRESHOLDS.map((t) => delay(hit[i]!, t))]),
  ];
  const head = ["threshold", ...THRESHOLDS.map(String)];
  const widths = head.map((title, i) => Math.max(3, title.length, ...rows.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(" | ")} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

function alarms(series: readonly EpochValues[], threshold: number): number[] {
  const detector = createDetector({ slotsPerEpoch: SIMULATED_SLOTS_PER_EPOCH, threshold });
  return series.flatMap((epoch) =>
    detector.push(epoch).anomalies.flatMap(({ kind, epoch: at }) => (kind === "begin" ? at : [])),
  );
}

/** Epochs until the incident is seen, the most of all seeds; "–" where one of them never sees it. */
function delay(runs: readonly (readonly EpochValues[])[], threshold: number): string {
  const delays = runs.map((series) => alarms(series, threshold).find((epoch) => epoch >= AT));
  return delays.includes(undefined) ? "–" : `${Math.max(...delays.map((epoch) => epoch! - AT))}`;
}
