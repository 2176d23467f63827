// What the scripts have in common. Nothing but Node's own modules: they run before anything is installed.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the repository. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url));

const hasColor =
  !process.env.NO_COLOR &&
  (process.env.FORCE_COLOR ? process.env.FORCE_COLOR !== "0" : process.stdout.isTTY && process.env.TERM !== "dumb");
const paint = (on, off) => (text) => (hasColor ? `\u001b[${on}m${text}\u001b[${off}m` : text);
export const style = {
  bold: paint(1, 22),
  dim: paint(2, 22),
  red: paint(31, 39),
  green: paint(32, 39),
  cyan: paint(36, 39),
};

export function say(text) {
  process.stdout.write(`${text}\n`);
}

/** A failure whose message is all that there is to say about it. */
export class Trouble extends Error {}

/** Ends the process as a script should: a sentence for a Trouble, or for what was typed wrong, and a stack for a bug. */
export function end(error) {
  const isTrouble = error instanceof Trouble || String(error.code).startsWith("ERR_PARSE_ARGS_");
  process.stderr.write(`${isTrouble ? `${style.red("✘")} ${error.message}` : error.stack}\n`);
  process.exit(1);
}

/**
 * Runs a command to its end.
 *
 * @param {{ cwd?: string, show?: boolean, env?: object }} options `show`: its output is passed on as it comes
 * @returns {Promise<{ code: number, output: string }>} both streams in one text
 */
export function run(command, args, { cwd = ROOT, show = false, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...(hasColor && show ? { FORCE_COLOR: process.env.FORCE_COLOR ?? "1" } : {}), ...env },
      // npm is a .cmd file there, which only a shell can start; no argument here needs quoting
      shell: process.platform === "win32" && command === "npm",
    });
    const parts = [];
    for (const [stream, target] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]) {
      stream.on("data", (chunk) => {
        parts.push(chunk);
        if (show) target.write(chunk);
      });
    }
    child.on("error", reject);
    child.on("close", (code, signal) =>
      resolve({ code: code ?? (signal === null ? 1 : 128), output: Buffer.concat(parts).toString("utf8") }),
    );
  });
}

/** The npm that started this, or the one there is. */
export function runNpm(args, options) {
  const npm = process.env.npm_execpath;
  return npm?.endsWith(".js") ? run(process.execPath, [npm, ...args], options) : run("npm", args, options);
}

/** Compiles the library, unless what is there is newer than its sources. */
export async function build() {
  const inputs = ["src", "tsconfig.base.json", "tsconfig.build.json", "package-lock.json"];
  if (isNewer("dist/cli/main.js", inputs)) return;
  say(style.dim("building …"));
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const { code, output } = await run(process.execPath, [tsc, "-p", "tsconfig.build.json"]);
  if (code !== 0) throw new Trouble(`the build failed:\n${output}`);
}

/** Is a file of the repository newer than everything it is made from? */
export function isNewer(output, inputs) {
  return newestMs(join(ROOT, output)) > Math.max(...inputs.map((path) => newestMs(join(ROOT, path))));
}

/** Time of the last change in a file, or of the newest file in a folder; 0 if it is not there. */
export function newestMs(path) {
  if (!existsSync(path)) return 0;
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newestMs(join(path, name))));
}

export function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

export function formatSeconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
