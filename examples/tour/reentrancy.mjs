/** The price, shown openly: while a call waits other callbacks run, and a finished call waits for those above it. */
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { canRun, run } from 'isthmus';
import { formatMs } from './paint.mjs';

/** Looks safe, for there is no await in it; but another callback withdraws while it waits. */
function withdraw(account, amount) {
  if (account.balance < amount) return false;
  run(sleep(10)); // asks the bank
  account.balance -= amount;
  return true;
}

/** The lower call is done after 5 ms, but the upper one, nested in a timer, stays for 40. */
function holdOneCall() {
  setTimeout(() => run(sleep(40)), 1);
  const began = performance.now();
  run(sleep(5));
  return performance.now() - began;
}

export const reentrancy = {
  title: 'The price: other callbacks run meanwhile, and calls return last in, first out',
  code: [
    'if (account.balance < amount) return false;',
    'run(sleep(10));               // a timer fires here, and withdraws as well',
    'account.balance -= amount;',
  ],
  visit() {
    const account = { balance: 100 };
    setTimeout(() => withdraw(account, 70), 2);
    const path = canRun();
    const paid = withdraw(account, 70);

    const before = run.stats().held;
    const ms = holdOneCall();
    const { held } = run.stats();
    const here = held.by.filter(({ site }) => site.includes('reentrancy.mjs'));
    const holder = here.sort((a, b) => b.maxMs - a.maxMs)[0];
    const place = holder ? basename(holder.site) : 'nobody';
    return {
      checks: [
        [
          `both withdrawals of 70 passed the check, and the balance of 100 is now ${account.balance}: check again ` +
            'after a run(), as after an await',
          paid && account.balance === -40,
        ],
        [
          `run(sleep(5)) returned after ${formatMs(ms)}, held by a call above it`,
          held.count > before.count && ms > 30,
        ],
        [
          `run.stats().held names who held others, and for how long: ${place}, ${formatMs(holder?.maxMs ?? 0)}`,
          holder !== undefined && holder.maxMs > 10,
        ],
      ],
      path,
      cost: `${formatMs(held.totalMs - before.totalMs)} of holding, published on diagnostics_channel 'isthmus:run:held'`,
    };
  },
};
