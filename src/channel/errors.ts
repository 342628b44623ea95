// How an error crosses: structured clone keeps the class of the language's own errors only, and drops `code`, other own
// properties and AggregateError's `errors`. Here it is taken apart into a plain record and put together again.

/** An error, taken apart. `own` holds every own property but the stack. */
export interface ErrorRecord {
  readonly base: string;
  readonly name: string;
  readonly stack: string | undefined;
  readonly own: Record<string, unknown>;
}

const BASES: Record<string, new (message?: string) => Error> = {
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
};

export function isError(value: object): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
}

function baseOf(error: Error): string {
  if (typeof DOMException === 'function' && error instanceof DOMException) return 'DOMException';
  if (typeof AggregateError === 'function' && error instanceof AggregateError) return 'AggregateError';
  for (let at = Object.getPrototypeOf(error) as object | null; at !== null; at = Object.getPrototypeOf(at)) {
    const name: unknown = Object.getOwnPropertyDescriptor(at, 'constructor')?.value?.name;
    if (typeof name === 'string' && name in BASES) return name;
  }
  return 'Error';
}

const text = (read: () => unknown): string => {
  try {
    return String(read());
  } catch {
    return '';
  }
};

/** Takes an error apart. Getters are read once; what throws when it is read is left out. */
export function takeApart(error: Error): ErrorRecord {
  const own: Record<string, unknown> = {};
  for (const key of Object.getOwnPropertyNames(error)) {
    if (key === 'stack') continue;
    try {
      own[key] = Reflect.get(error, key);
    } catch {
      // It would not be readable on the other side either.
    }
  }
  const base = baseOf(error);
  // These are accessors of the prototype there.
  if (base === 'DOMException') own['message'] = error.message;
  const stack = text(() => error.stack);
  return { base, name: text(() => error.name) || base, stack: stack === '' ? undefined : stack, own };
}

/** An error of the same class, still without its own properties, so that cycles can lead to it. */
export function newError({ base, name, own }: ErrorRecord): Error {
  const message = typeof own['message'] === 'string' ? own['message'] : '';
  if (base === 'DOMException') return new DOMException(message, name);
  if (base === 'AggregateError') return new AggregateError([], message);
  return new (BASES[base] ?? Error)(message);
}

export function putTogether(error: Error, { base, name, stack, own }: ErrorRecord): void {
  for (const [key, value] of Object.entries(own)) {
    if (base === 'DOMException' && (key === 'message' || key === 'name' || key === 'code')) continue;
    const enumerable = key !== 'message' && key !== 'cause' && key !== 'errors' && key !== 'name';
    Object.defineProperty(error, key, { value, enumerable, writable: true, configurable: true });
  }
  if (error.name !== name && base !== 'DOMException') {
    Object.defineProperty(error, 'name', {
      value: name,
      enumerable: false,
      writable: true,
      configurable: true,
    });
  }
  if (stack !== undefined) {
    Object.defineProperty(error, 'stack', {
      value: stack,
      enumerable: false,
      writable: true,
      configurable: true,
    });
  }
}
