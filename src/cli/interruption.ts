/** Everything that ends a run from outside: signals, a reader of stdout that went away, a disk that takes no more of it. */
import { EXIT, type Failure, interrupted } from "./failure.js";

export interface Interruption {
  readonly signal: AbortSignal;
  /** What the end means for a run that had to be finished; `null` while it has not come. */
  readonly failure: Failure | null;
  /** Calls `listener` when the end comes, also if it has. @returns a function that removes it */
  onEnd(listener: () => void): () => void;
  dispose(): void;
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
/** Ctrl-C under `npm run` arrives twice: from the terminal, and from npm. Only what comes later is a second one. */
const ECHO_MS = 1_000;

/**
 * @param onSecond called when a signal comes although one has come before: the user has no patience left
 */
export function watchInterruptions(onSecond: (exitCode: number) => void): Interruption {
  const end = new AbortController();
  let failure: Failure | null = null;
  let firstMs = 0;

  function stop(why: Failure): void {
    failure ??= why;
    end.abort();
  }
  const handlers = SIGNALS.map((name) => {
    const handler = () => {
      const nowMs = Date.now();
      if (failure === null) firstMs = nowMs;
      else if (nowMs - firstMs > ECHO_MS) onSecond(interrupted(name).exitCode);
      stop(interrupted(name));
    };
    process.on(name, handler);
    return () => process.off(name, handler);
  });
  const onPipe = ({ code, message: reason }: NodeJS.ErrnoException) => {
    if (code === "EPIPE") {
      const message = "nobody reads the output any more";
      stop({ code: "INTERRUPTED", message, details: { signal: "SIGPIPE" }, exitCode: EXIT.pipeClosed, isTold: true });
      return;
    }
    const message = `stdout: expected to write, got ${reason}`;
    process.stderr.write(`sidelight: ${message}\n`);
    stop({ code: "UNEXPECTED", message, details: {}, exitCode: EXIT.unexpected, isTold: true });
    // what is told last may fail when all else has ended
    process.exitCode = EXIT.unexpected;
  };
  process.stdout.on("error", onPipe);
  // Without anyone to tell, there is nothing to be done about it.
  process.stderr.on("error", () => {});

  return {
    signal: end.signal,
    get failure() {
      return failure;
    },
    onEnd(listener) {
      if (end.signal.aborted) listener();
      end.signal.addEventListener("abort", listener, { once: true });
      return () => end.signal.removeEventListener("abort", listener);
    },
    // The pipe stays watched: what was written last may still come back.
    dispose: () => handlers.forEach((off) => void off()),
  };
}
