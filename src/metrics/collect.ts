/** Measures a client from outside: by its events and getters, and by standing between it and its ports. */
import type { Bls } from "../bls/port.js";
import type { LightClient } from "../client/light-client.js";
import type { SignatureFault } from "../errors.js";
import type { CheckpointStore } from "../store/port.js";
import type { Metrics, MetricsRegistry } from "./registry.js";

const STATES = [
  "idle",
  "bootstrapping",
  "catching-up",
  "following",
  "stalled",
  "throttled",
  "paused",
  "stopped",
] as const;
/** Those without a label. */
const EVENT_COUNTERS = [
  "sidelight_heads_total",
  "sidelight_finality_total",
  "sidelight_reorgs_total",
  "sidelight_forced_updates_total",
] as const;
/** It has caught up, or does not try to. */
const AT_REST: readonly string[] = ["following", "idle", "paused", "stopped"];

/** Unix or monotonic time in milliseconds. */
export type NowMs = () => number;

/**
 * Counts what a client tells, and reads the rest when the registry's text is asked for. It listens to `error`: errors that
 * nobody else listens to are counted by code, and do not go to the console any more.
 * @param nowMs for durations @default performance.now
 * @returns ends it
 */
export function collectMetrics(
  client: LightClient,
  registry: MetricsRegistry,
  nowMs: NowMs = () => performance.now(),
): () => void {
  const ending = new AbortController();
  const { signal } = ending;
  let behindSinceMs: number | null = null;
  // from 0 on: Prometheus' `increase` does not see the first one of a series that begins with it
  for (const name of EVENT_COUNTERS) registry.count(name, {}, 0);
  client.on("head", () => registry.count("sidelight_heads_total"), { signal });
  client.on("finality", () => registry.count("sidelight_finality_total"), { signal });
  client.on("reorg", () => registry.count("sidelight_reorgs_total"), { signal });
  client.on("forced-update", () => registry.count("sidelight_forced_updates_total"), { signal });
  client.on("committee", ({ period }) => registry.set("sidelight_committee_period", period), { signal });
  client.on("error", ({ error }) => registry.count("sidelight_rejections_total", { code: error.code }), { signal });
  client.on("peer", ({ source, action }) => registry.count("sidelight_peer_events_total", { source, action }), {
    signal,
  });
  client.on(
    "status",
    ({ state }) => {
      if (state === "following" && behindSinceMs !== null) {
        registry.observe("sidelight_sync_seconds", (nowMs() - behindSinceMs) / 1000);
      }
      if (AT_REST.includes(state)) behindSinceMs = null;
      else behindSinceMs ??= nowMs();
    },
    { signal },
  );
  const remove = registry.beforeText(() => readClient(client, registry));
  return () => {
    remove();
    ending.abort();
  };
}

function readClient(client: LightClient, metrics: Metrics): void {
  const { head, finalized, participation, status, evidence, sources } = client;
  for (const state of STATES) metrics.set("sidelight_status", state === status.state ? 1 : 0, { state });
  // none is as old as can be: an age that stays as it was would hide that nothing is trusted any more
  metrics.set("sidelight_head_age_slots", head?.trust.ageSlots ?? Number.POSITIVE_INFINITY);
  metrics.set("sidelight_finalized_age_slots", finalized?.trust.ageSlots ?? Number.POSITIVE_INFINITY);
  if (head !== null) {
    metrics.set("sidelight_head_slot", head.slot);
    metrics.set("sidelight_checkpoint_age_seconds", head.trust.checkpointAgeSeconds);
  }
  if (finalized !== null) metrics.set("sidelight_finalized_slot", finalized.slot);
  if (participation !== null) {
    metrics.set("sidelight_participation_ratio", participation.rate);
    metrics.set("sidelight_participation_members", participation.count);
  }
  metrics.set("sidelight_evidence", evidence.length);
  for (const { source, requests, failures, invalid, stale, bytes, latencyMs, pauseMs } of sources) {
    const labels = { source };
    metrics.set("sidelight_source_requests_total", requests, labels);
    metrics.set("sidelight_source_failures_total", failures, labels);
    metrics.set("sidelight_source_invalid_total", invalid, labels);
    metrics.set("sidelight_source_stale_total", stale, labels);
    metrics.set("sidelight_source_bytes_total", bytes, labels);
    if (latencyMs !== null) metrics.set("sidelight_source_latency_seconds", latencyMs / 1000, labels);
    metrics.set("sidelight_source_paused", pauseMs > 0 ? 1 : 0, labels);
  }
}

/** The same store, its operations counted and timed. */
export function meteredStore(
  store: CheckpointStore,
  metrics: Metrics,
  nowMs: NowMs = () => performance.now(),
): CheckpointStore {
  async function metered<T>(operation: string, run: () => Promise<T>): Promise<T> {
    const startedMs = nowMs();
    let result = "failed";
    try {
      const value = await run();
      result = "done";
      return value;
    } finally {
      metrics.count("sidelight_store_operations_total", { operation, result });
      metrics.observe("sidelight_store_operation_seconds", (nowMs() - startedMs) / 1000, { operation });
    }
  }
  return {
    load: (key) => metered("load", () => store.load(key)),
    save: (key, snapshot) => metered("save", () => store.save(key, snapshot)),
    clear: (key) => metered("clear", () => store.clear(key)),
    ...(store.close === undefined ? {} : { close: () => metered("close", () => store.close!()) }),
  };
}

/** The same backend, its verifications counted and timed. */
export function meteredBls(bls: Bls, metrics: Metrics, nowMs: NowMs = () => performance.now()): Bls {
  function tell(kind: string, count: number, startedMs: number, result: string): void {
    metrics.count("sidelight_verifications_total", { result }, count);
    metrics.observe("sidelight_verification_seconds", (nowMs() - startedMs) / 1000, { kind });
  }

  const resultOf = (fault: SignatureFault | null) => (fault === null ? "valid" : "invalid");

  function timed(kind: string, count: number, run: () => SignatureFault | null): SignatureFault | null {
    const startedMs = nowMs();
    let result = "failed";
    try {
      const fault = run();
      result = resultOf(fault);
      return fault;
    } finally {
      tell(kind, count, startedMs, result);
    }
  }

  for (const result of ["valid", "invalid", "failed"]) metrics.count("sidelight_verifications_total", { result }, 0);
  const { verifyBatch, verifyBatchAsync, exportKeys, importKeys } = bls;
  // one by one, and each called on its own backend: that may be of a class
  return {
    name: bls.name,
    // workers come and go
    get lanes() {
      return bls.lanes ?? 0;
    },
    ready: () => bls.ready(),
    committee: (committee) => bls.committee(committee),
    verifySyncAggregate: (committee, bits, signingRoot, signature) =>
      timed("single", 1, () => bls.verifySyncAggregate(committee, bits, signingRoot, signature)),
    ...(verifyBatch && {
      verifyBatch: (items) => timed("batch", items.length, () => verifyBatch.call(bls, items)),
    }),
    ...(verifyBatchAsync && {
      async verifyBatchAsync(items) {
        const startedMs = nowMs();
        let result = "failed";
        try {
          const fault = await verifyBatchAsync.call(bls, items);
          result = resultOf(fault);
          return fault;
        } finally {
          tell("worker", items.length, startedMs, result);
        }
      },
    }),
    ...(exportKeys && { exportKeys: (committee) => exportKeys.call(bls, committee) }),
    ...(importKeys && { importKeys: (committee, bytes) => importKeys.call(bls, committee, bytes) }),
  };
}
