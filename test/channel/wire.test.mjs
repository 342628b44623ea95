// Frames on a pipe, however it cuts what goes through it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { built } from './built.mjs';

const limit = { timeout: 60_000 };
const { Inlet, Outlet } = await built('channel/wire.ts');
const { deserialize } = await built('channel/serial.ts');
const { Claims, distance, nextNumber } = await built('channel/claims.ts');

/** Small: bytes written by hand; large: a value, and bytes beside it. */
const frames = fc.array(
  fc.oneof(
    fc.record({ small: fc.uint8Array({ minLength: 1, maxLength: 2048 }) }),
    fc.record({
      value: fc.oneof(fc.string(), fc.array(fc.integer())),
      beside: fc.array(fc.nat({ max: 200_000 }), { maxLength: 2 }),
    }),
  ),
  { maxLength: 40 },
);

test('what goes in comes out, in order, and is written over by nothing', limit, () => {
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1 }), (given, cuts) => {
      const pieces = [];
      const out = new Outlet((bytes) => pieces.push(bytes));
      for (const [i, { small, value, beside }] of given.entries()) {
        if (small === undefined) {
          out.add(
            2,
            value,
            beside.map((length, at) => new Uint8Array(length).fill(at + i)),
          );
        } else {
          out.open().set(small);
          out.close(1, small.length);
        }
      }
      out.flush();
      const all = Buffer.concat(pieces);
      const seen = [];
      const inlet = new Inlet((kind, body, besides) => seen.push([kind, body, besides]));
      for (let at = 0, i = 0; at < all.length; i++) {
        const end = Math.min(all.length, at + cuts[i % cuts.length]);
        inlet.push(Buffer.from(all.subarray(at, end)));
        at = end;
      }
      assert.equal(seen.length, given.length);
      for (const [i, { small, value, beside }] of given.entries()) {
        const [kind, body, besides] = seen[i];
        if (small !== undefined) {
          assert.equal(kind, 1);
          assert.ok(body.equals(small));
          continue;
        }
        assert.equal(kind, 2);
        assert.deepEqual(deserialize(body), value);
        assert.deepEqual(
          besides.map(({ length }) => length),
          beside,
        );
        for (const [at, bytes] of besides.entries()) {
          assert.ok(bytes.every((byte) => byte === ((at + i) & 255)));
          assert.equal(bytes.buffer.byteLength, bytes.length, 'bytes of their own');
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('a value that cannot be cloned writes nothing', limit, () => {
  const pieces = [];
  const out = new Outlet((bytes) => pieces.push(bytes));
  assert.throws(() => out.add(2, { f() {} }, [new Uint8Array(5)]));
  out.flush();
  assert.deepEqual(pieces, []);
});

test('a task is claimed or recalled and never both, also when its number begins anew', limit, () => {
  let number = 0;
  // From a little before the end of the numbers on.
  for (const start of [0, 2 ** 28 - 100]) {
    const claims = new Claims();
    number = start;
    for (let i = 0; i < 300; i++) {
      number = nextNumber(number);
      const recalled = i % 3 === 0;
      assert.equal(recalled ? claims.recall(number) : claims.claim(number), true, `${number}`);
      assert.equal(claims.claim(number), false);
      assert.equal(claims.recall(number), false, 'late, and dropped');
    }
  }
  assert.ok(number > 0 && number < 1000, 'they began anew');
  assert.equal(distance(nextNumber(2 ** 28 - 1), 2 ** 28 - 1) > 0, true);
});
