// Rows d, e, f: Node runs immediates in batches, and its loop over a batch must not run inside itself.
import assert from 'node:assert/strict';
import http2 from 'node:http2';
import { Worker } from 'node:worker_threads';
import { calm, calmOutside, sleep, within, withResolvers } from '../kit.mjs';

const noop = () => {};
const immediate = () => new Promise((resolve) => setImmediate(resolve));

export async function notTheFirst(run) {
  const order = [];
  setImmediate(noop);
  await within(
    (callback) => {
      setImmediate(callback);
      setImmediate(() => order.push('rest of the batch'));
    },
    () => {
      run(immediate());
      order.push('waited');
      calm(run);
    },
  );
  assert.deepEqual(order, ['rest of the batch', 'waited']);
}

// The batch's own bookkeeping must come out right: else the bare loop spins from then on.
export async function microtaskAfterOne(run) {
  const { promise, resolve, reject } = withResolvers();
  setImmediate(async () => {
    await null;
    try {
      run(immediate());
    } catch (error) {
      reject(error);
    }
  });
  setImmediate(resolve);
  await promise;
  await calmOutside();
  calm(run);
}

export async function firstWaitsForLater(run) {
  let later;
  await within(
    (callback) => {
      setImmediate(callback);
      later = immediate();
    },
    () => {
      run(later);
      calm(run);
    },
  );
}

// The very first wait of the thread, in a microtask: nothing leads from there to the batch in progress.
export async function restOfTheFirstBatch(run) {
  const fired = [];
  const rest = [];
  const { promise, resolve, reject } = withResolvers();
  setImmediate(async () => {
    await null;
    try {
      for (const each of rest) run(each);
      resolve();
    } catch (error) {
      reject(error);
    }
  });
  for (const id of [1, 2, 3]) rest.push(immediate().then(() => fired.push(id)));
  await promise;
  assert.deepEqual(fired, [1, 2, 3]);
  await calmOutside();
}

export async function clearedOnesStayCleared(run) {
  let cleared;
  let last;
  await within(
    (callback) => {
      setImmediate(callback);
      cleared = setImmediate(() => assert.fail('a cleared immediate ran'));
      last = immediate();
    },
    () => {
      clearImmediate(cleared);
      run(last);
      calm(run);
    },
  );
  await calmOutside();
}

// An error in an immediate reaches the process's handlers, whatever callback the wait stands in.
export async function thrownWhileATimerWaits(run) {
  const { promise, resolve } = withResolvers();
  process.once('uncaughtException', resolve);
  await within(
    (callback) => setTimeout(callback, 1),
    () => {
      setImmediate(() => {
        throw new Error('thrown in an immediate');
      });
      run(sleep(20));
    },
  );
  assert.equal((await promise).message, 'thrown in an immediate');
}

const SERVER = `const server = require('node:http2').createServer();
  server.on('stream', (stream) => { stream.respond(); stream.end('answer'); });
  server.listen(0, '127.0.0.1', () => require('node:worker_threads').parentPort.postMessage(server.address().port));`;

// Node's own immediates, in C++: an HTTP/2 client writes in one.
export async function nativeOnes(run) {
  const server = new Worker(SERVER, { eval: true });
  const port = await new Promise((resolve) => server.once('message', resolve));
  const session = http2.connect(`http://127.0.0.1:${port}`);
  await new Promise((resolve) => session.once('connect', resolve));
  const get = () =>
    new Promise((resolve, reject) => {
      let body = '';
      const stream = session.request({ ':path': '/' });
      stream
        .setEncoding('utf8')
        .on('data', (text) => (body += text))
        .on('end', () => resolve(body))
        .on('error', reject);
      stream.end();
    });
  setImmediate(noop);
  await within(
    (callback) => setImmediate(callback),
    () => {
      assert.equal(run(get()), 'answer');
      calm(run);
    },
  );
  session.destroy();
  await server.terminate();
}
