/**
 * The Node lines that the tests run on, as `{ line, execPath, skip }`: `skip` is false, or the reason why this line
 * cannot be run here, in the form that node:test's own option takes.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

export const lines = Object.entries(dependencies).map(([name, version]) => {
  const execPath = fileURLToPath(new URL(`node_modules/${name}/bin/node`, import.meta.url));
  const skip = !existsSync(execPath) && `${version.slice('npm:'.length)} is not installed in test/lines`;
  return { line: name.slice('node'.length), execPath, skip };
});
