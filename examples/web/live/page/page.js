// The page: shows what the server's watch sends ten times a second, and sends what the buttons ask for.
import { counted, duration, perSecond, places } from './format.js';
import { Opening } from './opening.js';
import { Orders } from './orders.js';
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
let drawn = Number.NEGATIVE_INFINITY;
let isSliding = false;
let announced;

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

const orders = new Orders();
const chosen = () => ({ job: job(), clients: clients() });
const opening = new Opening(() => orders.ask(chosen()));

/** Another number of clients, or other work, takes the place of what is going on or about to. */
function again() {
  const { asked } = orders;
  if (asked) orders.ask({ ...asked, ...chosen() });
}

/** A press on the way that there is load on ends it. */
function press(name) {
  const { asked } = orders;
  const isOn = asked !== undefined && (asked.way ?? load?.way) === name;
  orders.ask(isOn ? undefined : { way: name, ...chosen() });
}

// What does not change

function cardOf({ name, title, code, told, advice, why }) {
  const card = make(
    'button',
    { type: 'button', title: why ? `Not here: ${why}` : told, disabled: why !== undefined },
    make(
      'span',
      { className: 'title', textContent: title },
      ...(advice ? [' ', make('small', { textContent: advice })] : []),
    ),
    make('span', { className: 'mark', textContent: why ? 'not here' : '' }),
    make('code', { textContent: code }),
    make('span', { className: 'result', textContent: why ?? 'Not tried yet' }),
  );
  card.dataset.way = name;
  card.setAttribute('aria-pressed', 'false');
  card.addEventListener('click', () => press(name));
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

/** The sentence is said aloud when the state changes, or the way, or the work: not ten times a second. */
function announce(state, headline) {
  const title = load && about.ways.find(({ name }) => name === load.way)?.title;
  const work = load && about.jobs.find(({ name }) => name === load.job)?.title;
  const news = JSON.stringify([state, title, work]);
  if (news === announced) return;
  announced = news;
  write(find('said'), title ? `${title}, to ${work}. ${headline}` : headline);
}

function showState(state, headline) {
  announce(state, headline);
  document.body.dataset.state = state;
  write(find('state'), words[state]);
  // A number and its unit stay on one line.
  write(find('headline'), headline.replace(/(\d) (m?s)\b/g, '$1\u00a0$2'));
}

const each = () => `${about.ways.filter(({ why }) => !why).length} ways, ${about.ms / 1000} s each`;

/** What has come of it so far, in a sentence; undefined before. */
function lessonOf({ naive, thread }) {
  if (!naive?.calls || !thread?.calls) return undefined;
  const usual = duration(thread.ping.usual ?? thread.ping.worst);
  return `Naive: /ping waited up to ${duration(naive.ping.worst)}. toThread: usually ${usual}.`;
}

function toldOf(results, isTouring, left) {
  if (orders.refusal) return `That has failed: ${orders.refusal}`;
  if (left !== undefined)
    return `It starts by itself in ${Math.ceil(left / 1000)} s: ${each()}, naive first. Stop keeps the page still.`;
  if (!load)
    return lessonOf(results) ?? 'Press “Show me”, or one of the six, and watch what becomes of /ping.';
  if (load.isEnding) return 'No more is asked; what was asked is still to be answered.';
  const told = about.ways.find(({ name }) => name === load.way)?.told ?? '';
  return isTouring ? `${told} (${each()}; Stop ends it.)` : told;
}

/** What the server was asked last is what the controls show, whoever has asked. */
function showAsked() {
  const { asked } = orders;
  if (!asked) return;
  document.querySelector(`#jobs [value="${asked.job}"]`).checked = true;
  if (isSliding) return;
  find('clients').value = asked.clients;
  write(find('count'), String(asked.clients));
}

function markOf(way) {
  if (load?.way === way) return load.isEnding ? 'ending' : counted(load.clients, 'client');
  return orders.asked?.way === way ? 'next' : '';
}

function showLoad(results, isTouring, left) {
  write(find('told'), toldOf(results, isTouring, left));
  find('stop').disabled = !load && !orders.asked && left === undefined;
  write(find('tour'), isTouring ? 'Trying them all …' : 'Show me: all, one by one');
  for (const card of find('ways').children) {
    if (card.disabled) continue;
    card.setAttribute('aria-pressed', String(load?.way === card.dataset.way));
    write(card.querySelector('.mark'), markOf(card.dataset.way));
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

function showNumbers(texts) {
  for (const [id, text] of Object.entries(texts)) write(find(`${id}-now`), text);
  find('ping').setAttribute('aria-label', `/ping over the last 30 seconds; now ${texts.ping}`);
  find('loop').setAttribute('aria-label', `Event-loop delay over the last 30 seconds; now ${texts.loop}`);
  find('pool').setAttribute('aria-label', `The pool over the last 30 seconds; now ${texts.pool}`);
}

function draw({ ping, loop, pool }) {
  const texts = {
    ping: duration(ping),
    loop: loop === undefined ? 'no answer' : duration(loop),
    pool: pool ? `${pool.running} of ${pool.size} at work, ${pool.queued} waiting` : load ? 'no answer' : '–',
  };
  if (load?.way === 'naive') texts.pool = 'no pool';
  showNumbers(texts);
  drawDurations(find('ping'), samples, 'ping', LIMIT);
  drawDurations(find('loop'), samples, 'loop', LIMIT);
  drawPool(find('pool'), samples);
}

function show({ sample, results, calls }) {
  samples = [...samples, sample].slice(-KEPT);
  load = sample.load;
  orders.hear(sample);
  const left = opening.look(!load && !orders.asked && Object.keys(results).length === 0);
  showState(sample.state, sample.headline);
  showAsked();
  showLoad(results, sample.isTouring, left);
  for (const [way, result] of Object.entries(results)) showResult(way, result);
  // Whoever wants less motion gets it once a second.
  if (isCalm.matches && sample.at - drawn < 1000) return;
  drawn = sample.at;
  showCalls(calls);
  draw(sample);
}

/** Nothing is there any more that a press could reach. */
function showGone() {
  load = undefined;
  showState('gone', 'The server has ended.');
  const back = about?.isKept
    ? 'this page goes on when it is there again.'
    : 'and open the address that it prints.';
  write(find('told'), `In the terminal, run npm start again${about?.isKept ? ':' : ','} ${back}`);
  for (const card of find('ways').children) {
    card.setAttribute('aria-pressed', 'false');
    write(card.querySelector('.mark'), '');
  }
  for (const control of document.querySelectorAll('button, input')) control.disabled = true;
  showNumbers({ ping: '–', loop: '–', pool: '–' });
}

/** A table that is wider than its place says so. */
const cut = new ResizeObserver(() => {
  for (const place of document.querySelectorAll('.scroll'))
    place.previousElementSibling.hidden = place.scrollWidth <= place.clientWidth;
});
for (const table of document.querySelectorAll('.scroll, .scroll table')) cut.observe(table);

find('clients').addEventListener('input', () => {
  isSliding = true;
  write(find('count'), find('clients').value);
});
find('clients').addEventListener('change', () => {
  isSliding = false;
  again();
});
find('jobs').addEventListener('change', again);
find('stop').addEventListener('click', () => orders.ask());
find('tour').addEventListener('click', () => orders.ask(chosen()));

const events = new EventSource('/events');
events.addEventListener('about', ({ data }) => {
  about = JSON.parse(data);
  samples = about.samples;
  drawn = Number.NEGATIVE_INFINITY;
  orders.forget();
  for (const id of ['tour', 'clients']) find(id).disabled = false;
  showAbout();
});
events.addEventListener('now', ({ data }) => show(JSON.parse(data)));
events.addEventListener('error', showGone);
