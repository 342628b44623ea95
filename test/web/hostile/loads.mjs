// The load of each adapter's server: name → options of load() (test/matrix/hostile/load.mjs).
const here = (name) => new URL(name, import.meta.url).href;
const server = new URL('server.mjs', import.meta.url).pathname;
const of = (adapter, behaviours) => [adapter, { adapter, server, job: { adapter }, behaviours }];

export const loads = Object.fromEntries([
  ...['fastify', 'express', 'hono'].map((adapter) => of(adapter, here('behaviours.mjs'))),
  // There is no pool behind it: what clients do to any server is all that there is to do.
  of('http'),
]);
