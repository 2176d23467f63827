/** Colours of a terminal (ECMA-48 SGR), or none. */

export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly blue: (text: string) => string;
  readonly magenta: (text: string) => string;
  readonly cyan: (text: string) => string;
}

export function createStyle(enabled: boolean): Style {
  const paint = (on: number, off: number) => (text: string) =>
    enabled && text !== "" ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    blue: paint(34, 39),
    magenta: paint(35, 39),
    cyan: paint(36, 39),
  };
}

export interface ColorQuestion {
  /** `false`: `--no-color`. */
  readonly wanted: boolean;
  readonly isTerminal: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * https://no-color.org and https://force-color.org: either counts when it is there and not empty. What the user typed
 * comes first, then NO_COLOR, then FORCE_COLOR (`0` and `false` force none, as Node has it).
 */
export function wantsColor({ wanted, isTerminal, env }: ColorQuestion): boolean {
  if (!wanted || isSet(env["NO_COLOR"])) return false;
  const force = env["FORCE_COLOR"];
  if (isSet(force)) return force !== "0" && force !== "false";
  return isTerminal && env["TERM"] !== "dumb";
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}
