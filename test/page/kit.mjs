// What the tests of this room share: the program, and a browser that looks at its page.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const limit = { timeout: 180_000 };

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const main = join(root, 'examples', 'web', 'live', 'main.mjs');
const browser = '/usr/bin/chromium';

/** Why the program cannot be started; false if it can. */
export const missing =
  !existsSync(join(root, 'examples', 'web', 'node_modules', 'fastify')) && 'not installed in examples/web';

/** Why there is no browser to look at it with; false if there is one. */
export const unseen =
  missing ||
  (!existsSync(browser) && `there is no ${browser}: apt-get install chromium`) ||
  (!existsSync(join(root, 'test', 'page', 'node_modules', 'playwright-core')) &&
    'playwright-core is not installed in test/page');

/** A program whose `out` is what it has printed so far; ended after the test at the latest. */
export function launch(scope, command, args, env = {}) {
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, as at a terminal.
    detached: true,
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...env },
  });
  scope.after(() => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch (error) {
      // All of them have ended, as they should.
      if (error.code !== 'ESRCH') throw error;
    }
  });
  const program = { child, out: '', err: '' };
  program.exited = new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? code)));
  child.stderr.setEncoding('utf8').on('data', (text) => {
    program.err += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text) => {
    program.out += text;
    child.emit('printed');
  });
  return program;
}

/** Until it has printed that; gives the match, or fails when it ends before. */
export async function printed(program, pattern) {
  for (;;) {
    const match = pattern.exec(program.out);
    if (match) return match;
    const more = new Promise((resolve) => program.child.once('printed', () => resolve('more')));
    if ((await Promise.race([more, program.exited])) !== 'more')
      throw new Error(`It has ended: ${program.out}${program.err}`);
  }
}

/** The program with its page, at `address`. */
export async function start(scope, ...args) {
  const program = launch(scope, process.execPath, [main, ...args]);
  const [, address] = await printed(program, /the page is at (http:\S+)/);
  return { program, child: program.child, exited: program.exited, address };
}

/**
 * A browser that has nothing of an earlier one, with the page open in it; `errors` is what the page has complained of. The page
 * does nothing by itself, unless `path` is another.
 */
export async function look(scope, address, { path = '/?still', ...options } = {}) {
  const { chromium } = await import('playwright-core');
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-page-'));
  let context;
  scope.after(async () => {
    await context?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  context = await chromium.launchPersistentContext(folder, {
    executablePath: browser,
    headless: true,
    chromiumSandbox: false,
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
    viewport: { width: 1280, height: 900 },
    ...options,
  });
  const [page] = context.pages();
  // On busy processors things take their time; what is too long is said by the test's own limit.
  page.setDefaultTimeout(limit.timeout);
  const errors = [];
  const asked = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('request', (request) => asked.push(request.url()));
  // What it has told, for some of that is there for a moment only.
  await page.addInitScript(() => {
    globalThis.allTold = [];
    new MutationObserver(() => {
      const told = document.getElementById('told')?.textContent;
      if (told && globalThis.allTold.at(-1) !== told) globalThis.allTold.push(told);
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
  await page.goto(address + path);
  return { page, errors, asked };
}
