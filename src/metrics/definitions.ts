/** The metrics of a client: names and units as Prometheus wants them (https://prometheus.io/docs/practices/naming/). */
import type { MetricDefinition } from "./registry.js";

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export const CLIENT_METRICS = /*#__PURE__*/ defined({
  sidelight_head_slot: gauge("Slot of the newest verified head"),
  sidelight_head_age_slots: gauge("Slots between the newest verified head and now, +Inf without one"),
  sidelight_finalized_slot: gauge("Slot of the newest verified finalized header"),
  sidelight_finalized_age_slots: gauge("Slots between the newest finalized header and now, +Inf without one"),
  sidelight_checkpoint_age_seconds: gauge("Age of the checkpoint that all trust comes from"),
  sidelight_status: gauge("1 for the state that the client is in, by state"),
  sidelight_participation_ratio: gauge("Share of the sync committee that signed the newest head"),
  sidelight_participation_members: gauge("Members of the sync committee that signed the newest head"),
  sidelight_committee_period: gauge("Newest sync-committee period whose committee is verified"),
  sidelight_heads_total: counter("Heads that were told"),
  sidelight_finality_total: counter("Finalized headers that were told"),
  sidelight_reorgs_total: counter("Heads that were not descendants of the one before"),
  sidelight_forced_updates_total: counter("Updates that were forced without finality"),
  sidelight_evidence: gauge("Signed contradictions that are kept"),
  sidelight_rejections_total: counter("Errors that were told, by code"),
  sidelight_peer_events_total: counter("Changes of a source's standing, by source and action"),
  sidelight_source_requests_total: counter("Questions that a source was asked"),
  sidelight_source_failures_total: counter("Questions that a source did not answer"),
  sidelight_source_invalid_total: counter("Answers of a source that did not hold"),
  sidelight_source_stale_total: counter("Answers of a source that were older than another's"),
  sidelight_source_bytes_total: counter("Bytes that a source sent, uncompressed"),
  sidelight_source_latency_seconds: gauge("Moving average of the time a source takes for a small question"),
  sidelight_source_paused: gauge("1 while a source is not asked"),
  sidelight_sync_seconds: histogram("Time from starting, or falling behind, until the head is followed", SECONDS),
  sidelight_verifications_total: counter("Signatures that were verified, by result"),
  sidelight_verification_seconds: histogram("Time to verify one signature, or a whole batch", SECONDS),
  sidelight_store_operations_total: counter("Operations of the store, by operation and result"),
  sidelight_store_operation_seconds: histogram("Time of the store's operations", SECONDS),
});

function defined<K extends string>(definitions: Record<K, MetricDefinition>): Readonly<Record<K, MetricDefinition>> {
  return definitions;
}

function gauge(help: string): MetricDefinition {
  return { type: "gauge", help };
}

function counter(help: string): MetricDefinition {
  return { type: "counter", help };
}

function histogram(help: string, buckets: readonly number[]): MetricDefinition {
  return { type: "histogram", help, buckets };
}
