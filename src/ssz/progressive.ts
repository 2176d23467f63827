/**
 * Progressive containers (EIP-7495, EIP-7916; consensus-specs `ssz/simple-serialize.md`): their trees grow to the right,
 * so that a field keeps its generalized index for ever. Fields that are not active are not known here: no fork has any.
 */
import { container } from "./composite.js";
import { treeOf } from "./tree.js";
import type { ContainerType, SszType } from "./type.js";

/** `ProgressiveContainer`, all of whose fields are active. */
export function progressiveContainer<T extends object>(
  name: string,
  fieldTypes: { readonly [K in keyof T]-?: SszType<T[K]> },
): ContainerType<T> {
  const type: ContainerType<T> = {
    ...container<T>(name, fieldTypes),
    isProgressive: true,
    hashTreeRoot: (value) => treeOf(type, type.serialize(value)).hash(),
  };
  return type;
}
