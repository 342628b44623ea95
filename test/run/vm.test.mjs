// vm contexts: promises of theirs, and a vm timeout that cuts off a wait.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import vm from 'node:vm';
import { run } from 'isthmus';
import { places, play } from './script.mjs';

const limit = { timeout: 30_000 };
const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));

test('a contextified sandbox runs its own promises', limit, () => {
  const context = vm.createContext({ run, setTimeout, console });
  const script = `
    const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
    const own = run(async () => { await later(1); return later(1, 'own'); });
    const caught = (() => { try { run(later(1).then(() => { throw new TypeError('own'); })); } catch (error) { return error instanceof TypeError; } })();
    [own, caught, [...run.each((async function* () { yield await later(1, 'step'); })())][0]].join();`;
  assert.equal(vm.runInContext(script, context), 'own,true,step');
});

test(
  'a context with a microtask queue of its own: the wait ends by name, for that queue runs only afterwards',
  limit,
  async () => {
    const script = `
    const vm = await import('node:vm');
    const context = vm.createContext({ run, codeOf }, { microtaskMode: 'afterEvaluate' });
    console.log(vm.runInContext('codeOf(() => run(Promise.resolve(1).then((value) => value + 1)))', context));
    console.log(run(Promise.resolve('next')));`;
    assert.equal(await play(script), 'ERR_ISTHMUS_NEVER_SETTLES\nnext\n');
  },
);

const cutOff = `
const vm = await import('node:vm');
// No divisor of the timeouts below: a strike within Node's own lists of timers would break them.
const ticking = setInterval(() => {}, 37);
const cut = (code, more = {}) => {
  const began = performance.now();
  const sandbox = vm.createContext({ run, never, later, ...more });
  let error;
  try { vm.runInContext(code, sandbox, { timeout: 200 }); } catch (thrown) { error = thrown; }
  const ms = performance.now() - began;
  assert.equal(error?.code, 'ERR_SCRIPT_EXECUTION_TIMEOUT', String(error?.stack));
  assert.ok(ms >= 190 && ms < 5_000, ms + ' ms');
};
const works = () => {
  assert.equal(run(later(5, 'next')), 'next');
  assert.equal(run.stats().depth, 0);
  assert.equal(run(async () => { await later(1); return run(later(1, 'nested')); }), 'nested');
};
`;
const cuts = {
  'a wait': "cut('run(never())');",
  'two waits, one after the other': "cut('run(never())'); works(); cut('run(never())');",
  'a wait inside a wait': "cut('run(async () => { await later(1); return run(never()); })');",
  'a wait in an iterator': "cut('for (const step of run.each([never()])) step;');",
  'a wait whose callback spins': "cut('run(later(1).then(() => { for (;;); }))');",
  'a wait below which another one waits': `
    const outer = run(later(1).then(() => { cut('run(never())'); return run(later(1, 'outer')); }));
    assert.equal(outer, 'outer');`,
};
for (const [place, playIn] of Object.entries(places)) {
  for (const [title, script] of Object.entries(cuts)) {
    test(`a vm timeout ends ${title} in ${place}, and the next call works`, limit, async () => {
      const whole = `${cutOff}${script} works(); console.log('works'); clearInterval(ticking);`;
      assert.equal(await playIn(whole, { limit: 10_000 }), 'works\n');
    });
  }
}

test('a vm timeout that is long enough changes nothing', limit, () => {
  const context = vm.createContext({ run, later });
  assert.equal(vm.runInContext('run(later(20, "value"))', context, { timeout: 5_000 }), 'value');
});
