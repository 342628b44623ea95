// A request on its way through a worker, until its response is sent. It ends early when its client has gone, when it was answered
// otherwise (a timeout of the framework's), or when the server closes and waits no longer.
//
// Node tells of a client that has gone by the response's 'close'; but not for a response that waits for its turn on a
// connection, because requests were pipelined: for such a one the socket is watched, by one listener for all of them.
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Caller, Taker, Task } from '../prepare.js';
import { type Link, Ring } from '../ring.js';
import { REQUEST_ID } from './request.js';

const sockets = new WeakMap<Socket, Ring<Flight>>();

function watched(socket: Socket): Ring<Flight> {
  const known = sockets.get(socket);
  if (known !== undefined) return known;
  const flights = new Ring<Flight>();
  sockets.set(socket, flights);
  socket.once('close', () => {
    for (const flight of flights.all()) flight.closed();
  });
  return flights;
}

/** The last flight of a response. */
const flightOf = Symbol('flight');
type Flown = ServerResponse & { [flightOf]?: Flight };

/** One for all responses: a listener of each flight's own takes longer to make than all the rest of it. */
function onClose(this: Flown): void {
  for (let flight = this[flightOf]; flight !== undefined; flight = flight.before) flight.closed();
}

interface Http2Response {
  readonly stream?: { readonly destroyed: boolean };
}

export class Flight implements Caller {
  #controller: AbortController | undefined;
  #reason: unknown;
  #isAborted = false;
  /** What runs for it, and who can give it up. */
  #task: Task | undefined;
  #taker: Taker | undefined;
  readonly #link: Link<Flight>;
  readonly #response: ServerResponse | undefined;
  readonly #linkOfSocket: Link<Flight> | undefined;
  readonly #other: AbortSignal | undefined;
  #onAbort: (() => void) | undefined;
  #isOver = false;
  /** Another one of the same response: a handler may have left it to the next one. */
  readonly before: Flight | undefined;
  readonly id: string;
  readonly stores: Caller['stores'];
  transfer: Caller['transfer'];
  /** Nobody is there any more who could be answered. */
  isGone = false;

  /** `id` is the request's. It is watched by the response where there is one of Node's, and else by a signal of the request's. */
  constructor(all: Ring<Flight>, id: string, response: ServerResponse | undefined, other?: AbortSignal) {
    this.id = id;
    this.stores = { [REQUEST_ID]: id };
    this.#link = all.add(this);
    this.#response = response;
    this.#other = other;
    if (response !== undefined) {
      this.before = (response as Flown)[flightOf];
      (response as Flown)[flightOf] = this;
      if (this.before === undefined) response.on('close', onClose);
    }
    if (other !== undefined) {
      this.#onAbort = () => this.closed();
      other.addEventListener('abort', this.#onAbort, { once: true });
    }
    // A stream of HTTP/2 is not its connection.
    const socket = response?.req?.httpVersionMajor === 1 ? response.req.socket : undefined;
    if (socket !== undefined && response?.socket == null && typeof socket.once === 'function')
      this.#linkOfSocket = watched(socket).add(this);
    // A response of HTTP/2 does not say it of itself.
    const isClosed = response?.destroyed ?? (response as Http2Response | undefined)?.stream?.destroyed;
    if (isClosed === true || socket?.destroyed === true || other?.aborted === true) this.closed();
  }

  /** For whoever takes nothing else. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#isAborted) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Throws why it is over, if it is. */
  throwIfAborted(): void {
    if (this.#isAborted) throw this.#reason;
  }

  began(taker: Taker, task: Task): void {
    this.#taker = taker;
    this.#task = task;
  }

  /** The response is closed: it was sent, or nobody is there to get it. */
  closed(): void {
    this.#forget();
    if (!this.#isOver) this.leave();
  }

  leave(): void {
    this.isGone = true;
    this.abort(new DOMException('The request is over: its client has gone, or was answered.', 'AbortError'));
    this.end();
  }

  abort(reason: unknown): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
    if (this.#task !== undefined) this.#taker?.giveUp(this.#task, reason);
  }

  /** The work is done. What it gave may yet have to be sent: that takes as long as the client takes to read it. */
  end(): void {
    this.#isOver = true;
    // It holds on to all that was sent, and a client may take its time to read the answer.
    this.#task = undefined;
    this.transfer = undefined;
    if (this.#response === undefined) this.#forget();
  }

  /** Sends nothing more. */
  cut(): void {
    this.#response?.destroy();
  }

  #forget(): void {
    if (this.#onAbort !== undefined) this.#other?.removeEventListener('abort', this.#onAbort);
    this.#linkOfSocket?.leave();
    this.#link.leave();
  }
}
