// The adapters are bundles of their own, and yet there is one package: its pools, contexts and classes are the same for all.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as isthmus from 'isthmus';
import * as onExpress from 'isthmus/express';
import * as onFastify from 'isthmus/fastify';
import * as onHono from 'isthmus/hono';
import { carried } from './one.mjs';

const limit = { timeout: 60_000 };

test('the request’s id is one store, wherever it is imported from', limit, async () => {
  assert.equal(onFastify.requestId, onHono.requestId);
  assert.equal(onFastify.requestId, onExpress.requestId);
  for (const call of [isthmus.toThread, isthmus.toProcess]) {
    assert.equal(await onExpress.requestId.run('mine', () => call(carried)), 'mine');
  }
});

test('their errors are the package’s', limit, () => {
  for (const { blocking } of [onExpress, onFastify, onHono]) {
    assert.throws(() => blocking(), isthmus.InvalidArgumentError);
  }
});

test('what one of them answers, all of them know', limit, async () => {
  const answers = [onExpress, onFastify, onHono].map(({ respond }) => respond({ status: 201 }));
  assert.equal(new Set(answers.map((answer) => answer.constructor)).size, 1);
});

test('no adapter has the package, or a framework, inside', limit, () => {
  for (const name of ['express', 'fastify', 'health', 'hono', 'http', 'standard']) {
    const code = readFileSync(new URL(`../../dist/web/${name}.js`, import.meta.url), 'utf8');
    const imported = [...code.matchAll(/^(?:import|\} from) ?(?:.* from )?"([^"]+)";$/gm)].map(
      ([, from]) => from,
    );
    for (const from of imported)
      assert.ok(from === '../index.js' || from.startsWith('node:'), `${name}: ${from}`);
  }
});

test('the declarations ask for the types of their own framework alone', limit, () => {
  const own = {
    express: ['express'],
    fastify: ['fastify'],
    health: [],
    hono: ['hono', 'hono/utils/http-status'],
    http: [],
  };
  for (const [name, frameworks] of Object.entries(own)) {
    const seen = new Set();
    const outside = new Set();
    const visit = (url) => {
      if (seen.has(url.href)) return;
      seen.add(url.href);
      for (const [, from, module = from] of readFileSync(url, 'utf8').matchAll(
        /^(?:import|export) .*?from '([^']+)'|^declare module '([^']+)'/gm,
      )) {
        if (module.startsWith('./')) visit(new URL(module.replace(/\.js$/, '.d.ts'), url));
        else if (module !== '../index.js' && !module.startsWith('node:')) outside.add(module);
      }
    };
    visit(new URL(`../../dist/web/${name}.d.ts`, import.meta.url));
    assert.deepEqual(
      [...outside].filter((from) => !frameworks.includes(from)),
      [],
      name,
    );
  }
});
