/** A terminal, or a pipe: lines that stay, and below them on a terminal a few lines that are drawn in place. */
import { truncateVisible } from "./text.js";

/** Where text goes. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** May lines of stdout be drawn in place? */
  readonly inPlace: boolean;
  /** And of stderr: it may be a terminal while stdout is a file. */
  readonly errInPlace: boolean;
  /** Columns of the terminal now. */
  readonly columns: () => number;
}

/** A terminal that does not know its size says 0: many that programs make have none. */
export function columnsOf({ columns }: { readonly columns?: number }): number {
  return columns || 80;
}

export interface Screen {
  readonly inPlace: boolean;
  readonly columns: () => number;
  /** A line on stdout that stays. */
  print(line: string): void;
  /** A line on stderr that stays. */
  warn(line: string): void;
  /** Replaces what is drawn in place. Does nothing where that is not possible. */
  draw(lines: readonly string[]): void;
  /** Takes away what is drawn in place. */
  clear(): void;
  /** Leaves what is drawn in place where it is; what comes next comes below it. */
  keep(): void;
}

const CLEAR_LINE_END = "\u001b[K";
const CLEAR_BELOW = "\u001b[J";

export function createScreen({ out, err, inPlace, columns }: Omit<Terminal, "errInPlace">): Screen {
  let shown: readonly string[] = [];

  /** Goes back to where the drawing starts. */
  const home = () => (shown.length === 0 ? "" : `\r\u001b[${shown.length}A`);

  /** One write for everything: a terminal then shows no half of it. */
  function redraw(before: string): void {
    out(`${home()}${before}${renderFrame(shown, columns())}${CLEAR_BELOW}`);
  }

  return {
    inPlace,
    columns,
    print(line) {
      if (shown.length === 0) out(`${line}\n`);
      else redraw(`${line}${CLEAR_LINE_END}\n`);
    },
    warn(line) {
      if (shown.length === 0) {
        err(`${line}\n`);
        return;
      }
      out(`${home()}${CLEAR_BELOW}`);
      err(`${line}\n`);
      out(renderFrame(shown, columns()));
    },
    draw(lines) {
      if (!inPlace) return;
      const back = home();
      shown = lines;
      out(`${back}${renderFrame(lines, columns())}${CLEAR_BELOW}`);
    },
    clear() {
      if (shown.length > 0) out(`${home()}${CLEAR_BELOW}`);
      shown = [];
    },
    keep() {
      shown = [];
    },
  };
}

/** Lines as they are drawn over others: none wraps, none leaves a rest of the one it replaces. */
export function renderFrame(lines: readonly string[], columns: number): string {
  return lines.map((line) => `${truncateVisible(line, columns)}${CLEAR_LINE_END}\n`).join("");
}
