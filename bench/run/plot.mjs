/** A race as an SVG: calls per second on a log scale, one group of bars per case, one panel per Node. */

const WIDTH = 880;
const LEFT = 244;
const RIGHT = 150;
const BAR = 13;
const GAP = 16;
const HEAD = 64;
/** In the order of `libraries`: ours, the peers, and a landmark; more landmarks where there are more than these. */
const COLOURS = ['#1f5fa8', '#d98a2b', '#a3442f', '#6f8f3a', '#7a5ba6', '#2f8f8a', '#b8578c'];
const LANDMARK = '#9aa3ad';
const text = (at, y, content, attributes = '') =>
  `<text x="${at.toFixed(1)}" y="${y}" ${attributes}>${content}</text>`;

function formatRate(perSecond) {
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(1)} M/s`;
  return perSecond >= 1e4 ? `${(perSecond / 1e3).toFixed(0)} k/s` : `${perSecond.toFixed(0)} /s`;
}

/** `libraries` by name, the last one a landmark; `low` and `high` are powers of ten of calls per second. */
function group(title, { ns, ratio, goal }, top, { libraries, x }) {
  const measured = libraries.filter((library) => library in ns);
  const parts = [
    text(LEFT - 12, top + (measured.length * BAR) / 2 - 2, title, 'text-anchor="end" class="case"'),
  ];
  const wanted = goal ? `, goal ${goal.toFixed(1)}` : '';
  const note = ratio === null ? 'no peer does this' : `${ratio.toFixed(2)} × the faster peer${wanted}`;
  parts.push(text(LEFT - 12, top + (measured.length * BAR) / 2 + 12, note, 'text-anchor="end" class="note"'));
  for (const [i, library] of measured.entries()) {
    const rate = 1e9 / ns[library];
    const y = top + i * BAR;
    const width = Math.max(1, x(rate) - LEFT).toFixed(1);
    const at = libraries.indexOf(library);
    const colour = at === libraries.length - 1 ? LANDMARK : (COLOURS[at] ?? LANDMARK);
    parts.push(`<rect x="${LEFT}" y="${y}" width="${width}" height="${BAR - 2}" fill="${colour}"/>`);
    parts.push(text(x(rate) + 5, y + BAR - 4, `${formatRate(rate)}  ${library}`, 'class="value"'));
  }
  return { parts, height: measured.length * BAR + GAP };
}

function panel({ node, race }, top, scale) {
  const { cases, x, low, high } = scale;
  const parts = [text(LEFT, top, `Node ${node}`, 'class="node"')];
  let y = top + 14;
  const bars = [];
  for (const { name, title } of cases) {
    const drawn = group(title, race[name], y, scale);
    bars.push(...drawn.parts);
    y += drawn.height;
  }
  const bottom = y - GAP + 6;
  for (let power = low; power <= high; power++) {
    const at = x(10 ** power).toFixed(1);
    parts.push(`<line x1="${at}" x2="${at}" y1="${top + 8}" y2="${bottom}" stroke="#dde2e7"/>`);
    const label =
      power < 3 ? `${10 ** power}` : power < 6 ? `${10 ** (power - 3)} k` : `${10 ** (power - 6)} M`;
    parts.push(text(Number(at), bottom + 13, label, 'text-anchor="middle" class="note"'));
  }
  return { parts: [...parts, ...bars], bottom: bottom + 42 };
}

export function plot(results, { title, about, cases, libraries, low, high }) {
  const x = (perSecond) => LEFT + ((Math.log10(perSecond) - low) / (high - low)) * (WIDTH - LEFT - RIGHT);
  const scale = { cases, libraries, x, low, high };
  const parts = [];
  let y = HEAD;
  for (const result of results) {
    const drawn = panel(result, y, scale);
    parts.push(...drawn.parts);
    y = drawn.bottom;
  }
  const style =
    'text{font-family:system-ui,sans-serif;fill:#1c2733}.title{font-size:17px;font-weight:600}' +
    '.node{font-size:14px;font-weight:600}.case{font-size:12.5px}.value{font-size:10px}.note{font-size:10.5px;fill:#5a6672}';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" role="img">`,
    `<title>${title}</title>`,
    `<style>${style}</style><rect width="${WIDTH}" height="${y}" fill="#ffffff"/>`,
    text(20, 28, about, 'class="title"'),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}
