// Inside an HTTP handler. A request listener starts inside the HTTP parser, where no loop can be nested: `await turn()`
// continues on a clean base, and lets handlers in by fair batches.
import { createServer } from 'node:http';
import { run, turn } from 'isthmus';

function titleOf(url) {
  const page = run(fetch(url).then((response) => response.text()));
  return /<title>(.*?)<\/title>/.exec(page)?.[1] ?? '';
}

/** GET /some/page answers with the title of that page of `site`. */
export function titleServer(site) {
  return createServer(async (request, response) => {
    try {
      await turn();
      const { pathname } = new URL(request.url, site);
      response.end(titleOf(new URL(pathname, site)));
    } catch (error) {
      response.writeHead(502).end(error.message);
    }
  });
}
