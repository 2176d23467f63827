/**
 * The longest task of a page's main thread while a client catches up, in the page or in a worker. By Chromium's trace:
 * what pages can measure themselves begins at 50 ms.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import puppeteer, { type Browser } from "puppeteer-core";
import { CHROMIUM_FLAGS } from "../scripts/browsers.js";
import { blstBls } from "../src/bls/blst/index.js";
import { toHex } from "../src/ssz/bytes.js";
import { beaconHeaderRoot } from "../src/ssz/roots.js";
import { decodeLine, startFrom } from "./cases.js";
import type { Bench } from "./context.js";
import type { BenchData } from "./data.js";
import type { MainThreadTask } from "./main-thread-client.js";
import type { Place } from "./main-thread-page.js";
import { median } from "./measure.js";
import { findChromium } from "./start-chromium.js";
import type { Row } from "./table.js";

const BENCH = "main-thread";
const SECONDS_PER_PERIOD = 8192 * 12;

export const mainThread: Bench = {
  name: BENCH,
  async run({ isQuick, data, note }) {
    const chromium = findChromium();
    if (chromium === null || !data.isReal) {
      note(`${BENCH}: left out: it takes Chromium (set CHROME_BIN) and the real updates`);
      return [];
    }
    const lines = data.lines.slice(0, isQuick ? 64 : 512);
    const { task, server } = await serve(data, lines);
    const browser = await puppeteer.launch({ executablePath: chromium, args: [...CHROMIUM_FLAGS] });
    try {
      const rows: Row[] = [];
      for (const place of ["page", "worker"] as const) {
        const samples: TaskTimes[] = [];
        for (let i = 0; i < (isQuick ? 1 : 5); i++) samples.push(await catchUp(browser, place, task, lines.length));
        rows.push(...rowsOf(place, samples));
      }
      note(`${BENCH}: ${lines.length} periods each time`);
      return rows;
    } finally {
      await browser.close();
      server.closeAllConnections();
      server.close();
    }
  },
};

/** Milliseconds. */
interface TaskTimes {
  readonly longest: number;
  readonly busy: number;
}

function rowsOf(place: Place, samples: readonly TaskTimes[]): Row[] {
  const row = (metric: string, key: keyof TaskTimes): Row => {
    const values = samples.map((sample) => sample[key]);
    return {
      bench: BENCH,
      metric: `client in the ${place}: ${metric}`,
      value: median(values),
      unit: "ms",
      baseline: null,
      ratio: null,
      min: Math.min(...values),
      max: Math.max(...values),
    };
  };
  return [row("longest task", "longest"), row("all tasks", "busy")];
}

async function catchUp(browser: Browser, place: Place, task: MainThreadTask, periods: number): Promise<TaskTimes> {
  const page = await browser.newPage();
  try {
    await page.goto(task.url);
    await page.tracing.start({
      categories: ["toplevel", "disabled-by-default-devtools.timeline", "blink.user_timing"],
    });
    const told = await page.evaluate(
      async (where, what) => {
        performance.mark("begin");
        const count = await globalThis.catchUp(where, what);
        performance.mark("end");
        return count;
      },
      place,
      task,
    );
    if (told < periods) throw new Error(`${BENCH}: expected ${periods} committees or more, got ${told}`);
    return tasksOf((await page.tracing.stop())!);
  } finally {
    await page.close();
  }
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds. */
  readonly ts: number;
  readonly dur?: number;
}

/** The tasks of the thread that set the marks, between them. */
function tasksOf(trace: Uint8Array): TaskTimes {
  const { traceEvents } = JSON.parse(new TextDecoder().decode(trace)) as { traceEvents: TraceEvent[] };
  const mark = (name: string) => traceEvents.find((event) => event.name === name && event.ph !== "M")!;
  const [begin, end] = [mark("begin"), mark("end")];
  const tasks = traceEvents.filter(
    ({ name, ph, pid, tid, ts }) =>
      name === "RunTask" && ph === "X" && pid === begin.pid && tid === begin.tid && ts > begin.ts && ts < end.ts,
  );
  const durations = tasks.map(({ dur = 0 }) => dur / 1000);
  if (durations.length === 0) throw new Error(`${BENCH}: the trace has no tasks`);
  return { longest: Math.max(...durations), busy: durations.reduce((sum, ms) => sum + ms, 0) };
}

/** A node that has nothing but the updates (as JSON, the heavier encoding), and the page beside it. */
async function serve(data: BenchData, lines: readonly string[]): Promise<{ task: MainThreadTask; server: Server }> {
  const { chain, store } = startFrom(data, blstBls());
  const checkpoint = toHex(beaconHeaderRoot(chain.types, store.finalizedHeader.beacon));
  const secondsPerSlot = data.network.slotDurationMs / 1000;
  const periodOf = (line: string) =>
    Math.floor((decodeLine(chain, line).attestedHeader.beacon.slot * secondsPerSlot) / SECONDS_PER_PERIOD);
  const [first, last] = [periodOf(lines[0]!), periodOf(lines.at(-1)!)];
  const scripts = {
    "/page.js": await bundle("main-thread-page.ts"),
    "/worker.js": await bundle("main-thread-worker.ts"),
  };
  const { fork, value } = data.bootstrap;

  function answer(url: URL): [type: string, body: string] | null {
    const { pathname, searchParams } = url;
    if (pathname === "/")
      return ["text/html", '<!doctype html><meta charset="utf-8"><body><script src="page.js"></script>'];
    if (pathname in scripts) return ["text/javascript", scripts[pathname as keyof typeof scripts]];
    if (pathname.includes("/bootstrap/")) return ["application/json", JSON.stringify({ version: fork, data: value })];
    if (!pathname.endsWith("/updates")) return null;
    const start = Number(searchParams.get("start_period")) - first;
    return ["application/json", `[${lines.slice(start, start + Number(searchParams.get("count"))).join(",")}]`];
  }
  const server = createServer((request, response) => {
    const found = answer(new URL(request.url!, "http://node"));
    if (found === null) response.writeHead(404).end();
    else response.writeHead(200, { "content-type": found[0] }).end(found[1]);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const nowMs = (data.network.genesisTime + (last + 1) * SECONDS_PER_PERIOD + secondsPerSlot) * 1000;
  return { server, task: { url, checkpoint, nowMs, lastPeriod: last } };
}

async function bundle(file: string): Promise<string> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const { outputFiles } = await build({
    entryPoints: [path],
    bundle: true,
    write: false,
    format: "iife",
    target: "es2022",
  });
  return outputFiles[0]!.text;
}
