// node examples/opentelemetry/main.mjs: one trace, of a request on this thread and of its tasks on others.
import { toThread } from 'isthmus';
import { tracer } from './spans.mjs';
import { traceTasks } from './tasks.mjs';
import { keyOf, refuse } from './work.mjs';

traceTasks();

for (const password of ['first', 'second']) {
  await tracer.startActiveSpan('request', async (request) => {
    await Promise.all([toThread(keyOf, password), toThread(keyOf, `${password} of another`)]);
    await toThread(refuse).catch(() => {});
    request.end();
  });
}
