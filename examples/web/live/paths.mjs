// Which path each call takes, by the channels on which isthmus tells of its tasks. The answer's `server-timing` header says
// it, so that a client knows it, and the browser's own tools do.
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';

const requests = new AsyncLocalStorage();

/** For a handler that waits by `run`: how, and on which base, as canRun() says. */
export function notePath({ how, base }) {
  requests.getStore().entered = how === 'loop' ? `the loop (re-entered, base '${base}') and ` : '';
}

const placeOf = ({ threadId, pid }) => (pid === undefined ? `thread ${threadId}` : `process ${pid}`);

function timingOf({ began, task, entered = '' }) {
  const told = (ms, place) => `run;dur=${ms.toFixed(2)};desc="${place}"`;
  if (task?.runMs === undefined) return told(performance.now() - began, 'the event loop');
  return `wait;dur=${task.waitMs.toFixed(2)}, ${told(task.runMs, `${entered}${placeOf(task)}`)}`;
}

/** Follows the requests of a server. */
export function followPaths(app) {
  app.decorateRequest('path', null);
  app.addHook('onRequest', (request, _reply, done) => {
    request.path = { began: performance.now() };
    requests.run(request.path, done);
  });
  app.addHook('onSend', async (request, reply) => {
    reply.header('server-timing', timingOf(request.path));
  });
  subscribe('tracing:isthmus:task:start', (task) => {
    const path = requests.getStore();
    // What it is told later, at the task's end, is found in the same object.
    if (path !== undefined) path.task = task;
  });
}
