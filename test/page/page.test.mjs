// The page of `npm start`, in a real browser: what a person sees and presses.
import assert from 'node:assert/strict';
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
      await says(page, /^16 clients hash passwords, and \/ping answers in [\d.]+\sm?s\.$/);
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
  await page.waitForSelector('#tour:text-is("Try all, one after another")');
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
  await says(page, /^2 clients download a log, and/);
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
  await says(page, /^The server has ended\./);
});
