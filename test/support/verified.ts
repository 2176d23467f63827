/**
 * What a mutated object may do: be refused, or change nothing of what counts.
 *
 * "What counts" is the two headers and the two committees of the store that follows: every field of the beacon headers,
 * the execution block hash, the payload header, every key. Not counted: the execution branch (a proof, not what is
 * proven), participation numbers, and `bestValidUpdate`, which holds the update as it came.
 */
import { isSidelightError } from "../../src/errors.js";
import { initializeLightClientStore } from "../../src/spec/initialize.js";
import {
  processLightClientFinalityUpdate,
  processLightClientOptimisticUpdate,
  processLightClientUpdate,
} from "../../src/spec/process.js";
import type { LightClientStore } from "../../src/spec/store.js";
import type { RawObject } from "../../src/transport/port.js";
import type { ObjectName } from "./containers.js";
import { DECODERS } from "./decoders.js";
import type { Forge } from "./forge.js";
import { contentOf } from "./frozen.js";

export interface Outcome {
  tried: number;
  refused: number;
  acceptedUnchanged: number;
  /** How often each code refused. */
  readonly codes: Record<string, number>;
}

export function newOutcome(): Outcome {
  return { tried: 0, refused: 0, acceptedUnchanged: 0, codes: {} };
}

export function contentOfStore(store: LightClientStore): string {
  const { finalizedHeader, optimisticHeader, currentSyncCommittee, nextSyncCommittee } = store;
  const headers = [finalizedHeader, optimisticHeader].map(({ executionBranch, ...proven }) => proven);
  return contentOf([headers, currentSyncCommittee, nextSyncCommittee]);
}

export interface Judge {
  /** Counts a raw object; throws when it is accepted and changes what counts, or fails in an unforeseen way. */
  raw(raw: RawObject): void;
  /** The same of an object that was decoded already. */
  value(value: unknown): void;
  readonly outcome: Outcome;
}

/** Judges mutations of one object against the honest one. `store` is where it is processed; a bootstrap needs `root`. */
export function createJudge(
  { chain }: Forge,
  object: ObjectName,
  honest: unknown,
  { store, root, clock }: { store: LightClientStore; root: Uint8Array; clock: number },
): Judge {
  const outcome = newOutcome();

  function next(value: never): LightClientStore {
    switch (object) {
      case "LightClientBootstrap":
        return initializeLightClientStore(chain, root, value);
      case "LightClientUpdate":
        return processLightClientUpdate(chain, store, value, clock);
      case "LightClientFinalityUpdate":
        return processLightClientFinalityUpdate(chain, store, value, clock);
      case "LightClientOptimisticUpdate":
        return processLightClientOptimisticUpdate(chain, store, value, clock);
    }
  }

  const expected = contentOfStore(next(honest as never));

  function judge(run: () => LightClientStore): void {
    outcome.tried++;
    let after: LightClientStore;
    try {
      after = run();
    } catch (thrown) {
      if (!isSidelightError(thrown)) throw thrown;
      outcome.refused++;
      outcome.codes[thrown.code] = (outcome.codes[thrown.code] ?? 0) + 1;
      return;
    }
    if (contentOfStore(after) !== expected) throw new Error(`${object}: accepted, and what it proves has changed`);
    outcome.acceptedUnchanged++;
  }

  return {
    outcome,
    raw: (raw) => judge(() => next(DECODERS[object](chain, raw) as never)),
    value: (value) => judge(() => next(value as never)),
  };
}
