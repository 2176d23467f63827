/** Runs all cells of the grid at once, on one real chain: before, during and after their faults. */
import type { LightClient } from "../../../src/client/light-client.js";
import type { VerifiedHeader } from "../../../src/client/types.js";
import { isSidelightError } from "../../../src/errors.js";
import type { CheckpointStore } from "../../../src/store/port.js";
import { sharedBls } from "../../e2e/client/shared-bls.js";
import type { World } from "../../e2e/client/world.js";
import { testBls } from "../../support/backends.js";
import { heapBytes } from "../heap.js";
import { type Cell, COMPANIES, cellsOf, deadCellsOf, PHASES, type Phase, VARIANTS } from "./cells.js";
import { type CountedSource, countedSource, createServer, type Server } from "./servers.js";

/** Slots that the faults are on for: long enough for a head to become too old, and for a source to be asked again. */
export const FAULT_SLOTS = 9;
/** Within these, whoever is asked too often shows: all starts have failed a few times, all pauses have grown. */
export const LATE_SLOTS = 3;

export interface Counts {
  /** Of each source. */
  readonly requests: readonly number[];
  readonly streams: readonly number[];
}

export interface CellRun {
  readonly cell: Cell;
  readonly client: LightClient;
  readonly sources: readonly CountedSource[];
  /** Each header that was told, once, as `slot root`. */
  readonly told: Set<string>;
  /** Codes of errors and how often; `null` for an error that is none of ours. */
  readonly codes: Map<string | null, number>;
  readonly states: Set<string>;
  /** How `start` ended: the head's slot, an error's code, or `null` while it goes on. */
  started: number | string | null;
  during: Snapshot;
  after: Snapshot;
}

export interface Snapshot {
  readonly started: CellRun["started"];
  readonly state: string;
  readonly reason: string | null;
  /** In slots; `Infinity` without one. */
  readonly headAge: number;
  readonly finalizedAge: number;
  /** Since the beginning of the faults, and of their last slots. */
  readonly counts: { readonly all: Counts; readonly late: Counts };
}

export interface GridRun {
  readonly runs: readonly CellRun[];
  /** Heap that a cell needed more for each slot, towards the end of the faults. */
  readonly grownBytesPerCellSlot: number;
  /** Answers that each variant has spoilt. */
  readonly struck: ReadonlyMap<string, number>;
}

/** @param world at a slot of the period that is resumed from; its last one is `atSlot` when the faults begin */
export async function runGrid(world: World, checkpoint: string, atSlot: number): Promise<GridRun> {
  const bls = sharedBls(testBls());
  const honest = await createServer(world, "honest");
  const stored = await syncedStore(world, checkpoint, honest);
  await world.leap(atSlot - world.slot());

  const liars = new Map<string, Server>();
  async function liarOf({ variant, phase }: Cell): Promise<Server> {
    const key = `${variant.name} ${phaseGroup(phase)}`;
    const server = liars.get(key) ?? (await createServer(world, "liar"));
    liars.set(key, server);
    return server;
  }

  const runs: CellRun[] = [];
  for (const cell of PHASES.flatMap((phase) => [...cellsOf(phase), ...deadCellsOf(phase)])) {
    const servers = { liar: await liarOf(cell), honest };
    // this one is in the JSON alone
    const encodings = cell.variant.fault.kind === "branch-length" ? "json" : "any";
    // a stream is followed where it is what is tested; elsewhere what is polled is
    const hasStream = cell.phase === "follow";
    const sources = COMPANIES[cell.company].map((role, i) =>
      countedSource(world, servers[role], `${role} ${i + 1}`, { encodings, hasStream }),
    );
    const store = cell.phase === "resume" ? mapStore(new Map(stored)) : undefined;
    const client = world.client({
      checkpoint,
      sources: sources.map(({ source }) => source),
      bls,
      ...(store && { store }),
    });
    runs.push(watch(cell, client, sources));
  }
  const of = (phase: Phase) => runs.filter(({ cell }) => cell.phase === phase);

  await startAll(world, of("follow"));
  await world.tick();
  for (const run of runs) for (const source of run.sources) source.takeCounts();

  for (const { cell } of runs) {
    const server = await liarOf(cell);
    const { fault } = cell.variant;
    // a client that got a bootstrap is to go on from there
    if (phaseGroup(cell.phase) === "catch-up") await server.setFaults(exceptBootstrap(fault));
    else await server.setFaults(fault);
  }
  await startAll(
    world,
    runs.filter(({ cell }) => cell.phase !== "follow"),
  );
  await world.ticks(FAULT_SLOTS - LATE_SLOTS);
  const early = runs.map(takeCounts);
  const before = await heapBytes();
  await world.ticks(LATE_SLOTS);
  const grown = (await heapBytes()) - before;
  runs.forEach((run, i) => {
    const late = takeCounts(run);
    run.during = snapshotOf(world, run, { all: sumOf(early[i]!, late), late });
  });

  const struck = new Map<string, number>();
  for (const [name, server] of liars) {
    const log = await server.node.takeLog();
    const variant = VARIANTS.find((each) => name.startsWith(`${each.name} `));
    const count = log.filter(({ faults }) => faults.length > 0).length;
    // what a stream suffers is not in the log of requests
    if (variant !== undefined && !variant.name.startsWith("sse-")) struck.set(name, count);
    await server.setFaults();
  }
  // longer than the pauses of whoever offended twice
  await world.leap(26);
  await startAll(
    world,
    runs.filter(({ started }) => typeof started === "string"),
  );
  await world.leap(8);
  await world.ticks(2);
  for (const run of runs) {
    const counts = takeCounts(run);
    run.after = snapshotOf(world, run, { all: counts, late: counts });
  }
  return { runs, grownBytesPerCellSlot: grown / runs.length / LATE_SLOTS, struck };
}

/** Whose faults spare the bootstrap, and whose do not. */
function phaseGroup(phase: Phase): string {
  return phase === "catch-up" ? "catch-up" : "any";
}

function exceptBootstrap<F extends Cell["variant"]["fault"]>(fault: F): F {
  const spared = ["updates", "finality_update", "optimistic_update", "events"] as const;
  const { routes } = fault;
  return { ...fault, routes: routes === undefined ? spared : routes.filter((route) => route !== "bootstrap") };
}

/** What the store of a client holds that has caught up with the world as it is now. */
async function syncedStore(world: World, checkpoint: string, honest: Server): Promise<Map<string, Uint8Array>> {
  const kept = new Map<string, Uint8Array>();
  const { source } = countedSource(world, honest, "honest");
  const client = world.client({ checkpoint, sources: [source], store: mapStore(kept) });
  await world.drive(client.syncOnce());
  await client.stop();
  return kept;
}

function mapStore(kept: Map<string, Uint8Array>): CheckpointStore {
  return {
    load: async (key) => kept.get(key) ?? null,
    save: async (key, bytes) => void kept.set(key, bytes.slice()),
    clear: async (key) => void kept.delete(key),
  };
}

function watch(cell: Cell, client: LightClient, sources: readonly CountedSource[]): CellRun {
  const told = new Set<string>();
  const codes = new Map<string | null, number>();
  const states = new Set<string>();
  const tell = ({ slot, root }: VerifiedHeader) => told.add(`${slot} ${root}`);
  client.on("head", tell);
  client.on("finality", tell);
  client.on("status", ({ state }) => states.add(state));
  client.on("error", ({ error }) => {
    const code = isSidelightError(error) ? error.code : null;
    codes.set(code, (codes.get(code) ?? 0) + 1);
  });
  const none: Counts = { requests: [], streams: [] };
  const nothing: Snapshot = {
    started: null,
    state: "idle",
    reason: null,
    headAge: Number.POSITIVE_INFINITY,
    finalizedAge: Number.POSITIVE_INFINITY,
    counts: { all: none, late: none },
  };
  return { cell, client, sources, told, codes, states, started: null, during: nothing, after: nothing };
}

async function startAll(world: World, runs: readonly CellRun[]): Promise<void> {
  for (const run of runs) {
    run.started = null;
    run.client.start().then(
      ({ slot }) => {
        run.started = slot;
      },
      (error: unknown) => {
        run.started = isSidelightError(error) ? error.code : `not ours: ${String(error)}`;
      },
    );
  }
  await world.idle();
}

function takeCounts({ sources }: CellRun): Counts {
  const counts = sources.map((source) => source.takeCounts());
  return { requests: counts.map(({ requests }) => requests), streams: counts.map(({ streams }) => streams) };
}

function sumOf(a: Counts, b: Counts): Counts {
  const add = (left: readonly number[], right: readonly number[]) => left.map((count, i) => count + right[i]!);
  return { requests: add(a.requests, b.requests), streams: add(a.streams, b.streams) };
}

function snapshotOf(world: World, { client, started }: CellRun, counts: Snapshot["counts"]): Snapshot {
  const ageOf = (header: { slot: number } | null) =>
    header === null ? Number.POSITIVE_INFINITY : world.slot() - header.slot;
  const { status } = client;
  return {
    started,
    state: status.state,
    reason: "reason" in status ? (status.reason ?? null) : null,
    headAge: ageOf(client.head),
    finalizedAge: ageOf(client.finalized),
    counts,
  };
}

export async function stopAll({ runs }: GridRun): Promise<void> {
  await Promise.all(runs.map(({ client }) => client.stop()));
}
