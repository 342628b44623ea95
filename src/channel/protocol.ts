// What the two sides say to each other: a union without behaviour. A message is an array, because a short array of
// plain values is what the codec writes fastest.

/** Where a function is: its module and its name there, or whatever src/task made of it. */
export type Target = unknown;

export const Kind = { call: 1, reply: 2, result: 3, callback: 4, dying: 5, abort: 6, look: 7 } as const;

/** Caller to service: run the function. Its target is sent the first time only, and numbered. */
export type Call = readonly [
  kind: 1,
  id: number,
  number: number,
  target: Target | undefined,
  ...args: unknown[],
];
// What became of something is tagged, because anything can be thrown, `undefined` too.

/** Caller to service: what became of a callback. */
export type Reply = readonly [kind: 2, id: number, ok: boolean, value: unknown];
/** Service to caller: what became of a call. */
export type Result = readonly [kind: 3, id: number, ok: boolean, value: unknown];
/** Service to caller: call back a function of the arguments. */
export type Callback = readonly [kind: 4, id: number, fn: number, ...args: unknown[]];
/** Service to caller: an error that nobody caught is ending this thread. */
export type Dying = readonly [kind: 5, id: number, ok: false, error: unknown];
/** Caller to service, through the port: the call was given up. */
export type Abort = readonly [kind: 6, id: number];
/** Caller to service, through the port: look into the box. */
export type Look = readonly [kind: 7];

export type Message = Call | Reply | Result | Callback | Dying | Abort | Look;
