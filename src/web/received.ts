// A handler's request: what has crossed, and an error for what has not. Else a guard that asks for `request.user` would see
// undefined, and let somebody in.
import { InvalidArgumentError } from '../index.js';

/** What is asked of any object, by `await`, `JSON.stringify` and `console.log`; no framework's request has one of them. */
const OF_ANYTHING = ['then', 'toJSON', 'href'];
/** May be left out: see bodyOf(). */
const OPTIONAL = 'body';

/** Stands behind each of a kind, so that only what one of them has not costs anything. `what` is of whom, and `select` an example. */
const behind = (what: string, select: (name: string, path: string) => string): object =>
  new Proxy(Object.prototype, {
    get(target, key, receiver): unknown {
      if (typeof key === 'symbol' || key in target || OF_ANYTHING.includes(key) || key === OPTIONAL) {
        return Reflect.get(target, key, receiver);
      }
      const path = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key)
        ? `.${key}`
        : `[${JSON.stringify(key)}]`;
      const name = path.startsWith('.') ? key : JSON.stringify(key);
      throw new InvalidArgumentError(
        `${what}${path} does not cross to the handler. Give its route a select: ${select(name, path)}.`,
      );
    },
  });

const request = behind('request', (name, path) => `(request) => ({ ${name}: request${path} })`);
const context = behind('context', (name) => `(c) => ({ ${name}: c.get(${JSON.stringify(name)}) })`);

/** The same request. Reading what it does not have throws InvalidArgumentError; `in`, spreading and JSON see what there is. */
export function guarded<Data extends object>(data: Data): Data {
  return Object.setPrototypeOf(data, request) as Data;
}

/** The same of what is given beside a standard request. */
export function guardedContext<Data extends object>(data: Data): Data {
  return Object.setPrototypeOf(data, context) as Data;
}

/** What is called in the handler's place, in the worker. */
export function received(handler: (request: object) => unknown): (request: object) => unknown {
  return (request) => handler(guarded(request));
}

/** Where workers find it. */
export const RECEIVED = { module: new URL('./received.js', import.meta.url).href, name: 'received' };
