/**
 * Runs every fault of a phase at once, each against clients of its own: one that has no other source, and one whose
 * second source is honest. What came of it is recorded, for tests to judge.
 */
import type { LightClient } from "../../../src/client/light-client.js";
import { isSidelightError } from "../../../src/errors.js";
import type { Fault, RequestRecord } from "../../devnet/src/client.ts";
import { record } from "../../unit/client/fake-chain.js";
import { casesOf, type FaultCase, type Phase } from "./fault-cases.js";
import { sharedBls } from "./shared-bls.js";
import type { Node, World } from "./world.js";

const OPTIONS = { retries: 0 };
/** Slots that pass while the fault is on: until a stream is found wanting, and finality has been polled for. */
const TICKS: Record<Phase, number> = { bootstrap: 3, "catch-up": 3, polling: 7, streaming: 7 };

export interface FaultRun {
  readonly case: FaultCase;
  readonly client: LightClient;
  readonly log: ReturnType<typeof record>;
  readonly faulty: Node;
  /** Is there an honest source as well, asked second? */
  readonly hasHelp: boolean;
  /** How `start` ended: the slot of its head, an error's code, or `null` while it goes on. */
  started: number | string | null;
  /** What the client was like when the fault was switched off, and what the faulty server had been asked. */
  during: Snapshot & { readonly started: FaultRun["started"]; readonly struck: readonly RequestRecord[] };
  /** What it was like some time after. */
  after: Snapshot;
}

export interface Snapshot {
  readonly state: string;
  /** Slots between the newest header and now; `Infinity` without one. */
  readonly headAge: number;
  readonly finalizedAge: number;
  /** `source code` of each error so far, without repetition. */
  readonly errors: readonly string[];
}

/** From the first request to well after the fault is gone. */
export async function runAll(world: World, phase: Phase, checkpoint: string): Promise<FaultRun[]> {
  // polls are what a client without a stream makes
  const others: Fault[] = phase === "polling" ? [{ kind: "sse-refused" }] : [];
  const runs = await create(world, phase, checkpoint, others);
  if (phase === "polling") {
    await startAll(world, runs);
    await world.tick();
  }
  for (const { faulty, case: faultCase } of runs) {
    await faulty.setFaults(faultCase.fault, ...others);
    await faulty.takeLog();
  }
  if (phase !== "polling") await startAll(world, runs);
  // less than a minute: who is evicted is not asked again before the end
  await world.ticks(TICKS[phase]);
  for (const run of runs) {
    const struck = (await run.faulty.takeLog()).filter(({ faults }) => faults.includes(run.case.fault.kind));
    run.during = { ...snapshotOf(world, run), started: run.started, struck };
    await run.faulty.setFaults(...others);
  }
  // longer than any pause by then; a start that was hopeless is tried again by whoever called it
  await world.leap(12);
  const rejected = runs.filter(({ started }) => typeof started === "string");
  await startAll(world, rejected);
  await world.leap(8);
  await world.ticks(2);
  for (const run of runs) run.after = snapshotOf(world, run);
  return runs;
}

async function create(world: World, phase: Phase, checkpoint: string, others: Fault[]): Promise<FaultRun[]> {
  const honest = await world.node("honest", others, OPTIONS);
  const bls = sharedBls();
  const runs: FaultRun[] = [];
  for (const faultCase of casesOf(phase)) {
    for (const hasHelp of [false, true]) {
      // this one is in the JSON alone
      const encodings = faultCase.fault.kind === "branch-length" ? "json" : "any";
      const faulty = await world.node("faulty", others, { ...OPTIONS, encodings });
      const sources = [faulty.source, ...(hasHelp ? [honest.source] : [])];
      const client = world.client({ checkpoint, sources, bls });
      const nothing = { state: "idle", headAge: Infinity, finalizedAge: Infinity, errors: [] };
      runs.push({
        case: faultCase,
        client,
        log: record(client),
        faulty,
        hasHelp,
        started: null,
        during: { ...nothing, started: null, struck: [] },
        after: nothing,
      });
    }
  }
  return runs;
}

async function startAll(world: World, runs: readonly FaultRun[]): Promise<void> {
  for (const run of runs) {
    run.started = null;
    run.client.start().then(
      ({ slot }) => {
        run.started = slot;
      },
      (error: unknown) => {
        run.started = isSidelightError(error) ? error.code : String(error);
      },
    );
  }
  await world.idle();
}

function snapshotOf(world: World, { client, log }: FaultRun): Snapshot {
  const ageOf = (header: { slot: number } | null) => (header === null ? Infinity : world.slot() - header.slot);
  const errors = log.error
    .filter(({ error }) => error.code !== "HEAD_STALLED")
    .map(({ error, source }) => `${source} ${error.code}`);
  return {
    state: client.status.state,
    headAge: ageOf(client.head),
    finalizedAge: ageOf(client.finalized),
    errors: [...new Set(errors)],
  };
}

export async function stopAll(runs: readonly FaultRun[]): Promise<void> {
  await Promise.all(runs.map(({ client }) => client.stop()));
}
