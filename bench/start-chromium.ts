/** Chromium, a fresh one for each sample: engines remember what they have compiled. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { transform } from "esbuild";
import { rollup } from "rollup";
import type { StartCase, StartTimes } from "./start-page.js";

/** The browser to run, if there is one: `CHROME_BIN`, or Debian's. */
export function findChromium(): string | null {
  const path = process.env["CHROME_BIN"] ?? "/usr/bin/chromium";
  return existsSync(path) ? path : null;
}

const FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** How long a page rests before it is timed: a browser that has just started is busy with itself. */
const SETTLE_MS = 700;
const LIMIT_MS = 60_000;

/** Isolated pages have a clock of microseconds. */
const HEADERS = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
} as const;

/** One page that times itself on each case, in a browser of its own. */
export async function inFreshBrowsers(browser: string, cases: readonly StartCase[]): Promise<StartTimes[]> {
  const script = await bundle();
  const times: StartTimes[] = [];
  for (const each of cases) times.push(await inFreshBrowser(browser, script, each));
  return times;
}

async function inFreshBrowser(browser: string, script: string, each: StartCase): Promise<StartTimes> {
  const page = `<!doctype html><meta charset="utf-8"><script>${script}</script><script>
    const report = (value) => fetch("/result", { method: "POST", body: JSON.stringify(value) });
    setTimeout(() => page.timeStart(${JSON.stringify(each)}).then(report, (error) => report({ error: String(error) })), ${SETTLE_MS});
  </script>`;
  const profile = mkdtempSync(join(tmpdir(), "sidelight-start-"));
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  const server = createServer();
  try {
    return await new Promise<StartTimes>((done, fail) => {
      timer = setTimeout(() => fail(new Error(`${browser}: no answer within ${LIMIT_MS} ms`)), LIMIT_MS);
      server.on("request", (request, response) => {
        response.writeHead(200, { ...HEADERS, "content-type": "text/html; charset=utf-8" });
        if (request.method !== "POST") return void response.end(request.url === "/" ? page : "");
        let body = "";
        request.on("data", (part: Buffer) => {
          body += part.toString();
        });
        request.on("end", () => {
          response.end();
          const result = JSON.parse(body) as StartTimes & { error?: string };
          if (result.error === undefined) done(result);
          else fail(new Error(result.error));
        });
      });
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo;
        child = spawn(browser, [...FLAGS, `--user-data-dir=${profile}`, `http://127.0.0.1:${port}/`], {
          stdio: "ignore",
          detached: true,
        });
        child.on("error", fail);
      });
    });
  } finally {
    clearTimeout(timer);
    await ended(child);
    server.close();
    server.closeAllConnections();
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  }
}

async function ended(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null) return;
  const exit = new Promise((done) => child.once("exit", done));
  // a group of its own: the browser has many processes
  process.kill(-child.pid!, "SIGKILL");
  await exit;
}

/** The page's script: one file, as a script tag has it. */
async function bundle(): Promise<string> {
  const made = await rollup({
    input: fileURLToPath(new URL("start-page.ts", import.meta.url)),
    plugins: [typescript, nodeResolve({ browser: true })],
    onwarn() {},
  });
  const { output } = await made.generate({ format: "iife", name: "page" });
  return output[0].code.replaceAll("</script", "<\\/script");
}

/** Takes the types off; `.js` names a source. */
const typescript = {
  name: "typescript",
  resolveId(specifier: string, importer?: string) {
    if (importer === undefined || !specifier.startsWith(".")) return null;
    const path = fileURLToPath(new URL(specifier.replace(/\.js$/, ".ts"), new URL(importer, "file://")));
    return existsSync(path) ? path : null;
  },
  async load(path: string) {
    if (!path.endsWith(".ts")) return null;
    return (await transform(readFileSync(path, "utf8"), { loader: "ts", target: "es2022", format: "esm" })).code;
  },
};
