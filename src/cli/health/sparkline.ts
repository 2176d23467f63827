/** A series in one line of text. */

const BARS = "▁▂▃▄▅▆▇█";

/**
 * One character a value, the newest `width` of them; a blank for what was not measured. From the least to the most of what
 * is shown, but never finer than `least`: noise must not look like news.
 */
export function sparkline(values: readonly (number | undefined)[], width: number, least: number): string {
  const shown = values.slice(-Math.max(1, width));
  const known = shown.filter((value): value is number => value !== undefined);
  if (known.length === 0) return "";
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const range = Math.max(high - low, least);
  // what hardly moves stands in the middle
  const bottom = high - low < least ? (low + high - range) / 2 : low;
  return shown
    .map((value) => {
      if (value === undefined) return " ";
      const share = (value - bottom) / range;
      return BARS[Math.min(BARS.length - 1, Math.floor(share * BARS.length))];
    })
    .join("");
}
