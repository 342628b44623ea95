// One program for every runtime; prints one JSON line for each thing that it tries, as it tries it.
import { asyncFace } from '../../dist/index.js';
import { say } from '../thread/say.mjs';

const module = new URL('async-runtime-store.mjs', import.meta.url).href;
const direct = await import('./async-runtime-store.mjs');
const make = asyncFace.with({ timeout: 15_000 });

const store = await make({ module, name: 'Store' }, 'app.db');
await say('a class', async () => (await make(direct.Store, 'x')).name);
await say('members', async () => [
  await store.name,
  await store.add(2),
  await store.add(3),
  await store.size,
]);
await say('set', async () => {
  await asyncFace.set(store, 'label', 'l');
  return store.label;
});
await say('what stays', async () => {
  const row = await store.row(1);
  return [await store.isRow(row), await row.value(), (await store.row(1)) === row];
});
await say('order', async () =>
  Promise.all(Array.from({ length: 200 }, (_, i) => store.add(i % 9 === 0 ? 'x'.repeat(5000) : i))).then(
    (sizes) => sizes.every((size, i) => size === i + 3),
  ),
);
await say('iterate', async () => {
  let sum = 0;
  for await (const value of store.numbers(100)) sum += value;
  return sum;
});
await say('leave', async () => {
  for await (const value of store.numbers(100)) if (value === 3) break;
  return store.left;
});
await say('run', () => asyncFace.run(store, { module, name: 'nameOf' }, '!'));
await say('a function', () => store.map(direct.double));
await say('error', async () => {
  try {
    await store.fail();
  } catch (error) {
    return [error instanceof TypeError, error.message, error.code];
  }
});
await say('uncloneable', () => store.add(Symbol('x')));
await say('timeout', () => asyncFace.with({ timeout: 20 }).on(store).spin());
await say('after it', async () => (await store.name).length);
await say('disposed', async () => {
  await store[Symbol.asyncDispose]();
  return store.name;
});
const dying = await make({ module, name: 'Store' }, 'app.db');
await say('exit', () => dying.exit());
await say('after the exit', () => dying.name);
console.log('end');
// An idle one, which keeps nothing alive.
globalThis.kept = await make({ module, name: 'Store' }, 'app.db');
