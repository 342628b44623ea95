// One program for every runtime; prints one JSON line for each thing that it tries, as it tries it.
import { currentSignal, runInThread, syncFace } from '../../dist/index.js';

const module = new URL('runtime-functions.mjs', import.meta.url).href;
const direct = await import('./runtime-functions.mjs');
const at = (name) => ({ module, name });
const limited = runInThread.with({ timeout: 15_000 });
const say = (name, work) => {
  let outcome;
  try {
    outcome = { value: work() };
  } catch (error) {
    const cause = error?.cause?.message;
    outcome = { code: error?.code ?? String(error), ...(cause && { cause }) };
    if (!error?.code) outcome.message = error?.message;
  }
  console.log(JSON.stringify({ name, ...outcome }));
};

say('result', () => limited(at('add'), 1, 2));
say('function', () => limited(direct.add, 1, 2));
say('async', () => limited(at('addLater'), 1, 2));
say('values', () => {
  const value = [null, undefined, 1.5, 'ä\ud800', 10n, new Map([[1, new Set([2])]]), new Date(5)];
  const back = limited(at('echo'), value);
  return [
    back.length,
    back[1] === undefined,
    back[3] === value[3],
    back[4] === 10n,
    back[5].get(1).has(2),
    +back[6],
  ];
});
say('buffer', () => Buffer.isBuffer(limited(at('echo'), Buffer.from('x'))));
say('large', () => limited(at('echo'), new Uint8Array(1_000_000).fill(7)).reduce((sum, n) => sum + n, 0));
say('large string', () => limited(at('echo'), 'x'.repeat(200_000)).length);
say('error', () => {
  try {
    limited(at('fail'));
  } catch (error) {
    return [error instanceof TypeError, error.message, error.code, error.cause?.message];
  }
});
say('callback', () => limited(at('sum'), 5, (n) => n * 10));
say('callback throws', () =>
  limited(at('sum'), 1, () => {
    throw Object.assign(new RangeError('here'), { code: 'E_HERE' });
  }),
);
say('deadlock', () => limited(at('sum'), 1, () => limited(at('add'), 1, 2)));
say('uncloneable argument', () => limited(at('echo'), { a: Symbol('s') }));
say('uncloneable result', () => limited(at('bad')));
say('missing module', () => limited({ module: `${module}.missing`, name: 'x' }));
say('missing export', () => limited(at('none')));
say('after these', () => limited(at('add'), 3, 4));
say('timeout', () => runInThread.with({ timeout: 100 })(at('forever')));
say('after a timeout', () => limited(at('add'), 5, 6));
say('timeout of a spin', () => runInThread.with({ timeout: 100 })(at('spin')));
say('after a spin', () => limited(at('add'), 5, 7));
say('exit', () => limited(at('exit'), 3));
say('after an exit', () => limited(at('add'), 7, 8));
say('crash', () => limited(at('crash')));
say('after a crash', () => limited(at('add'), 9, 10));
say('signal', () => [limited(at('signal')), currentSignal() === undefined]);
// A thread without the timers of the calls before.
say('exit again', () => limited(at('exit'), 3));
say('never settles', () => runInThread.with({ timeout: 3000 })(at('never')));
say('each', () => [...limited.each(at('count'), 3)]);
say('each, left early', () => {
  for (const n of limited.each(at('count'), 9)) if (n === 1) break;
  return limited(at('left'));
});
say('a source', () =>
  limited(
    at('total'),
    (async function* () {
      yield* [1, 2, 3];
    })(),
  ),
);
say('a signal', () => {
  const controller = new AbortController();
  return limited(at('watch'), controller.signal, () => controller.abort(new Error('enough')));
});
say('a class', () => {
  const back = limited(at('twice'), new direct.Money(2));
  return [back instanceof direct.Money, back.amount];
});
say('context', () => direct.user.run('ada', () => limited(at('whose'))));
say('face', () => {
  const list = syncFace.inThread(at('List'), 'x');
  list.add('y');
  return [list.size, [...list], list.name];
});
say('many', () => {
  let sum = 0;
  for (let i = 0; i < 500; i++) sum += limited(at('add'), i, 1);
  return sum;
});
console.log('end');
