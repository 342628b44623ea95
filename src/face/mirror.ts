// A Proxy's handler: everything that is done to the proxy is done to its target, and what passes is converted.
//
// Guarantees:
// - `this` in the target's methods, getters and setters is the target, so private fields work;
// - frozen objects, module namespaces and whatever else a Proxy has to be truthful about work: the Proxy stands on a
//   shadow, to which what cannot change any more is copied when it is first asked for;
// - looking at keys and descriptors waits for nothing: a promise is described as a getter that does.
import { inspect } from 'node:util';
import { isObject } from '../channel/faceable.js';
import { InvalidArgumentError } from '../errors.js';
import { iteratorDefault } from './defaults.js';

/** Which way a mirror looks. */
export interface Side {
  /** Whether async protocols are shown as the sync ones. */
  readonly sync: boolean;
  /** Called before the target is. */
  begin(): void;
  /** The target's value, for whoever uses the proxy; `what` is a name for it. */
  show(value: object, what: string): unknown;
  /** The user's value, for the target. */
  pass(value: object, what: string): unknown;
  /** The user's `this`, for the target. */
  passThis(value: object): unknown;
  /**
   * Would `show` wait for nothing and give the same each time, for what is no function? `always`: whatever is put into
   * the value meanwhile.
   */
  isStable(value: object, always: boolean): boolean;
  /** The target of a proxy of this side. */
  targetOf(proxy: object): object | undefined;
}

type Members = Record<PropertyKey, unknown>;
type Callable = (...args: unknown[]) => unknown;

/** The target's key for a key of its face; undefined for what a face has not. */
function realKey(target: object, key: PropertyKey): PropertyKey | undefined {
  switch (key) {
    case Symbol.iterator:
      return key in target || !(Symbol.asyncIterator in target) ? key : Symbol.asyncIterator;
    case Symbol.dispose:
      return Symbol.asyncDispose in target ? Symbol.asyncDispose : key;
    case Symbol.asyncIterator:
    case Symbol.asyncDispose:
      return undefined;
    default:
      return key;
  }
}

const TRANSLATED: readonly PropertyKey[] = [
  Symbol.iterator,
  Symbol.asyncIterator,
  Symbol.dispose,
  Symbol.asyncDispose,
];

const disposals = new WeakMap<object, Callable>();

/** The same as a function that is no Proxy: the `using` of Node 24 takes no other. */
function plainly(method: Callable): Callable {
  let plain = disposals.get(method);
  if (plain === undefined) {
    plain = function (this: unknown) {
      Reflect.apply(method, this, []);
    };
    disposals.set(method, plain);
  }
  return plain;
}

export class Mirror implements ProxyHandler<object> {
  /** What it is a mirror of, and what stands for it. */
  readonly target: object;
  readonly proxy: object;
  readonly #side: Side;
  readonly #what: string;
  /** Values that were made unchangeable by way of the proxy, as they were given. */
  #fixed: Map<PropertyKey, unknown> | undefined;
  #accessors: Map<PropertyKey, PropertyDescriptor> | undefined;

  constructor(target: object, side: Side) {
    this.target = target;
    this.#side = side;
    const name: unknown = typeof target === 'function' ? target.name : undefined;
    this.#what = typeof name === 'string' && name !== '' ? `${name}()` : 'the call';
    this.proxy = new Proxy(shadowOf(target, side), this);
  }

  get(_shadow: object, key: PropertyKey): unknown {
    const { target } = this;
    const side = this.#side;
    const real = typeof key === 'symbol' && side.sync ? realKey(target, key) : key;
    if (real === undefined) return undefined;
    const value = (target as Members)[real];
    if (!isObject(value)) return value === undefined && side.sync ? iteratorDefault(target, key) : value;
    if (this.#fixed?.has(key)) return this.#fixed.get(key);
    if (typeof value === 'function') return this.#showFunction(key, value);
    return side.show(value, typeof key === 'string' ? `the property ${key}` : 'a property');
  }

  apply(_shadow: object, self: unknown, args: unknown[]): unknown {
    const side = this.#side;
    side.begin();
    const result = Reflect.apply(
      this.target as Callable,
      isObject(self) ? side.passThis(self) : self,
      this.#passAll(args),
    );
    return isObject(result) ? side.show(result, this.#what) : result;
  }

  construct(_shadow: object, args: unknown[], newTarget: object): object {
    const side = this.#side;
    if (newTarget !== this.proxy) {
      const { name } = this.target as { name: string };
      throw new InvalidArgumentError(
        `The face of ${name} cannot be extended: write \`class Sub extends ${name}\`, and syncFace(Sub).`,
      );
    }
    side.begin();
    const made: object = Reflect.construct(this.target as Callable, this.#passAll(args));
    return side.show(made, this.#what) as object;
  }

  set(_shadow: object, key: PropertyKey, value: unknown, receiver: unknown): boolean {
    // Something that inherits from the proxy gets a property of its own, as from any object.
    if (receiver !== this.proxy) return Reflect.set(this.target, key, value, receiver);
    const real = this.#realKey(key);
    return real !== undefined && Reflect.set(this.target, real, this.#pass(value), this.target);
  }

  has(shadow: object, key: PropertyKey): boolean {
    const real = this.#realKey(key);
    if (real !== undefined && Reflect.has(this.target, real)) return true;
    if (this.#side.sync && iteratorDefault(this.target, key) !== undefined) return true;
    this.#forget(shadow, key);
    return false;
  }

  deleteProperty(shadow: object, key: PropertyKey): boolean {
    const real = this.#realKey(key);
    if (real === undefined) return true;
    return Reflect.deleteProperty(this.target, real) && Reflect.deleteProperty(shadow, key);
  }

  ownKeys(shadow: object): (string | symbol)[] {
    const { target } = this;
    let keys = Reflect.ownKeys(target);
    if (this.#side.sync && keys.some((key) => TRANSLATED.includes(key))) {
      keys = keys.filter((key) => !TRANSLATED.includes(key));
      for (const key of [Symbol.iterator, Symbol.dispose]) {
        if (Object.hasOwn(target, realKey(target, key) ?? key)) keys.push(key);
      }
    }
    if (!Reflect.isExtensible(shadow)) {
      for (const key of Reflect.ownKeys(shadow)) if (!keys.includes(key)) this.#forget(shadow, key);
    }
    return keys;
  }

  getOwnPropertyDescriptor(shadow: object, key: PropertyKey): PropertyDescriptor | undefined {
    const real = this.#realKey(key);
    const found = real === undefined ? undefined : Reflect.getOwnPropertyDescriptor(this.target, real);
    if (found === undefined) {
      this.#forget(shadow, key);
      return undefined;
    }
    const described = this.#describe(shadow, key, found);
    if (!described.configurable || !Reflect.isExtensible(shadow)) {
      Reflect.defineProperty(shadow, key, described);
    }
    return described;
  }

  defineProperty(shadow: object, key: PropertyKey, wanted: PropertyDescriptor): boolean {
    const real = this.#realKey(key);
    if (real === undefined) return false;
    const passed = { ...wanted };
    if ('value' in wanted) passed.value = this.#pass(wanted.value);
    if (wanted.get !== undefined) passed.get = this.#pass(wanted.get) as () => unknown;
    if (wanted.set !== undefined) passed.set = this.#pass(wanted.set) as () => void;
    if (!Reflect.defineProperty(this.target, real, passed)) return false;
    const now = Reflect.getOwnPropertyDescriptor(this.target, real);
    if (now?.configurable === false && now.writable === false && isObject(now.value)) {
      this.#fixed ??= new Map();
      this.#fixed.set(key, 'value' in wanted ? wanted.value : this.#side.show(now.value, ''));
    }
    this.getOwnPropertyDescriptor(shadow, key);
    return true;
  }

  // The class itself, so that `instanceof` tells the truth.
  getPrototypeOf(): object | null {
    return Reflect.getPrototypeOf(this.target);
  }

  setPrototypeOf(_shadow: object, prototype: object | null): boolean {
    const real = prototype === null ? null : (this.#side.targetOf(prototype) ?? prototype);
    return Reflect.setPrototypeOf(this.target, real);
  }

  isExtensible(shadow: object): boolean {
    if (Reflect.isExtensible(this.target)) return true;
    if (Reflect.isExtensible(shadow)) this.#lock(shadow);
    return false;
  }

  preventExtensions(shadow: object): boolean {
    if (!Reflect.preventExtensions(this.target)) return false;
    if (Reflect.isExtensible(shadow)) this.#lock(shadow);
    return true;
  }

  #realKey(key: PropertyKey): PropertyKey | undefined {
    return typeof key === 'symbol' && this.#side.sync ? realKey(this.target, key) : key;
  }

  #pass(value: unknown): unknown {
    return isObject(value) ? this.#side.pass(value, this.#what) : value;
  }

  // Nobody waits for a function, so it needs no name.
  #showFunction(key: PropertyKey, value: object): unknown {
    const shown = this.#side.show(value, '');
    return key === Symbol.dispose && this.#side.sync ? plainly(shown as Callable) : shown;
  }

  // The list is the trap's own, made for this call.
  #passAll(args: unknown[]): unknown[] {
    for (let i = 0; i < args.length; i++) {
      const value = args[i];
      if (isObject(value)) args[i] = this.#side.pass(value, this.#what);
    }
    return args;
  }

  #describe(shadow: object, key: PropertyKey, found: PropertyDescriptor): PropertyDescriptor {
    const { configurable, enumerable, writable, value } = found;
    if (!('value' in found)) {
      const shown = { ...found };
      if (found.get !== undefined) shown.get = this.#side.show(found.get, '') as () => unknown;
      if (found.set !== undefined) shown.set = this.#side.show(found.set, '') as (value: unknown) => void;
      return shown;
    }
    if (!isObject(value)) return found;
    if (this.#fixed?.has(key)) return { ...found, value: this.#fixed.get(key) };
    if (typeof value === 'function') return { ...found, value: this.#showFunction(key, value) };
    if (this.#side.isStable(value, !configurable && !writable)) {
      return { ...found, value: this.#side.show(value, '') };
    }
    // A getter here could not become a value later, and this property's value may still change.
    if (!configurable && writable) return found;
    const set = writable ? this.#accessor(shadow, key).set : undefined;
    return {
      configurable: configurable === true,
      enumerable: enumerable === true,
      get: this.#accessor(shadow, key).get,
      set,
    } as PropertyDescriptor;
  }

  // The same functions each time, for an unchangeable property must be described by them for ever.
  #accessor(shadow: object, key: PropertyKey): PropertyDescriptor {
    this.#accessors ??= new Map();
    let accessor = this.#accessors.get(key);
    if (accessor === undefined) {
      accessor = {
        get: () => this.get(shadow, key),
        set: (value: unknown) => {
          this.set(shadow, key, value, this.proxy);
        },
      };
      this.#accessors.set(key, accessor);
    }
    return accessor;
  }

  /** Drops from a locked shadow what the target has no more. */
  #forget(shadow: object, key: PropertyKey): void {
    if (!Reflect.isExtensible(shadow)) Reflect.deleteProperty(shadow, key);
  }

  // From now on the shadow has what the target has and nothing else, so it is what util.inspect shows.
  #lock(shadow: object): void {
    Reflect.setPrototypeOf(shadow, Reflect.getPrototypeOf(this.target));
    for (const key of this.ownKeys(shadow)) {
      const described = this.getOwnPropertyDescriptor(shadow, key);
      if (described !== undefined) Reflect.defineProperty(shadow, key, described);
    }
    Reflect.preventExtensions(shadow);
  }
}

/** What the Proxy stands on. Nothing of it is ever seen but by util.inspect, which looks through a Proxy. */
function shadowOf(target: object, side: Side): object {
  // A bound class can be called and constructed and, unlike any other, has no prototype that cannot be taken away.
  const bare = typeof target === 'function' ? Object.bind(undefined) : Array.isArray(target) ? [] : {};
  const shadow = bare as unknown as Members;
  shadow[inspect.custom] = function (this: object) {
    return side.targetOf(this);
  };
  return shadow;
}
