/** The command `health`. */
import { EXIT, type ExitCode } from "../failure.js";
import type { Interruption } from "../interruption.js";
import { resolveNetwork } from "../network.js";
import type { Terminal } from "../render/screen.js";
import type { Style } from "../render/style.js";
import { openSession } from "../session.js";
import { healthHelp } from "./help.js";
import { runHealthLive } from "./live.js";
import { runHealthRange } from "./range.js";
import { parseHealth } from "./settings.js";

/** @throws whatever is wrong with the arguments */
export async function runHealth(
  args: readonly string[],
  terminal: Terminal,
  styleFor: (isColored: boolean) => Style,
  interruption: Interruption,
): Promise<ExitCode> {
  const health = parseHealth(args);
  if (health === null) {
    terminal.out(healthHelp(styleFor(true)));
    return EXIT.done;
  }
  const style = styleFor(health.settings.color);
  const network = await resolveNetwork(health.settings, interruption.signal);
  // what the client tells goes to stderr if it is a warning, and nowhere else: stdout is for what was measured
  const quiet: Terminal = { ...terminal, out: () => {}, inPlace: false };
  const session = await openSession(health.settings, quiet, style, interruption.signal);
  try {
    const run = health.live ? runHealthLive : runHealthRange;
    return await run(health, network, session, terminal, style, interruption);
  } finally {
    session.reporter.end();
    await session.close();
  }
}
