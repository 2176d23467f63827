/** Numbers, times and roots as people read them. Pure. */

/** `1,234,567` */
export function formatCount(value: number): string {
  const sign = value < 0 ? "-" : "";
  return (
    sign +
    Math.abs(Math.round(value))
      .toString()
      .replace(/\B(?=(\d{3})+$)/g, ",")
  );
}

/** `1 period`, `12 periods` */
export function formatQuantity(value: number, noun: string): string {
  return `${formatCount(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** `0.8 s`, `42 s`, `3 min 20 s`, `2 h 10 min`, `3.2 days`, `2.1 years` */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min${whole % 60 === 0 ? "" : ` ${whole % 60} s`}`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? "" : ` ${minutes % 60} min`}`;
  const days = seconds / 86_400;
  return days < 700 ? `${days.toFixed(days < 9.95 ? 1 : 0)} days` : `${(days / 365.25).toFixed(1)} years`;
}

/** `96.9 %`; nothing below 1 is shown as 100 %. */
export function formatPercent(fraction: number): string {
  const tenths = fraction < 1 ? Math.min(Math.round(fraction * 1000), 999) : 1000;
  return `${tenths === 1000 ? "100" : (tenths / 10).toFixed(1)} %`;
}

/** `41/s`, `3.2/s`, `12/min` */
export function formatRate(perSecond: number): string {
  if (perSecond >= 10) return `${formatCount(perSecond)}/s`;
  return perSecond >= 0.5 ? `${perSecond.toFixed(1)}/s` : `${(perSecond * 60).toFixed(1)}/min`;
}

/** `0x3f2a91…9c1d04`: enough to recognize it, not to compare it. */
export function shortRoot(root: string): string {
  return root.length <= 18 ? root : `${root.slice(0, 8)}…${root.slice(-6)}`;
}

/** `2023-08-12 10:11:12 UTC` */
export function formatTime(unixSeconds: number): string {
  return `${new Date(unixSeconds * 1000).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

const ESCAPE = String.fromCharCode(27);
const COLOR = new RegExp(`(${ESCAPE}\\[[0-9;]*m)`);

/** Columns that a line takes, with colours left out. Every character here is one column wide. */
export function visibleWidth(line: string): number {
  return [
    ...line
      .split(COLOR)
      .filter((_, i) => i % 2 === 0)
      .join(""),
  ].length;
}

/** The first `width` columns, colours kept and closed: a line that wraps would break drawing in place. */
export function truncateVisible(line: string, width: number): string {
  if (visibleWidth(line) <= width) return line;
  const parts = line.split(COLOR);
  let left = Math.max(0, width - 1);
  let out = "";
  for (const [i, part] of parts.entries()) {
    if (i % 2 === 1) {
      out += part;
      continue;
    }
    const shown = [...part].slice(0, left);
    left -= shown.length;
    out += shown.join("");
  }
  return `${out}…`;
}

/** Pads to `width` columns, colours not counted. */
export function padVisible(line: string, width: number): string {
  return line + " ".repeat(Math.max(0, width - visibleWidth(line)));
}
