/** Metrics of a client, for Prometheus or whatever a host has. Nobody who does not import this pays for it. */
export { collectMetrics, meteredBls, meteredStore, type NowMs } from "./collect.js";
export { CLIENT_METRICS } from "./definitions.js";
export {
  createMetricsRegistry,
  type Labels,
  type MetricDefinition,
  type Metrics,
  type MetricsRegistry,
  PROMETHEUS_CONTENT_TYPE,
} from "./registry.js";
