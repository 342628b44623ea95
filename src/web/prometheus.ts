// How a server is, for Prometheus: as its text, and by the package prom-client.
import { expect } from './check.js';
import { FAMILIES, type Family, type Sample } from './families.js';
import { checkSources, type HealthSources, healthOf } from './sources.js';

const nameOf = ({ of, name }: Family): string => `isthmus_${of}_${name}`;

const numberOf = (value: number): string =>
  value === Number.POSITIVE_INFINITY ? '+Inf' : value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

function lineOf(name: string, [labels, value]: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${numberOf(value)}`;
}

function textOf(family: Family, samples: readonly Sample[]): string {
  if (samples.length === 0) return '';
  const name = nameOf(family);
  const lines = samples.map((sample) => lineOf(name, sample));
  return [`# HELP ${name} ${family.help}`, `# TYPE ${name} ${family.type}`, ...lines, ''].join('\n');
}

/**
 * The same as text that Prometheus reads; send it as `text/plain; version=0.0.4`.
 *
 * @throws InvalidArgumentError for what is no such source.
 * @example
 * app.get('/metrics', (request, response) => response.type('text/plain').send(metrics({ pools: { images } })));
 * @since 0.1.0
 */
export function metrics(sources: HealthSources = {}): string {
  checkSources('metrics()', sources);
  const now = healthOf(sources);
  return FAMILIES.map((family) => textOf(family, family.samples(now))).join('');
}

interface Config<Registry, Metric> {
  name: string;
  help: string;
  labelNames: string[];
  registers?: Registry[];
  collect(this: Metric): void;
}
interface Gauge {
  reset(): void;
  set(labels: Record<string, string>, value: number): void;
}
interface Counter {
  reset(): void;
  inc(labels: Record<string, string>, value: number): void;
}

/** The package prom-client, as far as it is needed: whoever uses something else need not have it, nor its types. */
export interface PromClient<Registry = never> {
  readonly Gauge: new (config: Config<Registry, Gauge>) => object;
  readonly Counter: new (config: Config<Registry, Counter>) => object;
}

/**
 * Adds the same to the metrics of the package prom-client.
 *
 * @param client The package: `import client from 'prom-client'`.
 * @param sources What is looked at, whenever somebody asks for the metrics.
 * @param registers Where they are registered. Default: prom-client's global registry.
 * @throws InvalidArgumentError for what is no such source, or no such package.
 * @example
 * addMetrics(client, { pools: { images } });
 * const text = await client.register.metrics();
 * @since 0.1.0
 */
export function addMetrics<Registry>(
  client: PromClient<Registry>,
  sources: HealthSources = {},
  registers?: readonly Registry[],
): void {
  const call = 'addMetrics()';
  const { Gauge, Counter } = (client ?? {}) as Partial<PromClient<Registry>>;
  const isClient = typeof Gauge === 'function' && typeof Counter === 'function';
  expect(call, 'client', client ?? null, isClient, "the package: import client from 'prom-client'");
  checkSources(call, sources);
  expect(call, 'registers', registers, Array.isArray(registers), 'an array of registries');
  const now = oncePerTurn(() => healthOf(sources));
  for (const family of FAMILIES) {
    const config = {
      name: nameOf(family),
      help: family.help,
      labelNames: [...family.labels],
      ...(registers && { registers: [...registers] }),
    };
    if (family.type === 'gauge') {
      new client.Gauge({
        ...config,
        collect() {
          this.reset();
          for (const [labels, value] of family.samples(now())) this.set(labels, value);
        },
      });
    } else {
      new client.Counter({
        ...config,
        collect() {
          this.reset();
          for (const [labels, value] of family.samples(now())) this.inc(labels, value);
        },
      });
    }
  }
}

/** Each family is asked for by itself, and all of them one after another. */
function oncePerTurn<T>(look: () => T): () => T {
  let seen: { readonly value: T } | undefined;
  return () => {
    if (seen === undefined) {
      seen = { value: look() };
      queueMicrotask(() => {
        seen = undefined;
      });
    }
    return seen.value;
  };
}
