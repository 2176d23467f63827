/**
 * The WASM instance: its exports, how one is chosen and started, and the known answers it must give before it is used.
 */
import { messageOf, SidelightError } from "../../errors.js";
import { digest64s } from "./hasher.js";
import { SELF_TEST } from "./self-test.js";

/** What the decoding exports return. */
export const VALID = 0;
export const INFINITE = 2;
export const OUTSIDE_SUBGROUP = 3;

/** The exports of `c/exports.h`. Offsets are into `memory`, which never grows. */
export interface Engine {
  readonly memory: WebAssembly.Memory;
  io(): number;
  key(): number;
  keyBytes(): number;
  decodeKey(): number;
  keyInSubgroup(): number;
  exportKey(): void;
  importKey(): number;
  clearSum(): void;
  addKey(negate: number): void;
  finishSum(): number;
  decodeSignature(): number;
  hashMessage(length: number): void;
  verify(): number;
  clearBatch(): void;
  addToBatch(): number;
  verifyBatch(): number;
  /** Where blocks are written and digests read. */
  hashes(): number;
  /** Blocks of 64 bytes to their SHA-256, in place; at most 256. */
  digest64s(count: number): void;
}

/** One build of the backend. */
export interface Variant {
  readonly name: string;
  /** A module that engines accept only if they can run the build; none where every engine can. */
  readonly probe?: Uint8Array;
  /** The build's bytes. */
  wasm(): BufferSource | Promise<BufferSource>;
}

export interface StartedEngine {
  readonly variant: string;
  readonly engine: Engine;
}

/**
 * The first of the variants that this JavaScript engine accepts and that passes the self-test.
 * @throws BLS_UNAVAILABLE when none does
 */
export async function startEngine(backend: string, variants: readonly Variant[]): Promise<StartedEngine> {
  let cause: unknown = new Error("no variant of it can run here");
  for (const variant of variants) {
    try {
      if (variant.probe !== undefined && !WebAssembly.validate(variant.probe as BufferSource)) continue;
      const { instance } = await WebAssembly.instantiate(await variant.wasm());
      const engine = instance.exports as unknown as Engine;
      if (passesSelfTest(engine)) return { variant: variant.name, engine };
      cause = new Error(`${variant.name} gives wrong answers on this engine`);
    } catch (thrown) {
      cause = thrown;
    }
  }
  const message = messageOf(cause);
  throw new SidelightError(
    "BLS_UNAVAILABLE",
    `${backend}: WASM did not start: ${message}`,
    { backend, message },
    { cause },
  );
}

/** Bytes to where the exports read them. */
export function write(engine: Engine, bytes: Uint8Array, offset = 0): void {
  new Uint8Array(engine.memory.buffer).set(bytes, engine.io() + offset);
}

/** A copy of what an export has written. */
export function read(engine: Engine, address: number, length: number): Uint8Array {
  return new Uint8Array(engine.memory.buffer).slice(address, address + length);
}

/**
 * One verification from compressed bytes to the pairing, a key that is none, and a Merkle root: an engine that gets an
 * instruction wrong, or a damaged build, does not get through it. It also warms up what the first verification needs.
 */
function passesSelfTest(engine: Engine): boolean {
  const { pubkey, message, signature, merkleRoot } = SELF_TEST;
  // x = 1: x^3 + 4 has no square root
  write(
    engine,
    Uint8Array.from({ length: 48 }, (_, i) => (i === 0 ? 0x80 : i === 47 ? 1 : 0)),
  );
  if (engine.decodeKey() === VALID) return false;
  write(engine, pubkey);
  if (engine.decodeKey() !== VALID) return false;
  engine.clearSum();
  engine.addKey(0);
  if (engine.finishSum() !== VALID) return false;
  write(engine, signature);
  if (engine.decodeSignature() !== VALID) return false;
  write(engine, message);
  engine.hashMessage(message.length);
  if (engine.verify() !== 1) return false;
  return testRoot(engine).every((byte, i) => byte === merkleRoot[i]);
}

/** The root of ten leaves, with zeroes where a level is odd: five blocks, three, two and one. */
function testRoot(engine: Engine): Uint8Array {
  let level: Uint8Array = Uint8Array.from({ length: 320 }, (_, i) => 7 * i);
  while (level.length > 32) {
    const blocks = new Uint8Array(Math.ceil(level.length / 64) * 64);
    blocks.set(level);
    level = digest64s(engine, blocks);
  }
  return level;
}
