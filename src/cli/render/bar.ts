/** Bars of block characters (U+2581 to U+258F). Pure. */

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;
const LEVELS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;

/** Full and empty part of a bar `width` columns wide; together they always have that width. */
export function splitBar(fraction: number, width: number): { readonly full: string; readonly empty: string } {
  const clamped = Math.min(1, Math.max(0, fraction));
  const eighths = Math.floor(clamped * width * 8);
  const full = "█".repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]!;
  return { full, empty: "░".repeat(width - full.length) };
}

/** One column a rate (0 to 1), the lowest block for `floor` and less: differences near 1 are what there is to see. */
export function sparkline(rates: readonly number[], floor = 0.5): string {
  return rates
    .map((rate) => {
      const height = Math.max(0, (rate - floor) / (1 - floor));
      return LEVELS[Math.min(LEVELS.length - 1, Math.floor(height * LEVELS.length))]!;
    })
    .join("");
}
