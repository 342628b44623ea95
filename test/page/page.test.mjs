// The page of `npm start`, in a real browser: what a person sees and presses.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { limit, look, start, unseen } from './kit.mjs';

const options = { ...limit, skip: unseen };

/** Until the page is in that state. Whether it comes to it is asserted, not when. */
const state = (page, name) => page.waitForSelector(`body[data-state="${name}"]`);
/** The headline is another ten times a second. */
const says = (page, pattern) =>
  page.waitForFunction(
    ([source]) => new RegExp(source).test(document.getElementById('headline').textContent),
    [pattern.source],
  );
const card = (way) => `#ways [data-way="${way}"]`;

/** What was measured of a way: its cells by their headings; once it was called and pinged so many times. */
async function measured(page, way, calls = 8) {
  await page.waitForFunction(
    ([selector, least]) =>
      Number(/(\d+) calls?$/.exec(document.querySelector(selector).textContent)?.[1]) >= least,
    [card(way), calls],
  );
  return page.evaluate((name) => {
    const text = (cells) => [...cells].map(({ textContent }) => textContent);
    const headings = text(document.querySelectorAll('#results thead th'));
    const cells = text(document.querySelector(`#results [data-way="${name}"]`).children);
    return Object.fromEntries(headings.map((heading, i) => [heading, cells[i]]));
  }, way);
}

const ms = (text) => Number.parseFloat(text) * (text.endsWith(' ms') ? 1 : 1000);

const where = {
  naive: /^the event loop$/,
  thread: /^\d+ threads?$/,
  auto: /^\d+ threads?$/,
  pool: /^\d+ threads?$/,
  process: /^\d+ process(es)?$/,
  run: /^the loop, re-entered and \d+ threads?$/,
};

test(
  'a naive handler blocks the loop, and the page says so; the others leave it free',
  options,
  async (scope) => {
    const { address } = await start(scope, '--port', '0');
    const { page, errors, asked } = await look(scope, address);
    await state(page, 'idle');
    await says(page, /^The server has nothing to do\./);
    assert.ok(await page.isDisabled('#stop'));

    await page.click(card('naive'));
    await state(page, 'blocked');
    await says(page, /^The loop is blocked: \/ping waits [\d.]+\sm?s\./);
    assert.equal(await page.getAttribute(card('naive'), 'aria-pressed'), 'true');
    const naive = await measured(page, 'naive');
    assert.match(naive['Where the work was done'], where.naive);
    await page.click('#stop');
    await state(page, 'idle');

    for (const way of ['thread', 'auto', 'pool', 'process', 'run']) {
      await page.click(card(way));
      // It may be blocked for a moment, while workers start on busy processors.
      await page.waitForSelector(`${card(way)}[aria-pressed="true"]`);
      const result = await measured(page, way);
      await state(page, 'free');
      assert.match(result['Where the work was done'], where[way], way);
      assert.ok(
        ms(result['/ping usually']) < ms(naive['/ping at worst']),
        `${way}: ${JSON.stringify(result)}`,
      );
      await says(page, /^16 clients ask to hash a password, and \/ping answers in [\d.]+\sm?s\.$/);
      await page.waitForFunction(() =>
        /^[1-9]\d* of \d+ at work/.test(document.getElementById('pool-now').textContent),
      );
    }
    const last = await page.textContent('#calls tbody tr');
    assert.match(last, /^run.*the loop \(re-entered, base 'turn'\) and thread \d+$/);

    // A second press on it ends the load.
    await page.click(card('run'));
    await state(page, 'idle');
    assert.equal(await page.getAttribute(card('run'), 'aria-pressed'), 'false');
    assert.deepEqual(errors, []);
    assert.deepEqual(
      asked.filter((url) => !url.startsWith(`${address}/`)),
      [],
      'nothing is from elsewhere',
    );
  },
);

test('all are tried one after another', options, async (scope) => {
  const { address } = await start(scope, '--port', '0', '--seconds', '0.5');
  const { page, errors } = await look(scope, address);
  await state(page, 'idle');
  await page.check('#jobs [value="gzip"]', { force: true });
  await page.click('#tour');
  for (const way of Object.keys(where)) await measured(page, way, 1);
  await page.waitForSelector('#tour:text-is("Show me: all, one by one")');
  for (const [way, place] of Object.entries(where)) {
    const result = await measured(page, way, 1);
    assert.equal(result.Clients, '16');
    assert.match(result['Where the work was done'], place);
  }
  assert.deepEqual(errors, []);
});

test('by keyboard alone', options, async (scope) => {
  const { address } = await start(scope, '--port', '0');
  const { page } = await look(scope, address);
  await state(page, 'idle');
  const focused = () =>
    page.evaluate(
      () => document.activeElement.id || document.activeElement.dataset.way || document.activeElement.value,
    );
  const tabTo = async (name) => {
    for (let i = 0; i < 20 && (await focused()) !== name; i++) await page.keyboard.press('Tab');
    assert.equal(await focused(), name);
  };
  await tabTo('hash');
  await page.keyboard.press('ArrowRight');
  assert.equal(await focused(), 'gzip');
  await tabTo('clients');
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  assert.equal(await page.textContent('#count'), '2');
  await tabTo('thread');
  await page.keyboard.press('Space');
  await measured(page, 'thread');
  await says(page, /^2 clients ask to compress a log, and/);
  // The slider changes what is going on.
  await page.focus('#clients');
  await page.keyboard.press('ArrowRight');
  await page.waitForSelector(`${card('thread')} .mark:text-is("3 clients")`);
  await page.focus('#stop');
  await page.keyboard.press('Enter');
  await state(page, 'idle');
});

test('everything has a name, in light and dark, wide and narrow', options, async (scope) => {
  const { address } = await start(scope, '--port', '0');
  const { page } = await look(scope, address, { colorScheme: 'light', reducedMotion: 'reduce' });
  await state(page, 'idle');
  const names = await page.evaluate(() =>
    [...document.querySelectorAll('button, input, canvas, section')].map((element) =>
      [
        element.getAttribute('aria-label'),
        element.textContent,
        element.labels?.[0]?.textContent,
        element.getAttribute('aria-labelledby'),
      ].some(Boolean),
    ),
  );
  assert.ok(names.length > 15 && names.every(Boolean), names.join());
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.emulateMedia({ colorScheme: 'dark' });
  assert.notEqual(await ground(), light);
  for (const width of [1280, 768, 360]) {
    await page.setViewportSize({ width, height: 800 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= width, `${wide} of ${width}`);
  }
  const painted = await page.evaluate(() => {
    const { width, height } = document.getElementById('ping');
    return document
      .getElementById('ping')
      .getContext('2d')
      .getImageData(0, 0, width, height)
      .data.some((byte) => byte > 0);
  });
  assert.ok(painted);
});

test('Ctrl+C while it is looked at: the program ends, and the page says so', options, async (scope) => {
  const { address, child, exited } = await start(scope, '--port', '0');
  const { page } = await look(scope, address);
  await state(page, 'idle');
  await page.click(card('thread'));
  await measured(page, 'thread', 1);
  child.kill('SIGINT');
  assert.equal(await exited, 0);
  await state(page, 'gone');
  await says(page, /^The server has ended\.$/);
  assert.match(
    await page.textContent('#told'),
    /run npm start again, and open the address that it prints\.$/,
  );
  await assertNothingLeft(page);
});

/** What there is to see and to press, when there is no server. */
async function assertNothingLeft(page) {
  const [enabled, pressed, numbers, shade] = await page.evaluate(() => [
    document.querySelectorAll('button:enabled, input:enabled').length,
    document.querySelectorAll('[aria-pressed="true"]').length,
    [...document.querySelectorAll('figcaption b')].map(({ textContent }) => textContent),
    Number(getComputedStyle(document.getElementById('results')).opacity),
  ]);
  assert.deepEqual([enabled, pressed, numbers], [0, 0, ['–', '–', '–']]);
  assert.ok(shade < 1);
}

/** Presses in one turn of the page's loop: nothing of the server comes between. */
const pressAtOnce = (page, ...selectors) =>
  page.evaluate((all) => {
    for (const selector of all) document.querySelector(selector).click();
  }, selectors);

/** What the server says that there is load on. */
const loaded = (page, way, text) =>
  page.waitForFunction(
    ([pressed, wanted]) =>
      document.querySelector(pressed) && document.getElementById('headline').textContent.includes(wanted),
    [`${card(way)}[aria-pressed="true"]`, text],
  );

const job = (name) => `#jobs [value="${name}"]`;

test('the last choice wins, however fast it was made', options, async (scope) => {
  const { address } = await start(scope, '--port', '0');
  const { page, errors } = await look(scope, address);
  await state(page, 'idle');
  // The first request is held, so that a second one could overtake it.
  const held = [];
  let release;
  const released = new Promise((resolve) => {
    release = resolve;
  });
  await page.route('**/load', async (route) => {
    held.push(route.request().postDataJSON());
    await released;
    await route.continue();
  });
  await pressAtOnce(page, card('auto'), job('gzip'));
  await page.waitForFunction(() => document.querySelector('#jobs [value="gzip"]').checked);
  release();
  await loaded(page, 'auto', '16 clients ask to compress a log');
  await measured(page, 'auto', 1);
  assert.deepEqual(
    held.map(({ way, job }) => [way, job]),
    [
      ['auto', 'hash'],
      ['auto', 'gzip'],
    ],
  );
  // One way, another one, and then the work: also while the last answers of the first are waited for.
  await pressAtOnce(page, card('pool'), card('thread'), job('diff'));
  await loaded(page, 'thread', '16 clients ask to compare JSON');
  await pressAtOnce(page, card('auto'), '#tour', card('pool'), job('gzip'), job('hash'));
  await loaded(page, 'pool', '16 clients ask to hash a password');
  assert.ok(await page.isChecked(job('hash')));
  await pressAtOnce(page, card('thread'), job('gzip'), '#stop');
  await state(page, 'idle');
  assert.equal(await page.getAttribute(card('pool'), 'aria-pressed'), 'false');
  assert.deepEqual(errors, []);
});

test('a page shows what the server is asked for, also by another page', options, async (scope) => {
  const { address } = await start(scope, '--port', '0');
  const { page } = await look(scope, address);
  await state(page, 'idle');
  await fetch(`${address}/load`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ way: 'thread', job: 'diff', clients: 5 }),
  });
  await loaded(page, 'thread', '5 clients ask to compare JSON');
  assert.ok(await page.isChecked(job('diff')));
  assert.equal(await page.inputValue('#clients'), '5');
});

test('a change of way or work is announced, not only one of state', options, async (scope) => {
  const { address } = await start(scope, '--port', '0');
  const { page } = await look(scope, address);
  await state(page, 'idle');
  const announced = (text) =>
    page.waitForFunction((wanted) => document.getElementById('said').textContent.startsWith(wanted), text);
  await page.click(card('thread'));
  await announced('toThread, to hash a password.');
  await page.click(card('auto'));
  await announced('Automatic, to hash a password.');
  await page.check(job('diff'), { force: true });
  await announced('Automatic, to compare JSON.');
});

test('it starts by itself where nobody does anything; Stop ends it', options, async (scope) => {
  const { address } = await start(scope, '--port', '0');
  const { page, errors } = await look(scope, address, { path: '/' });
  await page.waitForFunction(() => globalThis.allTold.some((told) => /^It starts by itself in/.test(told)));
  await measured(page, 'naive');
  await page.click('#stop');
  await state(page, 'idle');
  await page.waitForSelector('#tour:text-is("Show me: all, one by one")');
  assert.deepEqual(errors, []);
});

for (const [name, how, input] of [
  ['with ?still', {}],
  ['for whoever wants less motion', { path: '/', reducedMotion: 'reduce' }],
  ['after a key', { path: '/' }, (page) => page.keyboard.press('Tab')],
  ['after a press on nothing', { path: '/' }, (page) => page.click('h1')],
]) {
  test(`it does not start by itself: ${name}`, options, async (scope) => {
    const { address } = await start(scope, '--port', '0');
    const { page } = await look(scope, address, how);
    await state(page, 'idle');
    await input?.(page);
    // As many samples as come in twice the time after which it would have.
    const idle = await page.evaluate(
      () =>
        new Promise((resolve) => {
          const states = [];
          const events = new EventSource('/events');
          events.addEventListener('now', ({ data }) => {
            if (states.push(JSON.parse(data).sample.asked) < 40) return;
            events.close();
            resolve(states.every((asked) => asked === undefined));
          });
        }),
    );
    assert.ok(idle);
  });
}

test(
  'killed by itself, the server is told of; at an asked-for port the page goes on',
  options,
  async (scope) => {
    const first = await start(scope, '--port', '0');
    const { port } = new URL(first.address);
    first.child.kill('SIGINT');
    assert.equal(await first.exited, 0);
    const { address, child, exited } = await start(scope, '--port', port);
    const { page } = await look(scope, address);
    await state(page, 'idle');
    await page.click(card('thread'));
    await measured(page, 'thread', 1);
    const [server] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ');
    process.kill(Number(server), 'SIGKILL');
    assert.equal(await exited, 1);
    await state(page, 'gone');
    assert.match(
      await page.textContent('#told'),
      /run npm start again: this page goes on when it is there again\.$/,
    );
    await assertNothingLeft(page);
    await start(scope, '--port', port);
    await state(page, 'idle');
    await page.click(card('auto'));
    await loaded(page, 'auto', '16 clients ask to hash a password');
  },
);

test('a table that is cut says that it can be scrolled', options, async (scope) => {
  const { address } = await start(scope, '--port', '0');
  const { page } = await look(scope, address, { viewport: { width: 360, height: 740 } });
  await state(page, 'idle');
  const hint = page.locator('#results').locator('xpath=../preceding-sibling::p');
  await hint.waitFor({ state: 'visible' });
  await page.setViewportSize({ width: 1280, height: 740 });
  await hint.waitFor({ state: 'hidden' });
});
