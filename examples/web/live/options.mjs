// What can be said on the command line.
import { parseArgs } from 'node:util';
import { clients, jobs } from './ways.mjs';

/** Where the page is, unless another port is asked for. */
export const PORT = 3000;

export const usage = `npm start -- [options]

  --port <number>     where the page is (default: ${PORT}, or a free one where that is taken)
  --host <address>    the address that it listens on (default: 127.0.0.1)
  --text              no page: tries each way, prints a table and ends
  --job <name>        what the handlers do: ${Object.keys(jobs).join(', ')} (default: hash)
  --clients <number>  how many ask at once, ${clients.least} to ${clients.most} (default: ${clients.usual})
  --seconds <number>  how long each way is tried, 0.5 to 600 (default: 3)
  --help              this`;

const known = {
  port: { type: 'string' },
  host: { type: 'string', default: '127.0.0.1' },
  text: { type: 'boolean', default: false },
  job: { type: 'string', default: 'hash' },
  clients: { type: 'string', default: String(clients.usual) },
  seconds: { type: 'string', default: '3' },
  help: { type: 'boolean', default: false },
};

function numberOf(name, text, isRight, wanted) {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (!isRight(number)) throw new RangeError(`--${name} ${JSON.stringify(text)}: write ${wanted}.`);
  return number;
}

const whole = (least, most) => (number) => Number.isInteger(number) && number >= least && number <= most;

/** Throws what is to be told to whoever has typed it. */
export function optionsOf(args) {
  const { values } = parseArgs({ args, options: known });
  const { host, text, job, help } = values;
  if (!Object.hasOwn(jobs, job)) {
    throw new RangeError(`--job ${JSON.stringify(job)}: write one of ${Object.keys(jobs).join(', ')}.`);
  }
  const { least, most } = clients;
  const isDuration = (number) => number >= 0.5 && number <= 600;
  return {
    host,
    text,
    job,
    help,
    // Undefined where none was asked for.
    port:
      values.port &&
      numberOf('port', values.port, whole(0, 65_535), 'a number from 0 (any free one) to 65535'),
    clients: numberOf(
      'clients',
      values.clients,
      whole(least, most),
      `a whole number from ${least} to ${most}`,
    ),
    ms: 1000 * numberOf('seconds', values.seconds, isDuration, 'a number from 0.5 to 600'),
  };
}
