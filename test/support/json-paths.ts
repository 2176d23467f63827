/** Walks and changes parsed JSON. */

export type Keys = readonly (string | number)[];

export interface JsonNode {
  readonly keys: Keys;
  /** As the library writes it: `a.b[3]`. */
  readonly path: string;
  readonly value: unknown;
}

/** Every value inside `json` (itself not), parents before children. */
export function jsonNodes(json: unknown, keys: Keys = []): JsonNode[] {
  if (typeof json !== "object" || json === null) return [];
  const entries = Array.isArray(json) ? json.map((value, i) => [i, value] as const) : Object.entries(json);
  return entries.flatMap(([key, value]) => {
    const inner = [...keys, key];
    return [{ keys: inner, path: pathOf(inner), value }, ...jsonNodes(value, inner)];
  });
}

/** The values that are neither objects nor arrays. */
export function jsonLeaves(json: unknown): JsonNode[] {
  return jsonNodes(json).filter(({ value }) => typeof value !== "object" || value === null);
}

export function pathOf(keys: Keys): string {
  return keys.map((key, i) => (typeof key === "number" ? `[${key}]` : i === 0 ? key : `.${key}`)).join("");
}

/** A copy with the value at `keys` replaced. What is not on the way there is shared. */
export function withValueAt(json: unknown, keys: Keys, value: unknown): unknown {
  return changedAt(json, keys, (parent, last) => {
    (parent as Record<string | number, unknown>)[last] = value;
  });
}

/** A copy without the value at `keys`; in an array, the later ones move up. */
export function withoutValueAt(json: unknown, keys: Keys): unknown {
  return changedAt(json, keys, (parent, last) => {
    if (Array.isArray(parent)) parent.splice(last as number, 1);
    else delete (parent as Record<string, unknown>)[last];
  });
}

function changedAt(json: unknown, keys: Keys, change: (parent: object, last: string | number) => void): unknown {
  const [first, ...rest] = keys;
  const copy = Array.isArray(json) ? [...json] : { ...(json as object) };
  if (rest.length === 0) change(copy, first!);
  else (copy as Record<string | number, unknown>)[first!] = changedAt(valueAt(json, [first!]), rest, change);
  return copy;
}

export function valueAt(json: unknown, keys: Keys): unknown {
  return keys.reduce((value, key) => (value as Record<string | number, unknown>)[key], json);
}
