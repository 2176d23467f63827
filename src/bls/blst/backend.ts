/** The port on top of the WASM, wherever its bytes come from. */

import { SidelightError, type SignatureFault } from "../../errors.js";
import type { BitArray } from "../../ssz/bit-array.js";
import { isZero } from "../../ssz/bytes.js";
import { useHasher } from "../../ssz/hash.js";
import type { SyncCommittee } from "../../ssz/objects.js";
import type { Bls, CommitteeHandle, SyncAggregateItem } from "../port.js";
import {
  type BlstHandle,
  createHandle,
  decodeSignature,
  exportKeys,
  importKeys,
  sumParticipants,
} from "./committee.js";
import { type Engine, type StartedEngine, startEngine, type Variant, write } from "./engine.js";
import { type EngineHasher, engineHasher } from "./hasher.js";

const ROOT_BYTES = 32;
/** Coefficients of a batch: a false one passes with a chance of 2^-64. */
const COEFFICIENT_BYTES = 8;
/** What `crypto.getRandomValues` gives at once. */
const MOST_RANDOM_BYTES = 65_536;
/** Where `addToBatch` reads the coefficient. */
const COEFFICIENT_OFFSET = 0;

export interface BlstBls extends Bls {
  /** Which build runs: `null` before `ready()` resolved. */
  readonly variant: string | null;
  /** SHA-256 by the same engine: `null` before `ready()` resolved. */
  readonly hasher: EngineHasher | null;
  verifyBatch(items: readonly SyncAggregateItem[]): SignatureFault | null;
  exportKeys(committee: CommitteeHandle): Uint8Array;
  importKeys(committee: CommitteeHandle, bytes: Uint8Array): boolean;
}

export interface BackendInit {
  readonly variants: readonly Variant[];
  /** Fills bytes with unpredictable ones. */
  readonly random: (bytes: Uint8Array<ArrayBuffer>) => void;
}

export function createBackend({ variants, random }: BackendInit): BlstBls {
  const name = "blst";
  const handles = new WeakMap<SyncCommittee, BlstHandle>();
  let starting: Promise<StartedEngine> | undefined;
  let started: StartedEngine | undefined;
  let hasher: EngineHasher | undefined;

  function running(): Engine {
    if (started === undefined) {
      throw new SidelightError("BLS_NOT_READY", `${name}: used before ready() resolved`, { backend: name });
    }
    return started.engine;
  }

  return {
    name,
    get variant() {
      return started?.variant ?? null;
    },
    get hasher() {
      return hasher ?? null;
    },
    async ready() {
      starting ??= startEngine(name, variants);
      try {
        started = await starting;
        if (hasher === undefined) {
          hasher = engineHasher(started.engine, `${name} ${started.variant}`);
          useHasher(hasher);
        }
      } catch (error) {
        starting = undefined;
        throw error;
      }
    },
    committee(committee) {
      let handle = handles.get(committee);
      if (handle === undefined) {
        handle = createHandle(committee);
        handles.set(committee, handle);
      }
      return handle;
    },
    verifySyncAggregate(handle, bits, signingRoot, signature) {
      const engine = running();
      const fault = load(engine, handle, bits, signingRoot, signature);
      if (fault !== null) return fault;
      return engine.verify() === 1 ? null : "mismatch";
    },
    verifyBatch(items) {
      const engine = running();
      engine.clearBatch();
      const coefficients = coefficientsOf(items.length, random);
      for (const [i, { committee, bits, signingRoot, signature }] of items.entries()) {
        const fault = load(engine, committee, bits, signingRoot, signature);
        if (fault !== null) return fault;
        write(engine, coefficients[i]!, COEFFICIENT_OFFSET);
        engine.addToBatch();
      }
      return engine.verifyBatch() === 1 ? null : "mismatch";
    },
    exportKeys: (handle) => exportKeys(running(), handle as BlstHandle),
    importKeys: (handle, bytes) => importKeys(running(), handle as BlstHandle, bytes),
  };
}

/** Signature, aggregate key and message into the engine. */
function load(
  engine: Engine,
  handle: CommitteeHandle,
  bits: BitArray,
  signingRoot: Uint8Array,
  signature: Uint8Array,
): SignatureFault | null {
  if (signingRoot.length !== ROOT_BYTES) return "mismatch";
  const fault = decodeSignature(engine, signature) ?? sumParticipants(engine, handle as BlstHandle, bits);
  if (fault !== null) return fault;
  write(engine, signingRoot);
  engine.hashMessage(ROOT_BYTES);
  return null;
}

/** Drawn at once: each call for randomness costs more than the bytes. */
function coefficientsOf(count: number, random: (bytes: Uint8Array<ArrayBuffer>) => void): Uint8Array[] {
  const drawn = new Uint8Array(count * COEFFICIENT_BYTES);
  for (let start = 0; start < drawn.length; start += MOST_RANDOM_BYTES) {
    random(drawn.subarray(start, start + MOST_RANDOM_BYTES));
  }
  return Array.from({ length: count }, (_, i) => {
    const bytes = drawn.subarray(i * COEFFICIENT_BYTES, (i + 1) * COEFFICIENT_BYTES);
    // zero would leave the item out
    while (isZero(bytes)) random(bytes);
    return bytes;
  });
}
