/**
 * autocannon in a process of its own: node autocannon.mjs <url> <clients> <seconds> [checked]
 * `checked`: a number is added to each URL, and the answer's `value` has to be the next one.
 */
import autocannon from 'autocannon';

const [url, clients, seconds, checked] = process.argv.slice(2);
const { pathname } = new URL(url);
let last = 0;
let answered = 0;
let mismatched = 0;

const ask = (request, context) => {
  context.asked = ++last;
  return { ...request, path: `${pathname}${context.asked}` };
};

const answer = (_status, body, { asked }) => {
  answered++;
  try {
    if (JSON.parse(body).value === asked + 1) return;
  } catch {
    // It is no JSON, and so not the answer.
  }
  mismatched++;
};

const result = await autocannon({
  url,
  connections: Number(clients),
  duration: Number(seconds),
  timeout: 20,
  ...(checked && { requests: [{ method: 'GET', setupRequest: ask, onResponse: answer }] }),
});
const counts = {
  requests: result.requests.total,
  seconds: result.duration,
  failed: result.errors + result.non2xx,
};
console.log(JSON.stringify(checked ? { ...counts, answered, mismatched } : counts));
