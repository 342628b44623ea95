// The page: shows what the server's watch sends ten times a second, and sends what the buttons ask for.
import { counted, duration, perSecond, places } from './format.js';
import { drawDurations, drawPool } from './plot.js';

/** ms from which on /ping, or the loop, is shown as bad; the samples that are drawn. */
const LIMIT = 100;
const KEPT = 300;

const words = {
  waiting: '',
  idle: '○ Nothing to do',
  free: '● The loop is free',
  blocked: '■ Blocked',
  gone: '× Gone',
};

const find = (id) => document.getElementById(id);
const isCalm = matchMedia('(prefers-reduced-motion: reduce)');
let about;
let samples = [];
let load;
let drawn = 0;

function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

/** Changes what is there only where it has changed: a reader may have selected it. */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// What is asked for

const job = () => document.querySelector('#jobs :checked').value;
const clients = () => Number(find('clients').value);

async function send(method, path, body) {
  const headers = body && { 'content-type': 'application/json' };
  const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) }).catch(
    () => undefined,
  );
  if (response && !response.ok)
    write(find('told'), `The server has refused that: ${(await response.json()).message}`);
}

const put = (way) => send('PUT', '/load', { way, job: job(), clients: clients() });

/** Another number of clients, or other work, takes the place of what is going on. */
function again() {
  if (load && !load.isEnding && !samples.at(-1)?.isTouring) put(load.way);
}

// What does not change

function cardOf({ name, title, code, told, why }) {
  const card = make(
    'button',
    { type: 'button', title: why ? `Not here: ${why}` : told, disabled: why !== undefined },
    make('span', { className: 'title', textContent: title }),
    make('span', { className: 'mark', textContent: why ? 'not here' : '' }),
    make('code', { textContent: code }),
    make('span', { className: 'result', textContent: why ?? 'Not tried yet' }),
  );
  card.dataset.way = name;
  card.setAttribute('aria-pressed', 'false');
  card.addEventListener('click', () =>
    load?.way === name && !load.isEnding ? send('DELETE', '/load') : put(name),
  );
  return card;
}

function rowOf({ name, title }) {
  const row = make('tr', {}, make('th', { scope: 'row', textContent: title }));
  for (let i = 0; i < 9; i++) row.append(make('td', { textContent: '–' }));
  row.dataset.way = name;
  return row;
}

function jobOf({ name, title }, index) {
  return make(
    'label',
    {},
    make('input', { type: 'radio', name: 'job', value: name, checked: index === 0 }),
    title,
  );
}

function showAbout() {
  const { node, processors, address, pump } = about;
  const run = pump === 'none' ? ', no run() here' : '';
  write(find('about'), `Node ${node}, ${counted(processors, 'processor')}${run}`);
  write(find('curl'), `curl ${address}/naive/${about.jobs[0].ask}`);
  find('ways').replaceChildren(...about.ways.map(cardOf));
  document.querySelector('#results tbody').replaceChildren(...about.ways.map(rowOf));
  const kept = document.querySelector('#jobs :checked')?.value;
  document.querySelector('#jobs div')?.remove();
  find('jobs').append(make('div', {}, ...about.jobs.map(jobOf)));
  const chosen = kept && document.querySelector(`#jobs [value="${kept}"]`);
  if (chosen) chosen.checked = true;
}

// What changes

/** The sentence is said aloud when the state changes, not ten times a second. */
function showState(state, headline) {
  if (document.body.dataset.state !== state) write(find('said'), headline);
  document.body.dataset.state = state;
  write(find('state'), words[state]);
  // A number and its unit stay on one line.
  write(find('headline'), headline.replace(/(\d) (m?s)\b/g, '$1\u00a0$2'));
}

function toldOf() {
  if (!load) return 'Press one of the six and watch what becomes of /ping.';
  if (load.isEnding) return 'No more is asked; what was asked is still to be answered.';
  return about.ways.find(({ name }) => name === load.way)?.told ?? '';
}

function showLoad(isTouring) {
  write(find('told'), toldOf());
  find('stop').disabled = !load;
  write(find('tour'), isTouring ? 'Trying them all …' : 'Try all, one after another');
  for (const card of find('ways').children) {
    const isOn = load?.way === card.dataset.way;
    if (card.disabled) continue;
    card.setAttribute('aria-pressed', String(isOn));
    write(
      card.querySelector('.mark'),
      isOn ? (load.isEnding ? 'ending' : counted(load.clients, 'client')) : '',
    );
  }
}

function showResult(
  way,
  { ping, perSecond: rate, calls, failed, clients: count, loop, took, waited, ran, places: where },
) {
  const row = document.querySelector(`#results [data-way="${way}"]`);
  const card = document.querySelector(`#ways [data-way="${way}"]`);
  if (!row || !card) return;
  // Where no ping has come back at all, the one that waits is what there is to say.
  const usual = ping.usual ?? ping.worst;
  const cells = [
    String(count),
    duration(usual),
    duration(ping.worst),
    duration(loop),
    perSecond(rate),
    duration(took),
    duration(waited),
    duration(ran),
    failed > 0 ? `${places(where)}; ${failed} failed` : places(where),
  ];
  for (const [i, text] of cells.entries()) write(row.children[i + 1], text);
  row.children[2].className = usual >= LIMIT ? 'bad' : 'good';
  const result = card.querySelector('.result');
  const rest = `, ${perSecond(rate)} calls per s, ${counted(calls, 'call')}`;
  if (result.textContent === `/ping ${duration(usual)}${rest}`) return;
  const className = usual >= LIMIT ? 'badge bad' : 'badge';
  result.replaceChildren('/ping ', make('span', { textContent: duration(usual), className }), rest);
}

function showCalls(calls) {
  if (calls.length === 0) return;
  const titles = Object.fromEntries(about.ways.map(({ name, title }) => [name, title]));
  const cells = ({ way, ms, waitMs, runMs, where, failed }) => [
    titles[way],
    duration(ms),
    duration(waitMs),
    duration(runMs),
    failed ?? where,
  ];
  const rows = calls.map((call) =>
    make('tr', {}, ...cells(call).map((textContent) => make('td', { textContent }))),
  );
  document.querySelector('#calls tbody').replaceChildren(...rows);
}

function draw({ ping, loop, pool }) {
  const texts = {
    ping: duration(ping),
    loop: loop === undefined ? 'no answer' : duration(loop),
    pool: pool ? `${pool.running} of ${pool.size} at work, ${pool.queued} waiting` : load ? 'no answer' : '–',
  };
  if (load?.way === 'naive') texts.pool = 'no pool';
  for (const [id, text] of Object.entries(texts)) write(find(`${id}-now`), text);
  find('ping').setAttribute('aria-label', `/ping over the last 30 seconds; now ${texts.ping}`);
  find('loop').setAttribute('aria-label', `Event-loop delay over the last 30 seconds; now ${texts.loop}`);
  find('pool').setAttribute('aria-label', `The pool over the last 30 seconds; now ${texts.pool}`);
  drawDurations(find('ping'), samples, 'ping', LIMIT);
  drawDurations(find('loop'), samples, 'loop', LIMIT);
  drawPool(find('pool'), samples);
}

function show({ sample, results, calls }) {
  samples = [...samples, sample].slice(-KEPT);
  load = sample.load;
  showState(sample.state, sample.headline);
  showLoad(sample.isTouring);
  for (const [way, result] of Object.entries(results)) showResult(way, result);
  // Whoever wants less motion gets it once a second.
  if (isCalm.matches && sample.at - drawn < 1000) return;
  drawn = sample.at;
  showCalls(calls);
  draw(sample);
}

find('clients').addEventListener('input', () => write(find('count'), find('clients').value));
find('clients').addEventListener('change', again);
find('jobs').addEventListener('change', again);
find('stop').addEventListener('click', () => send('DELETE', '/load'));
find('tour').addEventListener('click', () => send('PUT', '/tour', { job: job(), clients: clients() }));

const events = new EventSource('/events');
events.addEventListener('about', ({ data }) => {
  about = JSON.parse(data);
  samples = about.samples;
  drawn = 0;
  showAbout();
});
events.addEventListener('now', ({ data }) => show(JSON.parse(data)));
events.addEventListener('error', () =>
  showState('gone', 'The server has ended. This page goes on when it is there again.'),
);
