/**
 * `npm start`: a server under load, to be looked at. The server (server.mjs) runs in a process of its own; here are the clients, whoever
 * asks /ping, and the page, or with --text a table. Ctrl+C ends it when what is on its way is answered, a second one at once.
 */
import { frontOf, waysOf } from './front.mjs';
import { optionsOf, PORT, usage } from './options.mjs';
import { Service } from './service.mjs';
import { showText } from './text.mjs';
import { Watch } from './watch.mjs';

/** ms after the first signal from which on a second one means it. */
const SAME = 1000;

async function listen(app, { host, port }) {
  try {
    return await app.listen({ host, port: port ?? PORT });
  } catch (error) {
    if (error.code !== 'EADDRINUSE' || port !== undefined) throw error;
    console.log(
      `isthmus: port ${PORT} is taken; the page is on a free one (--port <number> asks for a certain one)`,
    );
    return app.listen({ host, port: 0 });
  }
}

/** Settles with the signal when somebody wants it to end; rejects when the server has ended by itself. */
function untilEnd(service) {
  return new Promise((resolve, reject) => {
    let told;
    const onSignal = (signal, number) => {
      const now = performance.now();
      // npm passes on what the terminal has sent to all: what comes so soon is the same Ctrl+C.
      if (told !== undefined && now - told > SAME) process.exit(128 + number);
      told ??= now;
      resolve(signal);
    };
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, onSignal);
    service.ended.then((code) => reject(new Error(`The server has ended by itself (${code}).`)));
  });
}

async function showPage(service, watch, options, end) {
  const app = frontOf(service, watch, options);
  try {
    console.log(`isthmus: the page is at ${await listen(app, options)} (Ctrl+C ends it)`);
    console.log(`isthmus: the server under load is at ${service.address}, such as /naive/hash/secret`);
    await end;
    console.log('isthmus: ending, when what is on its way is answered');
  } finally {
    await watch.close();
    await app.close();
  }
}

async function showTable(service, watch, options, end) {
  const shown = showText(watch, { ...options, names: waysOf(service), pump: service.pump });
  try {
    // Interrupted, it has not shown what it was asked for.
    if (typeof (await Promise.race([shown, end])) === 'string') process.exitCode = 130;
  } finally {
    await watch.close();
  }
  if (!(await shown)) process.exitCode ??= 1;
}

async function main(options) {
  const service = await Service.start();
  const watch = new Watch(service.address);
  const end = untilEnd(service);
  try {
    await (options.text ? showTable : showPage)(service, watch, options, end);
  } finally {
    end.catch(() => {});
    if ((await service.end()) !== 0) process.exitCode ??= 1;
  }
}

function read(args) {
  try {
    return optionsOf(args);
  } catch (error) {
    console.error(`isthmus: ${error.message}\n\n${usage}`);
    process.exitCode = 2;
    return undefined;
  }
}

const options = read(process.argv.slice(2));
if (options?.help) console.log(usage);
else if (options !== undefined) {
  try {
    await main(options);
  } catch (error) {
    console.error(`isthmus: ${error.message}`);
    process.exitCode = 1;
  }
}
