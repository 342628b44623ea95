// What the two sides say to each other: a union without behaviour. A message is an array, because a short array of
// plain values is what the codec writes fastest.
//
// A scope is how long the functions, signals and sources of a call's arguments can be reached: as long as the caller
// sleeps in a call of that scope. It is the number of the call that it began with; 0 is for listeners, which can be
// reached as long as the thread lives.

/** Where a function is: its module and its name there, or whatever src/task made of it. */
export type Target = unknown;

export const Kind = {
  call: 1,
  reply: 2,
  result: 3,
  callback: 4,
  dying: 5,
  abort: 6,
  look: 7,
  step: 8,
  stepped: 9,
  release: 10,
  event: 11,
  forget: 12,
  stray: 13,
} as const;

/** Caller to service: run the function. Its target is sent the first time only, and numbered. */
export type Call = readonly [
  kind: 1,
  id: number,
  number: number,
  target: Target | undefined,
  context: unknown,
  ...args: unknown[],
];
// What became of something is tagged, because anything can be thrown, `undefined` too.

/** Signals of the arguments that were aborted meanwhile: only what runs on the caller can abort them. */
export type Aborted = readonly [scope: number, ...signals: (readonly [signal: number, reason: unknown])[]];

/** Caller to service: what became of a callback. */
export type Reply = readonly [kind: 2, callback: number, ok: boolean, value: unknown, aborted?: Aborted];
/** Service to caller: what became of a call, and stores that come back. */
export type Result = readonly [kind: 3, id: number, ok: boolean, value: unknown, back?: unknown];
/** Service to caller: call back a function of the arguments. */
export type Callback = readonly [kind: 4, id: number, callback: number, fn: number, ...args: unknown[]];
/** Service to caller: an error that nobody caught is ending this thread. */
export type Dying = readonly [kind: 5, id: number, ok: false, error: unknown];
/** Caller to service, through the port: the call was given up. */
export type Abort = readonly [kind: 6, id: number];
/** Caller to service, through the port: look into the box. */
export type Look = readonly [kind: 7];
/** Service to caller: take a step of a source of the arguments. Other than a callback, it is not waited for here. */
export type Step = readonly [
  kind: 8,
  id: number,
  step: number,
  source: number,
  method: 'next' | 'return' | 'throw',
  ...args: unknown[],
];
/** Caller to service: what became of a step; as a value `[done, value]`. */
export type Stepped = readonly [kind: 9, step: number, ok: boolean, value: unknown, aborted?: Aborted];
/** Caller to service, through the port: an object has been received so often, and is held no more; so with its scope. */
export type Release = readonly [kind: 10, object: number, times: number, scope: number];
/** Service to caller, through the port: a listener is called while its caller does not sleep. */
export type Event = readonly [kind: 11, fn: number, args: unknown];
/** Service to caller, through the port: a listener has been received so often, and is held no more. */
export type Forget = readonly [kind: 12, fn: number, times: number];

/** Service to caller, through the port: what a listener has thrown whose emitter is no work of a call. */
export type Stray = readonly [kind: 13, errors: unknown];

export type Message =
  | Call
  | Reply
  | Result
  | Callback
  | Dying
  | Abort
  | Look
  | Step
  | Stepped
  | Release
  | Event
  | Forget
  | Stray;
