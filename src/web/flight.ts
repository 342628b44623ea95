// A request on its way through a worker, until its response is sent. It ends early when its client has gone, when it was answered
// otherwise (a timeout of the framework's), or when the server closes and waits no longer.
//
// Node tells of a client that has gone by the response's 'close'; but not for a response that waits for its turn on a
// connection, because requests were pipelined: so the socket is watched too, by one listener for all of its requests.
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const sockets = new WeakMap<Socket, Set<Flight>>();

function watched(socket: Socket): Set<Flight> {
  const known = sockets.get(socket);
  if (known !== undefined) return known;
  const flights = new Set<Flight>();
  sockets.set(socket, flights);
  socket.once('close', () => {
    for (const flight of [...flights]) flight.closed();
  });
  return flights;
}

export class Flight {
  readonly #controller = new AbortController();
  readonly #all: Set<Flight>;
  readonly #response: ServerResponse | undefined;
  readonly #ofSocket: Set<Flight> | undefined;
  readonly #other: AbortSignal | undefined;
  readonly #onClose = (): void => this.closed();
  #isOver = false;
  /** Nobody is there any more who could be answered. */
  isGone = false;

  /** Is watched by the response where there is one of Node's, and else by a signal of the request's. */
  constructor(all: Set<Flight>, response: ServerResponse | undefined, other?: AbortSignal) {
    this.#all = all;
    this.#response = response;
    this.#other = other;
    all.add(this);
    response?.once('close', this.#onClose);
    other?.addEventListener('abort', this.#onClose, { once: true });
    // A stream of HTTP/2 is not its connection.
    const socket = response?.req?.httpVersionMajor === 1 ? response.req.socket : undefined;
    if (typeof socket?.once === 'function') {
      this.#ofSocket = watched(socket);
      this.#ofSocket.add(this);
    }
    if (response?.destroyed === true || socket?.destroyed === true || other?.aborted === true) this.closed();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The response is closed: it was sent, or nobody is there to get it. */
  closed(): void {
    this.#forget();
    if (!this.#isOver) this.leave();
  }

  leave(): void {
    this.isGone = true;
    this.end();
    this.abort(new DOMException('The request is over: its client has gone, or was answered.', 'AbortError'));
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** The work is done. What it gave may yet have to be sent: that takes as long as the client takes to read it. */
  end(): void {
    this.#isOver = true;
    if (this.#response === undefined) this.#forget();
  }

  /** Sends nothing more. */
  cut(): void {
    this.#response?.destroy();
  }

  #forget(): void {
    this.#response?.removeListener('close', this.#onClose);
    this.#other?.removeEventListener('abort', this.#onClose);
    this.#ofSocket?.delete(this);
    this.#all.delete(this);
  }
}
