// What there is to choose: the ways that a handler may do blocking work, and the work. Data alone, for server, page and text.

/** In the order in which they are shown. `code` is what one writes, `told` what comes of it, `advice` whom it is for. */
export const ways = [
  {
    name: 'naive',
    title: 'Naive',
    code: 'async (request) => hash(request)',
    told: 'The work is done on the event loop, which can do nothing else meanwhile.',
  },
  {
    name: 'thread',
    title: 'toThread',
    code: 'await toThread(hash, request)',
    told: 'The work is done on a thread of the shared pool; the loop goes on.',
    advice: 'what most handlers want',
  },
  {
    name: 'auto',
    title: 'Automatic',
    code: "app.get('/auto', hash)",
    told: "The plugin has seen that the handler is a plain function, and runs it on the server's own threads.",
  },
  {
    name: 'pool',
    title: 'Bound function',
    code: 'const hashed = pool.fn(hash)',
    told: 'The async twin of the function, bound to a pool of its own.',
  },
  {
    name: 'process',
    title: 'Process pool',
    code: "{ config: { isthmus: 'process' } }",
    told: 'The work is done in child processes, which have a memory of their own and can be killed.',
  },
  {
    name: 'run',
    title: 'run',
    code: 'run(toThread(hash, request))',
    told: 'Sync code waits for the result and re-enters the loop meanwhile; the last one in is the first one out.',
    needsPump: true,
  },
];

/** What the handlers do: each request is to `title`. `path` is what follows the way's name in a route, `ask` in what a client asks for. */
export const jobs = {
  hash: {
    title: 'hash a password',
    path: 'hash/:password',
    ask: 'hash/secret',
  },
  gzip: {
    title: 'compress a log',
    path: 'gzip',
    ask: 'gzip',
  },
  diff: {
    title: 'compare JSON',
    path: 'diff',
    ask: 'diff',
  },
};

/** Clients at once: what the slider allows, and where it stands at first. */
export const clients = { least: 1, most: 64, usual: 16 };
