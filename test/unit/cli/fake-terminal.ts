/** As much of a terminal as the screen uses: line feed, carriage return, cursor up, clear to the end of line or screen. */
import type { Terminal } from "../../../src/cli/render/screen.js";

export interface FakeTerminal extends Terminal {
  /** What is to be seen, stdout and stderr alike. */
  text(): string;
  /** What went to stderr. */
  readonly errors: readonly string[];
}

export function fakeTerminal(columns: number, inPlace = true): FakeTerminal {
  const errors: string[] = [];
  let lines = [""];
  let row = 0;
  let column = 0;

  function control(letter: string, count: number): void {
    if (letter === "A") row -= count;
    else if (letter === "K") lines[row] = lines[row]!.slice(0, column);
    else if (letter === "J") lines = [...lines.slice(0, row), lines[row]!.slice(0, column)];
    else throw new Error(`unknown control sequence ${letter}`);
    if (row < 0) throw new Error("above the top");
  }

  function put(character: string): void {
    if (character === "\r") column = 0;
    else if (character === "\n") {
      row++;
      column = 0;
      lines[row] ??= "";
    } else {
      lines[row] = lines[row]!.slice(0, column) + character + lines[row]!.slice(column + 1);
      column++;
    }
  }

  function write(text: string): void {
    const [plain, ...rest] = text.split("\u001b[");
    for (const character of plain!) put(character);
    for (const part of rest) {
      const [sequence, count, letter] = /^(\d*)([A-Za-z])/.exec(part)!;
      control(letter!, Number(count || "1"));
      for (const character of part.slice(sequence.length)) put(character);
    }
  }

  return {
    out: write,
    err(text) {
      errors.push(text);
      write(text);
    },
    inPlace,
    errInPlace: inPlace,
    columns: () => columns,
    text: () => lines.join("\n"),
    errors,
  };
}
