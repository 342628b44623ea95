// What the soak runs on the service thread. Every function is told its call's token first, and answers with it.
import { currentSignal } from 'isthmus';
import { makeError } from './errors.mjs';

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const turn = () => new Promise((resolve) => setImmediate(resolve));

let last = -1;
/** Tokens only grow: a call that comes twice, or late, is a fault of the channel. */
function begin(token) {
  if (token <= last) throw new Error(`call ${token} came after call ${last}`);
  last = token;
}

// Answers ---------------------------------------------------------------------------------------------------------

export function echo(token, ...values) {
  begin(token);
  return [token, ...values];
}
export async function echoSoon(token, value) {
  begin(token);
  await null;
  return [token, value];
}
export async function echoTurn(token, value) {
  begin(token);
  await turn();
  return [token, value];
}
export async function echoLater(token, ms, value) {
  begin(token);
  await later(ms);
  return [token, value];
}
export function fail(token, recipe) {
  begin(token);
  throw makeError(recipe);
}
export async function failTurn(token, recipe) {
  begin(token);
  await turn();
  throw makeError(recipe);
}
export async function throwValue(token, value) {
  begin(token);
  throw [token, value];
}

// Callbacks -------------------------------------------------------------------------------------------------------

export function callBack(token, value, callback) {
  begin(token);
  return [token, callback(token, value)];
}
export async function callBackOften(token, times, callback) {
  begin(token);
  const answers = [];
  for (let i = 0; i < times; i++) {
    if (i % 3 === 1) await null;
    if (i % 7 === 5) await turn();
    answers.push(callback(token, i));
  }
  return [token, answers];
}
export function callBoth(token, { a, list: [b] }) {
  begin(token);
  return [token, a(1), b(2), a(3)];
}
let kept;
export function keep(token, callback) {
  begin(token);
  kept = callback;
  return [token];
}
/** What comes of calling back a caller that has gone. */
export function useKept(token) {
  begin(token);
  try {
    return [token, kept === undefined ? 'nothing was kept' : kept(token)];
  } catch (error) {
    return [token, error.code];
  }
}

// Answers that nobody waits for any more --------------------------------------------------------------------------

export function never(token) {
  begin(token);
  return new Promise(() => {});
}
export function spinFor(token, ms, value) {
  begin(token);
  const end = performance.now() + ms;
  while (performance.now() < end);
  return [token, value];
}
export async function untilAborted(token, value) {
  begin(token);
  const signal = currentSignal();
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
  return [token, value];
}

// Deaths ----------------------------------------------------------------------------------------------------------

export function exit(token, code) {
  begin(token);
  process.exit(code);
}
export async function exitTurn(token, code) {
  begin(token);
  await turn();
  process.exit(code);
}
export function exitAfter(token, callback, code) {
  begin(token);
  callback(token);
  process.exit(code);
}
export function crash(token, recipe) {
  begin(token);
  setImmediate(() => {
    throw makeError(recipe);
  });
  return new Promise(() => {});
}
export function reject(token, recipe) {
  begin(token);
  void Promise.reject(makeError(recipe));
  return new Promise(() => {});
}
/** Answers, and then dies. */
export function crashAfterwards(token, message) {
  begin(token);
  setImmediate(() => {
    throw new Error(message);
  });
  return [token];
}
export function outOfMemory(token) {
  begin(token);
  const held = [];
  for (;;) held.push(new Array(100_000).fill(held.length + 0.5));
}
