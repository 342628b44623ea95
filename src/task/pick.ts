// What a name means in a module's namespace, the same on both sides: an export, or a property of the default export,
// which is what an ES module sees of `module.exports`.

export type Callable = (...args: never[]) => unknown;

/** Properties are read one by one and may throw: an export of a module that still evaluates, a lazy getter. */
function read(holder: unknown, name: string): unknown {
  if ((typeof holder !== 'object' && typeof holder !== 'function') || holder === null) return undefined;
  try {
    // Own ones only: else every namespace with a default would export `toString`.
    return Object.hasOwn(holder, name) ? Reflect.get(holder, name) : undefined;
  } catch {
    return undefined;
  }
}

/** The function that `name` means in `namespace`. */
export function pick(namespace: object, name: string): Callable | undefined {
  const found = read(namespace, name);
  if (typeof found === 'function') return found as Callable;
  const inner = read(read(namespace, 'default'), name);
  return typeof inner === 'function' ? (inner as Callable) : undefined;
}

/** The names that may mean something in `namespace`, plain properties before getters, which may do work. */
export function namesIn(namespace: object): string[] {
  const whole = read(namespace, 'default');
  const plain = new Set(Object.keys(namespace));
  const lazy = new Set<string>();
  if ((typeof whole === 'object' && whole !== null) || typeof whole === 'function') {
    for (const [name, { get }] of Object.entries(Object.getOwnPropertyDescriptors(whole))) {
      (get ? lazy : plain).add(name);
    }
  }
  return [...new Set([...plain, ...lazy])];
}

/** The name by which `namespace` gives exactly this function; its own name is tried first. */
export function nameOf(namespace: object, fn: Callable): string | undefined {
  if (pick(namespace, fn.name) === fn) return fn.name;
  return namesIn(namespace).find((name) => pick(namespace, name) === fn);
}
