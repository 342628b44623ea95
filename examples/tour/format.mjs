/** Prettier has no sync API any more. Here sync code calls its async one. */
import { readFileSync } from 'node:fs';
import { canRun, run } from 'isthmus';
import prettier from 'prettier';
import { count, formatMs } from './paint.mjs';

const file = 'src/run/wait.ts';

function formatSync(source, options) {
  return run(prettier.format(source, options));
}

export const format = {
  title: "Prettier's async API, called from sync code",
  code: ['function formatSync(source, options) {', '  return run(prettier.format(source, options));', '}'],
  async visit() {
    const source = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
    const options = { filepath: file };
    const path = canRun();
    const formatted = formatSync(source, options);

    // Twice, because the first call also loads the parser.
    let began = performance.now();
    formatSync(source, options);
    const sync = performance.now() - began;
    began = performance.now();
    const awaited = await prettier.format(source, options);
    const cost = `${formatMs(sync)} by run, ${formatMs(performance.now() - began)} by await`;
    const lines = count(formatted.split('\n').length - 1);
    return {
      checks: [
        [`${file} is formatted: ${lines} lines`, formatted !== source && formatted.length > 1000],
        ['the text is the one that await gives', formatted === awaited],
      ],
      path,
      cost,
    };
  },
};
