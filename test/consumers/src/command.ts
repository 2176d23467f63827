/** Commands that these tests run, as a user would type them. */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const CONSUMERS = fileURLToPath(new URL("..", import.meta.url));

export interface Finished {
  readonly code: number;
  /** Both streams, in the order they came. */
  readonly output: string;
  readonly stdout: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

export function run(command: string, args: readonly string[], { cwd, env = {} }: RunOptions): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_OPTIONS: "", NODE_V8_COVERAGE: "", NO_COLOR: "1", FORCE_COLOR: "", ...env },
    });
    let output = "";
    let stdout = "";
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString("utf8");
      output += chunk.toString("utf8");
    });
    child.stderr.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
    });
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code: code ?? (signal === null ? 1 : 128), output, stdout }));
  });
}

export function runNode(args: readonly string[], options: RunOptions): Promise<Finished> {
  return run(process.execPath, args, options);
}

/** @throws if it fails, with what it said */
export async function mustRunNode(args: readonly string[], options: RunOptions): Promise<Finished> {
  const finished = await runNode(args, options);
  if (finished.code !== 0) throw new Error(`${args.join(" ")} ended with ${finished.code}:\n${finished.output}`);
  return finished;
}

/** The npm that started this, or the one there is. */
export async function mustRunNpm(args: readonly string[], options: RunOptions): Promise<Finished> {
  const npm = process.env["npm_execpath"];
  const finished = await (npm?.endsWith(".js") ? runNode([npm, ...args], options) : run("npm", args, options));
  if (finished.code !== 0) throw new Error(`npm ${args.join(" ")} ended with ${finished.code}:\n${finished.output}`);
  return finished;
}

/** A command of a package that is installed here: the file that its `bin` names. */
export function binOf(packageName: string, name = packageName): string {
  const require = createRequire(join(CONSUMERS, "package.json"));
  const file = join(CONSUMERS, "node_modules", packageName, "package.json");
  const { bin } = require(file) as { bin: string | Record<string, string> };
  const path = typeof bin === "string" ? bin : bin[name];
  if (path === undefined) throw new Error(`${packageName} has no command ${name}`);
  return join(dirname(file), path);
}
