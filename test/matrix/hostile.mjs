// node test/matrix/hostile.mjs [--load a,b] [--seconds n] [--seed n] [--node path]… [--full] [--module specifier]
// --full: a minute of each load on every line that is installed.
import { parseArgs } from 'node:util';
import { check, describeLoad } from './hostile/checks.mjs';
import { load } from './hostile/load.mjs';
import { loads } from './hostile/loads.mjs';
import { allLines, nodeAt, running } from './lines.mjs';

const { values } = parseArgs({
  options: {
    load: { type: 'string' },
    seconds: { type: 'string' },
    seed: { type: 'string' },
    node: { type: 'string', multiple: true },
    full: { type: 'boolean' },
    module: { type: 'string' },
  },
});
const lines = values.node?.map(nodeAt) ?? (values.full ? allLines() : [running()]);
const seconds = Number(values.seconds ?? (values.full ? 60 : 6));
const seed = Number(values.seed ?? Date.now() % 1e9);
const names = values.load?.split(',') ?? Object.keys(loads);
console.log(`seed ${seed}`);
for (const line of lines) {
  for (const name of names) {
    const options = { ...loads[name], node: line.path, module: values.module, seconds, seed };
    const result = await load(options);
    const wrong = check(options, result);
    console.log(
      `${wrong.length === 0 ? 'ok ' : 'BAD'} Node ${line.version} ${name}: ${describeLoad(result)}`,
    );
    for (const text of wrong) console.log(`    ${text}`);
    if (wrong.length > 0) process.exitCode = 1;
  }
}
