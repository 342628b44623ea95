/**
 * `npm run soak:web`: hostile clients against the server of each adapter: requests that are cut, reset, malformed, pipelined and
 * half closed, streams that are left and stalled, workers that die. Each answer that comes has to be its request's; afterwards the
 * server has to live, and to own what it owned before.
 *
 *   --seconds <n>  60 for each adapter unless told
 *   --seed <n>     the same seed deals the same clients; one of its own unless told
 *   --load <a,b>   of fastify, express, hono and http
 *   --node <path>  the Node that serves
 */
import { parseArgs } from 'node:util';
import { load } from '../matrix/hostile/load.mjs';
import { check, describeLoad } from '../web/hostile/checks.mjs';
import { loads } from '../web/hostile/loads.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1e9) },
    load: { type: 'string', default: Object.keys(loads).join() },
    node: { type: 'string', default: process.execPath },
  },
});
const seconds = Number(values.seconds);
const seed = Number(values.seed);
const names = values.load.split(',');
if (!(seconds > 0)) throw new Error(`--seconds ${values.seconds} is no number of seconds`);
if (!Number.isInteger(seed)) throw new Error(`--seed ${values.seed} is no whole number`);
if (!names.every((name) => name in loads)) throw new Error(`--load is of ${Object.keys(loads).join(', ')}`);
console.log(`seed ${seed}, ${seconds} s each`);
for (const name of names) {
  const began = performance.now();
  const say = () =>
    process.stderr.write(
      `\r\x1b[K${name}: ${Math.round((performance.now() - began) / 1000)} of ${seconds} s`,
    );
  const timer = process.stderr.isTTY ? setInterval(say, 1000) : undefined;
  const options = { ...loads[name], node: values.node, seconds, seed };
  const result = await load(options);
  clearInterval(timer);
  if (timer) process.stderr.write('\r\x1b[K');
  const wrong = check(options, result);
  console.log(`${wrong.length === 0 ? 'ok ' : 'BAD'} ${name}: ${describeLoad(result)}`);
  for (const text of wrong) console.log(`    ${text}`);
  if (wrong.length > 0) process.exitCode = 1;
}
