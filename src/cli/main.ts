/** The command line's way in: `bin/sidelight.js` calls it. Everything around the run: arguments, terminal, exit code. */
import { parseCommandLine } from "./args.js";
import { EXIT, type ExitCode, type Failure, failureOf } from "./failure.js";
import { helpText } from "./help-text.js";
import { type Interruption, watchInterruptions } from "./interruption.js";
import { failedObject } from "./json-reporter.js";
import type { Terminal } from "./render/screen.js";
import { createStyle, wantsColor } from "./render/style.js";
import { renderFailure } from "./render/summary.js";
import { runFollow, runSync } from "./run.js";
import { openSession } from "./session.js";
import type { Settings } from "./settings.js";
import { version } from "./version.js";

/** @returns the exit code; nothing is left running */
export async function main(args: readonly string[]): Promise<ExitCode> {
  const interruption = watchInterruptions((exitCode) => process.exit(exitCode));
  const isClosed = () => interruption.failure?.details["signal"] === "SIGPIPE";
  const terminal: Terminal = {
    out: (text) => void (isClosed() || process.stdout.write(text)),
    err: (text) => void process.stderr.write(text),
    inPlace: process.stdout.isTTY === true && process.env["TERM"] !== "dumb",
    columns: () => process.stdout.columns ?? 80,
  };
  try {
    return await dispatch(args, terminal, interruption);
  } finally {
    interruption.dispose();
  }
}

async function dispatch(args: readonly string[], terminal: Terminal, interruption: Interruption): Promise<ExitCode> {
  // Known before the arguments are, as they may be what is wrong.
  const flags = {
    json: args.includes("--json"),
    verbose: args.includes("--verbose"),
    color: !args.includes("--no-color"),
  };
  try {
    const invocation = parseCommandLine(args);
    if (invocation.kind === "run") return await run(invocation.settings, terminal, interruption);
    const style = styleOf(process.stdout, true);
    terminal.out(invocation.kind === "version" ? `${version()}\n` : helpText(invocation.topic, style));
    return EXIT.done;
  } catch (thrown) {
    const failure = interruption.failure ?? failureOf(thrown);
    tellFailure(failure, terminal, flags);
    return failure.exitCode;
  }
}

async function run(settings: Settings, terminal: Terminal, interruption: Interruption): Promise<ExitCode> {
  const style = styleOf(process.stdout, settings.color);
  const session = await openSession(settings, terminal, style, interruption.signal);
  try {
    if (settings.command === "sync") return await runSync(session, interruption);
    return await runFollow(settings, session, interruption);
  } finally {
    session.reporter.end();
  }
}

/** A failure before there was anyone to tell it. */
function tellFailure(
  failure: Failure,
  { out, err }: Terminal,
  { json, verbose, color }: Pick<Settings, "json" | "verbose" | "color">,
): void {
  if (json) out(`${JSON.stringify(failedObject(failure, verbose))}\n`);
  if (json && failure.exitCode !== EXIT.usage) return;
  for (const line of renderFailure(styleOf(process.stderr, color), failure, verbose)) err(`${line}\n`);
}

function styleOf(stream: { readonly isTTY?: boolean }, wanted: boolean) {
  return createStyle(wantsColor({ wanted, isTerminal: stream.isTTY === true, env: process.env }));
}
