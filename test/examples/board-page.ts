/**
 * The dashboard's page with a made-up network in it, `board-page/day.ts`: a day passes in seconds. It is bundled by the
 * dashboard's own tools and has its own types, since the dashboard is a package of its own.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { serveFolder } from "../../scripts/serve-folder.js";
import type { Anomaly, Judgement, SeriesPoint } from "../../src/health/index.js";

const DASHBOARD = fileURLToPath(new URL("../../examples/dashboard/", import.meta.url));
const BOARD_PAGE = fileURLToPath(new URL("./board-page/", import.meta.url));

/** As `board-page/day.ts` has it. */
export interface Day {
  pass(seconds: number): Promise<void>;
  model(): {
    readonly slots: readonly unknown[];
    readonly points: readonly SeriesPoint[];
    readonly judgements: readonly Judgement[];
  };
  /** All anomalies since the page was opened. */
  anomalies(): readonly Anomaly[];
  findFaint(part: "board" | "setup"): { readonly checked: number; readonly found: readonly string[] };
  readonly seen: {
    readonly rewritten: number;
    readonly replaced: readonly string[];
    readonly told: number;
    readonly shifts: readonly { readonly value: number; readonly what: string }[];
    readonly updates: number;
  };
}

declare global {
  interface Window {
    day: Day;
  }
}

export interface BoardPage {
  readonly url: string;
  close(): void;
}

export async function serveBoardPage(): Promise<BoardPage> {
  const typescript = join(DASHBOARD, "node_modules/typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [typescript, "-p", BOARD_PAGE], { encoding: "utf8" });
  if (status !== 0) throw new Error(`types of the board's page:\n${stdout}`);
  const folder = mkdtempSync(join(tmpdir(), "sidelight-board-"));
  const { build } = await import(pathToFileURL(join(DASHBOARD, "node_modules/vite/dist/node/index.js")).href);
  await build({
    configFile: false,
    root: DASHBOARD,
    logLevel: "error",
    build: { outDir: folder, emptyOutDir: true },
    resolve: { alias: { "/src/main.ts": join(BOARD_PAGE, "day.ts") } },
  });
  const site = await serveFolder(folder);
  return {
    url: site.url,
    close() {
      site.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
