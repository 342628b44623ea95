// What the tests of this room share. node:test's limits need the event loop, which sleeps along with a caller that hangs;
// so each call here has a timeout of its own as well.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInThread } from 'isthmus';
import { node } from '../run/script.mjs';

export const limit = { timeout: 60_000 };

/** `runInThread`, but no hang lasts for ever. */
export const call = runInThread.with({ timeout: 30_000 });

/** What `work` throws, as { thrown }; or the value it gives, as { value }. */
export function caught(work) {
  try {
    return { value: work() };
  } catch (thrown) {
    return { thrown };
  }
}

/** The code of the error that `work` throws, or what else became of it. */
export function codeOf(work) {
  const { value, thrown } = caught(work);
  return thrown === undefined ? { value } : (thrown?.code ?? thrown);
}

export const functionsUrl = new URL('functions.mjs', import.meta.url).href;
export const functionsPath = fileURLToPath(functionsUrl);

const folder = mkdtempSync(join(tmpdir(), 'isthmus-thread-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
let files = 0;

/** What scripts in a process of their own begin with. */
export const head = `
import assert from 'node:assert/strict';
import { run, runInThread } from ${JSON.stringify(import.meta.resolve('isthmus'))};
import * as f from ${JSON.stringify(functionsUrl)};
const caught = (work) => { try { return { value: work() }; } catch (thrown) { return { thrown }; } };
const codeOf = (work) => { try { return { value: work() }; } catch (error) { return error?.code ?? error; } };
const works = () => assert.equal(runInThread(f.add, 1, 2), 3);
`;

/** A file of the script, for a process of its own. */
export function scriptFile(script) {
  const file = join(folder, `${files++}.mjs`);
  writeFileSync(file, head + script);
  return file;
}

/** Runs a script on this Node; answers { code, stdout, stderr, ms }, and throws when it hangs or dies of a signal. */
export const start = (script, execPath, options) => node([scriptFile(script)], { execPath, ...options });

/** The same for a script that ends well; answers what it printed. */
export async function play(script, execPath, options) {
  const { code, stdout, stderr } = await start(script, execPath, options);
  if (code !== 0) throw new Error(`the script exited with ${code}: ${stdout}${stderr}`);
  return stdout;
}
