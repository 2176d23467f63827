/**
 * As much of Node's `Buffer` as list types of `@chainsafe/ssz` need. The library makes none of those; the tests' own
 * containers of whole states and blocks do.
 */
class StandIn extends Uint8Array {
  writeUIntLE(value: number, offset: number, byteLength: number): void {
    for (let i = 0, rest = value; i < byteLength; i++, rest = Math.floor(rest / 256)) this[offset + i] = rest % 256;
  }
}

const BUFFER = {
  alloc: (length: number) => new StandIn(length),
  from: (buffer: ArrayBuffer, offset: number, length: number) => new StandIn(buffer, offset, length),
};

/** For as long as it is needed: everything else sees a browser as it is. Importing this file does it. */
export function installBuffer(): void {
  Object.defineProperty(globalThis, "Buffer", { value: BUFFER, configurable: true });
}

export function removeBuffer(): void {
  Reflect.deleteProperty(globalThis, "Buffer");
}

// Some of those types are made when their modules are loaded; who imports this first removes it when it is loaded itself.
installBuffer();
