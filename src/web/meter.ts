// How a server is, for OpenTelemetry: by a meter of @opentelemetry/api.
import { expect } from './check.js';
import { FAMILIES, type Family } from './families.js';
import { checkSources, type HealthSources, healthOf } from './sources.js';

interface InstrumentOptions {
  description?: string;
  unit?: string;
}
interface Observations {
  observe(instrument: object, value: number, attributes?: Record<string, string>): void;
}

/** A meter of @opentelemetry/api, as far as it is needed: whoever uses something else need not have its types. */
export interface OpenTelemetryMeter {
  createObservableGauge(name: string, options?: InstrumentOptions): object;
  createObservableCounter(name: string, options?: InstrumentOptions): object;
  addBatchObservableCallback(callback: (result: Observations) => void, instruments: object[]): void;
  removeBatchObservableCallback(callback: (result: Observations) => void, instruments: object[]): void;
}

const METHODS = [
  'createObservableGauge',
  'createObservableCounter',
  'addBatchObservableCallback',
  'removeBatchObservableCallback',
] as const;

/** OpenTelemetry says the unit, and that something only grows, beside the name. */
const nameOf = ({ of, name }: Family): string =>
  `isthmus.${of}.${name.replace(/_total$/, '').replace(/_seconds$/, '')}`;

/**
 * Adds the same to the metrics of OpenTelemetry: `isthmus.pool.queued` and so on. What is infinite (the most of a limiter that
 * has no limit) is left out.
 *
 * @param meter A meter of @opentelemetry/api: `metrics.getMeter('my-server')`, after its provider was set.
 * @param sources What is looked at, whenever metrics are collected.
 * @returns What ends that: nothing is looked at any more. A meter holds on to the sources until then.
 * @throws InvalidArgumentError for what is no such source, or no meter.
 * @example
 * const remove = addToMeter(metrics.getMeter('my-server'), { pools: { images } });
 * @since 0.1.0
 */
export function addToMeter(meter: OpenTelemetryMeter, sources: HealthSources = {}): () => void {
  const call = 'addToMeter()';
  const isMeter = METHODS.every(
    (name) => typeof (meter as Partial<OpenTelemetryMeter> | null)?.[name] === 'function',
  );
  expect(
    call,
    'meter',
    meter ?? null,
    isMeter,
    "a meter of @opentelemetry/api, as metrics.getMeter('x') gives it",
  );
  checkSources(call, sources);
  const families = FAMILIES.map((family) => {
    const options = { description: family.help, unit: family.unit };
    const name = nameOf(family);
    const instrument =
      family.type === 'gauge'
        ? meter.createObservableGauge(name, options)
        : meter.createObservableCounter(name, options);
    return { family, instrument };
  });
  const observe = (result: Observations): void => {
    const now = healthOf(sources);
    for (const { family, instrument } of families) {
      for (const [labels, value] of family.samples(now)) {
        if (Number.isFinite(value)) result.observe(instrument, value, { ...labels });
      }
    }
  };
  const instruments = families.map(({ instrument }) => instrument);
  meter.addBatchObservableCallback(observe, instruments);
  return () => meter.removeBatchObservableCallback(observe, instruments);
}
