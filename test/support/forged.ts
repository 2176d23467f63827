/** A forged object: what it says, and every form in which a server could send it. */
import type { ForkName, LightClientFork } from "../../src/networks/types.js";
import type { RawObject } from "../../src/transport/port.js";
import type { Containers, ObjectName } from "./containers.js";
import { copyOf, objectInShape, type WireObject } from "./wire.js";

export interface RawOptions {
  /** @default "ssz" */
  readonly encoding?: "ssz" | "json";
  /** Fork whose containers encode it. @default the fork of its (attested) header's slot */
  readonly shape?: LightClientFork;
  /** What the server calls it; `null` for nothing. @default `shape` */
  readonly claim?: string | null;
  /** Context bytes (SSZ only): `true` for those of its slot. @default none */
  readonly digest?: string | boolean;
}

export interface Forged<W extends WireObject, V> {
  readonly object: ObjectName;
  /** Fork of its (attested) header's slot: the shape that `wire` has. */
  readonly fork: LightClientFork;
  readonly wire: W;
  /** The bytes, in a fork's shape. */
  ssz(shape?: LightClientFork): Uint8Array;
  /** Parsed JSON (`data` of an answer), in a fork's shape: a new value every time. */
  json(shape?: LightClientFork): Record<string, unknown>;
  raw(options?: RawOptions): RawObject;
  /** Decoded by the library itself. */
  value(options?: RawOptions): V;
  /** A copy with something changed after signing. */
  edit(change: (wire: W) => void): Forged<W, V>;
}

export interface ForgedContext<V> {
  readonly containers: Containers;
  readonly object: ObjectName;
  readonly fork: LightClientFork;
  forkOf(slot: number): LightClientFork;
  digest(): string;
  decode(raw: RawObject): V;
}

export function forged<W extends WireObject, V>(context: ForgedContext<V>, wire: W): Forged<W, V> {
  const { containers, object, fork } = context;
  // also in its own shape: what was made by another fork's rules is cut or padded to fit its container
  const shaped = (shape: LightClientFork) => objectInShape(wire, shape, context.forkOf) as never;
  const self: Forged<W, V> = {
    object,
    fork,
    wire,
    ssz: (shape = fork) => containers.of(object, shape).serialize(shaped(shape)),
    json: (shape = fork) => JSON.parse(JSON.stringify(containers.of(object, shape).toJson(shaped(shape)))),
    raw({ encoding = "ssz", shape = fork, claim = shape as ForkName, digest = false } = {}) {
      const claimed = claim === null || digest !== false ? {} : { fork: claim };
      if (encoding === "json") return { encoding, value: self.json(shape), ...claimed };
      const context4 = digest === false ? {} : { digest: digest === true ? context.digest() : digest };
      return { encoding, bytes: self.ssz(shape), ...claimed, ...context4 };
    },
    value: (options) => context.decode(self.raw(options)),
    edit(change) {
      const copy = copyOf(wire);
      change(copy);
      return forged(context, copy);
    },
  };
  return self;
}
