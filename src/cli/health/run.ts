/** The command `health`. */
import { EXIT, type ExitCode } from "../failure.js";
import type { Interruption } from "../interruption.js";
import type { LoadPeers } from "../party.js";
import { createScreen, type Terminal } from "../render/screen.js";
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
  loadPeers: LoadPeers | undefined,
): Promise<ExitCode> {
  const health = parseHealth(args);
  if (health === null) {
    terminal.out(healthHelp(styleFor(true)));
    return EXIT.done;
  }
  const style = styleFor(health.settings.color);
  // a range is measured in silence, but for how far it is, and may be told to a file meanwhile
  const onErr = { ...terminal, out: terminal.err, inPlace: terminal.errInPlace };
  const screen = createScreen(health.live ? terminal : onErr);
  // what the client tells goes to stderr if it is a warning, and nowhere else: stdout is for what was measured
  const err = (text: string) => screen.warn(text.replace(/\n$/, ""));
  const quiet: Terminal = { ...terminal, out: () => {}, err, inPlace: false };
  const session = await openSession(health.settings, quiet, style, interruption.signal, loadPeers);
  try {
    const run = health.live ? runHealthLive : runHealthRange;
    return await run(health, session, terminal, screen, style, interruption);
  } finally {
    session.reporter.end();
    await session.close();
  }
}
