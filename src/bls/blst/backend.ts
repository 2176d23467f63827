/** The port on top of the WASM, wherever its bytes come from. */
import type { BitArray } from "@chainsafe/ssz";
import { SidelightError, type SignatureFault } from "../../errors.js";
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

const ROOT_BYTES = 32;
/** Coefficients of a batch: a false one passes with a chance of 2^-64. */
const COEFFICIENT_BYTES = 8;
/** Where `addToBatch` reads the coefficient. */
const COEFFICIENT_OFFSET = 0;

export interface BlstBls extends Bls {
  /** Which build runs: `null` before `ready()` resolved. */
  readonly variant: string | null;
  verifyBatch(items: readonly SyncAggregateItem[]): SignatureFault | null;
  exportKeys(committee: CommitteeHandle): Uint8Array;
  importKeys(committee: CommitteeHandle, bytes: Uint8Array): boolean;
}

export interface BackendInit {
  readonly variants: readonly Variant[];
  /** Fills bytes with unpredictable ones. */
  readonly random: (bytes: Uint8Array) => void;
}

export function createBackend({ variants, random }: BackendInit): BlstBls {
  const name = "blst";
  const handles = new WeakMap<SyncCommittee, BlstHandle>();
  let starting: Promise<StartedEngine> | undefined;
  let started: StartedEngine | undefined;

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
    async ready() {
      starting ??= startEngine(name, variants);
      try {
        started = await starting;
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
      for (const { committee, bits, signingRoot, signature } of items) {
        const fault = load(engine, committee, bits, signingRoot, signature);
        if (fault !== null) return fault;
        write(engine, coefficient(random), COEFFICIENT_OFFSET);
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

function coefficient(random: (bytes: Uint8Array) => void): Uint8Array {
  const bytes = new Uint8Array(COEFFICIENT_BYTES);
  // zero would leave the item out
  do random(bytes);
  while (bytes.every((byte) => byte === 0));
  return bytes;
}
