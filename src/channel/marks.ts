// What crosses by a mark: an empty object in its place, listed beside the value with what it stands for.
import type { ErrorRecord } from './errors.js';

/** Something that stays where it is, and how the other side speaks of it. */
export type Reference =
  /** A function of the caller's; `scope` says how long it may be called (see protocol.ts). */
  | {
      readonly kind: 'function';
      readonly id: number;
      readonly scope: number;
      readonly name: string;
      readonly faces: boolean;
    }
  /** A signal of the caller's. */
  | {
      readonly kind: 'signal';
      readonly id: number;
      readonly scope: number;
      readonly aborted: boolean;
      readonly reason: unknown;
    }
  /** An async iterable of the caller's. */
  | { readonly kind: 'source'; readonly id: number; readonly scope: number }
  /** An object that lives on the other thread. */
  | { readonly kind: 'handle'; readonly id: number; readonly shape: Shape }
  /** The same, come home. */
  | { readonly kind: 'home'; readonly id: number }
  /** An exported function, which the other side finds for itself. */
  | {
      readonly kind: 'export';
      readonly address: ClassAddress;
      readonly name: string;
      readonly length: number;
    };

/** What a handle has to know of its object beforehand. */
export interface Shape {
  readonly of: 'function' | 'class' | 'object' | 'iterator';
  /** For people. */
  readonly name: string;
  /** Methods that it has from its class. */
  readonly methods: readonly string[];
  readonly iterates: boolean;
}

export type Special =
  | { readonly kind: 'error'; readonly record: ErrorRecord }
  | { readonly kind: 'buffer'; readonly bytes: Uint8Array }
  /** Large bytes that come beside the value, by their place there. */
  | { readonly kind: 'beside'; readonly at: number; readonly isBuffer: boolean }
  /** A view of bytes that come so. */
  | {
      readonly kind: 'view';
      readonly name: ViewName;
      readonly of: object;
      readonly offset: number;
      readonly length: number;
    }
  /** An instance of a registered class. */
  | { readonly kind: 'instance'; readonly name: string; readonly value: unknown }
  | { readonly kind: 'reference'; readonly reference: Reference };

/** What views are called; the length of a DataView is in bytes. */
export type ViewName = 'Uint8Array' | 'DataView';

/** A value with marks. */
export interface Packed {
  readonly value: unknown;
  readonly marks: readonly object[];
  readonly specials: readonly Special[];
}

/** Where a class is exported. */
export interface ClassAddress {
  readonly module: string;
  readonly name: string;
}

export type Class = abstract new (...args: never[]) => object;

/** What a side sends by reference. */
export interface Outgoing {
  /** Is it for another process, where nothing can be moved or shared? */
  readonly byWire?: boolean;
  /** Takes large bytes, which go beside the value as they are. */
  readonly beside?: Uint8Array[];
  /** Is it a handle? Asked before anything of it is looked at, for that would be a call. */
  isHandle?(value: object): boolean;
  /** Would this function or object be kept? Plain objects and arrays that hold nothing of the kind are not asked about. */
  wants(value: object): boolean;
  keep(value: object): Reference | undefined;
  /** Where the class of an error is exported. */
  classOf?(prototype: object): ClassAddress | undefined;
}

/** What a side makes of references that it is sent. */
export interface Incoming {
  make(reference: Reference): unknown;
  classAt?(address: ClassAddress): Class | undefined;
}
