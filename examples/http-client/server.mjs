// The service that the client talks to, in a thread of its own: `new Worker(new URL('server.mjs', import.meta.url))` sends
// its URL when it listens.
import { createServer } from 'node:http';
import { parentPort } from 'node:worker_threads';

const names = ['Ada', 'Grace', 'Edsger', 'Barbara', 'Donald', 'Frances', 'Alan', 'Radia'];
const PAGE = 3;
let flaky = 0;

function answer(url) {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  if (pathname === '/users') {
    const page = Number(searchParams.get('page'));
    const users = names.slice((page - 1) * PAGE, page * PAGE).map((_, i) => ({ id: (page - 1) * PAGE + i }));
    return { users, next: page * PAGE < names.length ? `/users?page=${page + 1}` : undefined };
  }
  const [, , id, orders] = pathname.split('/');
  if (!(id in names)) return undefined;
  if (orders) return Array.from({ length: Number(id) + 1 }, (_, i) => ({ total: (i + 1) * 10 }));
  return { id: Number(id), name: names[id] };
}

const server = createServer((request, response) => {
  // Every fifth request fails once.
  if (++flaky % 5 === 0) return response.writeHead(503).end('busy');
  const body = answer(request.url);
  if (body === undefined) return response.writeHead(404).end('{}');
  response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
});
server.listen(0, '127.0.0.1', () => parentPort?.postMessage(`http://127.0.0.1:${server.address().port}`));
