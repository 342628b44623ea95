import { currentSignal } from '../../dist/index.js';

export const add = (a, b) => a + b;
export const addLater = async (a, b) => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  return a + b;
};
export const echo = (value) => value;
export function fail() {
  throw Object.assign(new TypeError('failed', { cause: new RangeError('inner') }), { code: 'E_MINE' });
}
export async function sum(n, callback) {
  let total = 0;
  for (let i = 0; i < n; i++) {
    await null;
    total += callback(i);
  }
  return total;
}
export const bad = () => ({ deep: [() => {}] });
export const never = () => new Promise(() => {});
export function spin() {
  for (;;);
}
export const exit = (code) => process.exit(code);
export function crash() {
  setTimeout(() => {
    throw new Error('stray');
  }, 1);
  return new Promise(() => {});
}
export const signal = () => currentSignal() instanceof AbortSignal;
