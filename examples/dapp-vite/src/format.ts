const integer = new Intl.NumberFormat("en");

export const count = (value: number): string => integer.format(value);

export const percent = (rate: number): string => `${(100 * rate).toFixed(1)} %`;

/** `0x1234…cdef` */
export const shortRoot = (root: string): string => `${root.slice(0, 10)}…${root.slice(-6)}`;

export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

export function ago(seconds: number): string {
  return seconds < 1.5 ? "now" : `${duration(seconds)} ago`;
}
