// How pools, limiters and the gate are: as data, as text for Prometheus, and for the packages that collect metrics.
export type { OpenTelemetryMeter } from './meter.js';
export { addToMeter } from './meter.js';
export type { PromClient } from './prometheus.js';
export { addMetrics, metrics } from './prometheus.js';
export type { Health, HealthSources } from './sources.js';
export { health } from './sources.js';
