/**
 * The library's containers with every uint64 exact. The random vectors of `ssz_static` are full of slots that no clock
 * will ever show; the library counts slots in numbers, and refuses such data instead.
 */
import { bigUint } from "../../../src/ssz/basic.js";
import { container, vector } from "../../../src/ssz/composite.js";
import type { AnyType, SszType } from "../../../src/ssz/type.js";

const uint64 = bigUint(8);

/** `type`, rebuilt with 8-byte integers as bigints. */
export function exactType(type: AnyType): SszType<unknown> {
  const any = type as SszType<unknown>;
  if (type.kind === "uint") return uint64 as unknown as SszType<unknown>;
  if (type.kind === "vector") {
    return vector(exactType(type.element as AnyType), type.length) as unknown as SszType<unknown>;
  }
  if (type.kind !== "container") return any;
  const fields = type.fields.map(({ name, type: field }) => [name, exactType(field)]);
  return container<Record<string, unknown>>(type.name, Object.fromEntries(fields)) as unknown as SszType<unknown>;
}
