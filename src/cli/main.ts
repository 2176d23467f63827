/** The command line's way in: `bin/sidelight.js` calls it. Everything around the run: arguments, terminal, exit code. */
import { parseCommandLine } from "./args.js";
import { EXIT, type ExitCode, type Failure, failureOf } from "./failure.js";
import { runHealth } from "./health/run.js";
import { helpText } from "./help-text.js";
import { type Interruption, watchInterruptions } from "./interruption.js";
import { failedObject } from "./json-reporter.js";
import type { LoadPeers } from "./party.js";
import { isProofCommand, runProofCommand } from "./proof-commands.js";
import { columnsOf, type Terminal } from "./render/screen.js";
import { createStyle, wantsColor } from "./render/style.js";
import { renderFailure } from "./render/summary.js";
import { runFollow, runSync } from "./run.js";
import { openSession } from "./session.js";
import type { Settings } from "./settings.js";
import { runVerification } from "./verify-evidence.js";
import { version } from "./version.js";

/** What only the program that starts it can do. */
export interface Loaders {
  /** `peers.js` beside this file, which needs packages that not everybody installs. */
  readonly loadPeers: LoadPeers;
}

/** @returns the exit code; nothing is left running */
export async function main(args: readonly string[], { loadPeers }: Partial<Loaders> = {}): Promise<ExitCode> {
  const interruption = watchInterruptions((exitCode) => process.exit(exitCode));
  const isClosed = () => interruption.failure?.isTold === true;
  const terminal: Terminal = {
    out: (text) => void (isClosed() || process.stdout.write(text)),
    err: (text) => void process.stderr.write(text),
    inPlace: canDraw(process.stdout),
    errInPlace: canDraw(process.stderr),
    columns: () => columnsOf(process.stdout),
  };
  try {
    const exitCode = await dispatch(args, terminal, interruption, loadPeers);
    const { failure } = interruption;
    return failure?.exitCode === EXIT.unexpected ? failure.exitCode : exitCode;
  } finally {
    interruption.dispose();
  }
}

async function dispatch(
  args: readonly string[],
  terminal: Terminal,
  interruption: Interruption,
  loadPeers: LoadPeers | undefined,
): Promise<ExitCode> {
  // Known before the arguments are, as they may be what is wrong.
  const flags = {
    json: args.includes("--json"),
    verbose: args.includes("--verbose"),
    color: !args.includes("--no-color"),
  };
  const [command, ...own] = args[0] === "help" ? [args[1] ?? "", "--help"] : args;
  try {
    if (command === "health") {
      const styleFor = (isColored: boolean) => styleOf(process.stdout, isColored);
      return await runHealth(own, terminal, styleFor, interruption, loadPeers);
    }
    if (isProofCommand(command)) return await runProofCommand(command, own, terminal, interruption.signal);
    const invocation = parseCommandLine(args);
    if (invocation.kind === "verify") {
      const { verification } = invocation;
      return await runVerification(
        verification,
        terminal,
        styleOf(process.stdout, verification.color),
        interruption.signal,
      );
    }
    if (invocation.kind === "run") return await run(invocation.settings, terminal, interruption, loadPeers);
    const style = styleOf(process.stdout, true);
    terminal.out(invocation.kind === "version" ? `${version()}\n` : helpText(invocation.topic, style));
    return EXIT.done;
  } catch (thrown) {
    const failure = interruption.failure ?? failureOf(thrown);
    tellFailure(failure, terminal, flags);
    return failure.exitCode;
  }
}

async function run(
  settings: Settings,
  terminal: Terminal,
  interruption: Interruption,
  loadPeers: LoadPeers | undefined,
): Promise<ExitCode> {
  const style = styleOf(process.stdout, settings.color);
  const session = await openSession(settings, terminal, style, interruption.signal, loadPeers);
  try {
    if (settings.command === "sync") return await runSync(session, interruption);
    return await runFollow(settings, session, interruption);
  } finally {
    session.reporter.end();
    await session.close();
  }
}

/** A failure before there was anyone to tell it. */
function tellFailure(
  failure: Failure,
  { out, err }: Terminal,
  { json, verbose, color }: Pick<Settings, "json" | "verbose" | "color">,
): void {
  if (failure.isTold) return;
  if (json) out(`${JSON.stringify(failedObject(failure, verbose))}\n`);
  if (json && failure.exitCode !== EXIT.usage) return;
  for (const line of renderFailure(styleOf(process.stderr, color), failure, verbose)) err(`${line}\n`);
}

function canDraw({ isTTY }: { readonly isTTY?: boolean }): boolean {
  return isTTY === true && process.env["TERM"] !== "dumb";
}

function styleOf(stream: { readonly isTTY?: boolean }, wanted: boolean) {
  return createStyle(wantsColor({ wanted, isTerminal: stream.isTTY === true, env: process.env }));
}
