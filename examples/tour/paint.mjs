/** How the tour looks: 100 columns at most; colours only on a terminal, and never against NO_COLOR. */
const WIDTH = 100;
const colours = process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb';

const style = (code) => (text) => (colours ? `\x1b[${code}m${text}\x1b[0m` : text);
const bold = style('1');
const dim = style('2');
const red = style('31');
const green = style('32');
const yellow = style('33');
const cyan = style('36');

let checks = 0;

/** Breaks at spaces, so that no line is wider than the page. */
function wrap(text, width) {
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== '' && last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}

function block(mark, text, look = (line) => line, indent = 5) {
  const [first, ...rest] = wrap(text, WIDTH - indent);
  const left = ' '.repeat(indent);
  console.log(`${mark ? `${left.slice(2)}${mark} ` : left}${look(first)}`);
  for (const line of rest) console.log(`${left}${look(line)}`);
}

export function formatMs(ms) {
  if (ms < 1) return `${(ms * 1000).toFixed(0)} µs`;
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${ms.toFixed(0)} ms`;
}

export const count = (number) => number.toLocaleString('en-US');

export const paint = {
  checked: () => checks,
  heading(text) {
    console.log(`\n${bold(text)}`);
  },
  note: (text) => block('', text, dim, 0),
  stop(number, title) {
    console.log(`\n${bold(cyan(`${number}  ${title}`))}`);
  },
  code(lines) {
    for (const line of lines) console.log(`   ${dim('│')} ${line}`);
  },
  good(text) {
    block(green('✓'), text);
  },
  wrong(text) {
    block(red('✗'), text, red);
  },
  missing(text) {
    block(yellow('–'), text, yellow);
  },
  /** `{ checks: [[claim, holds]], path: { how, base }, cost }`; answers how many claims do not hold. */
  results({ checks: claims, path, cost }) {
    let failed = 0;
    for (const [claim, holds] of claims) {
      checks++;
      if (holds) this.good(claim);
      else {
        failed++;
        this.wrong(claim);
      }
    }
    block('', `path: how '${path.how}', base '${path.base}'; cost: ${cost}`, dim);
    return failed;
  },
  closing(text) {
    console.log('');
    block('', text, bold, 0);
  },
};
