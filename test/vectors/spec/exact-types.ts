/**
 * The library's containers with every uint64 exact. The random vectors of `ssz_static` are full of slots that no clock
 * will ever show; the library counts slots in numbers, and refuses such data instead.
 */
import { ContainerType, type Type, UintBigintType, UintNumberType, VectorCompositeType } from "@chainsafe/ssz";

const uint64 = new UintBigintType(8);

/** `type`, rebuilt with 8-byte integers as bigints. */
export function exactType(type: Type<unknown>): Type<unknown> {
  if (type instanceof UintNumberType && type.byteLength === 8) return uint64;
  if (type instanceof VectorCompositeType)
    return new VectorCompositeType(exactType(type.elementType) as never, type.length);
  if (type instanceof ContainerType) {
    const fields = Object.entries(type.fields as Record<string, Type<unknown>>);
    return new ContainerType(Object.fromEntries(fields.map(([name, field]) => [name, exactType(field)])), {
      typeName: type.typeName,
      jsonCase: "eth2",
    });
  }
  return type;
}
