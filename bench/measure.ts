/**
 * How time is taken: variants of one task run in turn, round after round, in one process, so that whatever else the
 * machine does hits all of them alike. Medians; the order changes every round. Ratios are of processor time, which does
 * not grow while others have the processor.
 */
import { availableParallelism, cpus, loadavg } from "node:os";
import type { Row } from "./table.js";

export interface Sample {
  readonly wallMs: number;
  readonly cpuMs: number;
}

export interface Variant {
  readonly metric: string;
  /** Metric that it is compared with. */
  readonly baseline?: string;
  /** Not timed; before every sample. */
  prepare?(): void;
  /** How often `run` does its work in a sample. @default 1 */
  readonly count?: number;
  /** Does the work. */
  run(): void;
}

export interface AsyncVariant extends Omit<Variant, "run"> {
  run(): void | Promise<void>;
}

export interface MeasureOptions {
  readonly bench: string;
  /** Of one unit of work. */
  readonly unit: "ms" | "µs";
  readonly rounds: number;
}

/** Rounds that do not count. */
const WARM_UP_ROUNDS = 2;

/** Rows in the order of the variants. */
export function measure(variants: readonly Variant[], options: MeasureOptions): Row[] {
  const samples = variants.map((): Sample[] => []);
  for (let round = -WARM_UP_ROUNDS; round < options.rounds; round++) {
    for (let i = 0; i < variants.length; i++) {
      const index = (i + round + WARM_UP_ROUNDS) % variants.length;
      const sample = sampleOf(variants[index]!);
      if (round >= 0) samples[index]!.push(sample);
    }
  }
  return rowsOf(variants, samples, options);
}

/** The same for what is not done at once: peers that answer by promises. */
export async function measureAsync(variants: readonly AsyncVariant[], options: MeasureOptions): Promise<Row[]> {
  const samples = variants.map((): Sample[] => []);
  for (let round = -WARM_UP_ROUNDS; round < options.rounds; round++) {
    for (let i = 0; i < variants.length; i++) {
      const index = (i + round + WARM_UP_ROUNDS) % variants.length;
      const { prepare, run } = variants[index]!;
      prepare?.();
      const stop = startClock();
      await run();
      const sample = stop();
      if (round >= 0) samples[index]!.push(sample);
    }
  }
  return rowsOf(variants, samples, options);
}

/** Rows of samples that were taken by other means; each sample is of `count` units of work. */
export function rowsOf(
  variants: readonly Pick<Variant, "metric" | "baseline" | "count">[],
  samples: readonly (readonly Sample[])[],
  { bench, unit }: Pick<MeasureOptions, "bench" | "unit">,
): Row[] {
  const scale = unit === "µs" ? 1000 : 1;
  const per = (of: keyof Sample) =>
    variants.map(({ count = 1 }, i) => samples[i]!.map((sample) => (sample[of] * scale) / count));
  const wall = per("wallMs");
  const cpu = per("cpuMs").map(median);
  const cpuOf = (metric: string) => cpu[variants.findIndex((variant) => variant.metric === metric)]!;
  return variants.map(({ metric, baseline }, i) => ({
    bench,
    metric,
    value: median(wall[i]!),
    unit,
    baseline: baseline ?? null,
    ratio: baseline === undefined ? null : cpu[i]! / cpuOf(baseline),
    min: Math.min(...wall[i]!),
    max: Math.max(...wall[i]!),
    cpu: cpu[i]!,
  }));
}

function sampleOf({ prepare, run }: Variant): Sample {
  prepare?.();
  const stop = startClock();
  run();
  return stop();
}

/** Starts measuring; the function that it gives ends it. */
export function startClock(): () => Sample {
  const cpu = process.cpuUsage();
  const started = performance.now();
  return () => {
    const wallMs = performance.now() - started;
    const { user, system } = process.cpuUsage(cpu);
    return { wallMs, cpuMs: (user + system) / 1000 };
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The machine as far as it matters for a figure. */
export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  return `Node ${process.versions.node}, V8 ${process.versions.v8}, ${model}, ${availableParallelism()} cores`;
}

/** How busy it is: on a quiet machine this is at most about 1, which is the bench itself. */
export function describeLoad(): string {
  const [one, five] = loadavg();
  return `load ${one!.toFixed(2)} over one minute, ${five!.toFixed(2)} over five`;
}
