/** What every bench is given. */
import type { BenchData } from "./data.js";
import type { Row } from "./table.js";

export interface BenchContext {
  /** Fewer rounds: to see that it works. */
  readonly isQuick: boolean;
  readonly data: BenchData;
  /** For what is no figure. */
  note(line: string): void;
}

export interface Bench {
  readonly name: string;
  run(context: BenchContext): Promise<Row[]>;
}
