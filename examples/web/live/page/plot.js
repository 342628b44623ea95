// Plots of the last half minute, on a canvas: durations on a logarithmic scale, and a pool's workers and queue.
const SPAN = 30_000;
const LEFT = 46;
const BOTTOM = 18;
const TOP = 6;
/** A gap longer than this (ms) between samples is one: the page was not looking. */
const GAP = 1000;

/** A canvas, cleared and as sharp as the screen, with the colours of the moment and where things are on it. */
function sheet(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = globalThis.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const pen = canvas.getContext('2d');
  pen.scale(ratio, ratio);
  pen.font = `11px ${getComputedStyle(canvas).fontFamily}`;
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  return { pen, colour, left: LEFT, right: width - 2, top: TOP, bottom: height - BOTTOM };
}

function drawTime({ pen, colour, left, right, bottom }) {
  pen.fillStyle = colour('soft');
  pen.textBaseline = 'top';
  pen.textAlign = 'left';
  pen.fillText('30 s ago', left, bottom + 5);
  pen.textAlign = 'right';
  pen.fillText('now', right, bottom + 5);
}

function drawTick({ pen, colour, left, right }, y, text) {
  pen.strokeStyle = colour('line');
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(left, Math.round(y) + 0.5);
  pen.lineTo(right, Math.round(y) + 0.5);
  pen.stroke();
  pen.fillStyle = colour('soft');
  pen.textAlign = 'right';
  pen.textBaseline = 'middle';
  pen.fillText(text, left - 6, y);
}

const xOf =
  ({ left, right }, now) =>
  (at) =>
    right - ((now - at) / SPAN) * (right - left);

/** Neighbouring samples between which something can be drawn. */
function* pairs(samples, now) {
  for (let i = 1; i < samples.length; i++) {
    const [from, to] = [samples[i - 1], samples[i]];
    if (now - from.at <= SPAN && to.at - from.at <= GAP) yield [from, to];
  }
}

/** Each step from one sample to the next, as an area down to a base line. */
function area({ pen }, x, from, to, high, low) {
  pen.fillRect(x(from.at), high, x(to.at) - x(from.at) + 0.6, low - high);
}

/** The stretches where there is no number, hatched. */
function drawMissing(paper, x, from, to) {
  const { pen, colour, top, bottom } = paper;
  const [start, end] = [x(from.at), x(to.at)];
  pen.save();
  pen.beginPath();
  pen.rect(start, top, end - start + 0.6, bottom - top);
  pen.clip();
  pen.strokeStyle = colour('bad');
  pen.globalAlpha = 0.45;
  pen.beginPath();
  // Their places hang on the canvas, so that they go on from one stretch to the next.
  const height = bottom - top;
  for (let along = Math.floor((start - height) / 7) * 7; along < end; along += 7) {
    pen.moveTo(along, bottom);
    pen.lineTo(along + height, top);
  }
  pen.stroke();
  pen.restore();
}

const TICKS = [
  [1, '1 ms'],
  [10, '10 ms'],
  [100, '100 ms'],
  [1000, '1 s'],
  [10_000, '10 s'],
];

/** What lies between two samples, one after the other, and nothing beside the sheet. */
function drawPairs(paper, samples, draw) {
  const { pen } = paper;
  const now = samples.at(-1)?.at ?? 0;
  const x = xOf(paper, now);
  pen.save();
  pen.beginPath();
  pen.rect(paper.left, 0, paper.right - paper.left, paper.bottom);
  pen.clip();
  for (const [from, to] of pairs(samples, now)) draw(x, from, to);
  pen.restore();
}

/** `key`: which duration of the samples, in ms; from `limit` on it is bad. */
export function drawDurations(canvas, samples, key, limit) {
  const paper = sheet(canvas);
  const { pen, colour, top, bottom } = paper;
  const longest = Math.max(1000, ...samples.map((sample) => sample[key] ?? 0));
  const [low, high] = [Math.log10(0.5), Math.log10(longest * 1.3)];
  const y = (ms) => bottom - ((Math.log10(Math.max(ms, 0.5)) - low) / (high - low)) * (bottom - top);
  pen.fillStyle = colour('bad-ground');
  pen.fillRect(paper.left, top, paper.right - paper.left, y(limit) - top);
  for (const [ms, text] of TICKS.filter(([ms]) => ms <= longest)) drawTick(paper, y(ms), text);
  drawTime(paper);
  drawPairs(paper, samples, (x, from, to) => {
    const ms = to[key];
    if (ms === undefined) {
      drawMissing(paper, x, from, to);
      return;
    }
    pen.fillStyle = colour(ms >= limit ? 'bad' : 'good');
    pen.globalAlpha = 0.3;
    area(paper, x, from, to, y(ms), bottom);
    pen.globalAlpha = 1;
    pen.fillRect(x(from.at), y(ms) - 1, x(to.at) - x(from.at) + 0.6, 2);
  });
}

/** What is at work, and above it what waits. */
export function drawPool(canvas, samples) {
  const paper = sheet(canvas);
  const { pen, colour, top, bottom } = paper;
  const most = Math.max(4, ...samples.map(({ pool }) => (pool ? pool.running + pool.queued : 0)));
  const y = (count) => bottom - (count / (most * 1.1)) * (bottom - top);
  const step = Math.ceil(most / 4);
  for (let count = 0; count <= most; count += step) drawTick(paper, y(count), String(count));
  drawTime(paper);
  drawPairs(paper, samples, (x, from, to) => {
    if (!to.pool) return;
    pen.fillStyle = colour('work');
    area(paper, x, from, to, y(to.pool.running), bottom);
    pen.fillStyle = colour('queue');
    area(paper, x, from, to, y(to.pool.running + to.pool.queued), y(to.pool.running));
  });
}
