import type { Format } from "./result.ts";

type Range = { type: string; quality: number };

const MEDIA_TYPES: Record<string, Format> = {
  "application/json": "json",
  "application/octet-stream": "ssz",
};

function parseAccept(accept: string): Range[] {
  return accept
    .split(",")
    .map((part) => {
      const [type = "", ...params] = part.split(";").map((text) => text.trim().toLowerCase());
      const quality = params.find((param) => param.startsWith("q="));
      return { type, quality: quality === undefined ? 1 : Number(quality.slice(2)) };
    })
    .filter(({ type, quality }) => type !== "" && quality > 0);
}

/**
 * The format to answer in (RFC 9110, section 12.5.1): highest quality, then first named; null where none fits.
 * Whatever is fine for the client is JSON.
 */
export function negotiate(accept: string | undefined, offered: readonly Format[]): Format | null {
  if (accept === undefined || accept.trim() === "") return offered[0] ?? null;
  const ranges = parseAccept(accept).sort((a, b) => b.quality - a.quality);
  for (const { type } of ranges) {
    if (type === "*/*" || type === "application/*") return offered[0] ?? null;
    const format = MEDIA_TYPES[type];
    if (format && offered.includes(format)) return format;
  }
  return null;
}
