// One program for every runtime; prints one JSON line for each thing that it tries, as it tries it.
import { createPool } from '../../dist/index.js';
import { say } from '../thread/say.mjs';

const module = new URL('../thread/runtime-functions.mjs', import.meta.url).href;
const direct = await import('../thread/runtime-functions.mjs');
const at = (name) => ({ module, name });
const kind = process.env.ISTHMUS_TEST_KIND ?? 'thread';
const pool = createPool({ kind, size: 2 });
const { run, each, map } = pool.with({ timeout: 15_000 });

async function listOf(source) {
  const list = [];
  for await (const value of source) list.push(value);
  return list;
}

async function* numbers() {
  yield* [1, 2, 3];
}

await say('result', () => run(at('add'), 1, 2));
await say('function', () => run(direct.add, 1, 2));
await say('async', () => run(at('addLater'), 1, 2));
await say('many', async () => {
  const all = await Promise.all(Array.from({ length: 300 }, (_, i) => run(at('add'), i, 1)));
  return all.reduce((a, b) => a + b);
});
await say('bytes', async () => [
  (await run(at('echo'), new Uint8Array(1_000_000))).length,
  Buffer.isBuffer(await run(at('echo'), Buffer.from('x'))),
]);
await say('error', async () => {
  try {
    await run(at('fail'));
  } catch (error) {
    return [error instanceof TypeError, error.message, error.code, error.cause?.message];
  }
});
await say('uncloneable argument', () => run(at('echo'), { a: Symbol('x') }));
await say('uncloneable result', () => run(at('bad')));
await say('missing module', () => run({ module: 'file:///none.mjs', name: 'x' }));
await say('callback', () => run(at('awaits'), async (n) => n * 10));
await say('a source', () => run(at('total'), numbers()));
await say('a class', async () => {
  const money = await run(at('twice'), new direct.Money(2));
  return [money instanceof direct.Money, money.amount];
});
await say('context', () => direct.user.run('ada', () => run(at('whose'))));
await say('each', () => listOf(each(at('count'), 3)));
await say('map', () => listOf(map(at('increment'), [0, 1, 2])));
await say('timeout of a spin', () => pool.with({ timeout: 300, grace: 50 }).run(at('spin')));
await say('after a spin', () => run(at('add'), 1, 2));
await say('exit', () => run(at('exit'), 3));
await say('crash', () => run(at('crash')));
await say('after a crash', () => run(at('add'), 1, 2));
await say('never settles', () => pool.with({ timeout: 500, grace: 50 }).run(at('never')));
await say('stats', async () => {
  while (pool.stats().running > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const { running, queued, abandoned } = pool.stats();
  return [running, queued, abandoned];
});
console.log('end');
