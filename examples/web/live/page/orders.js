// What the page asks of the server, in the order in which it was pressed.

/** ms after which an answer is given up: it is there at once, or never. */
const PATIENCE = 10_000;

function requestOf(asked) {
  if (asked === undefined) return ['DELETE', '/load'];
  return ['PUT', asked.way === undefined ? '/tour' : '/load'];
}

async function send(asked) {
  const [method, path] = requestOf(asked);
  const response = await fetch(path, {
    method,
    headers: asked && { 'content-type': 'application/json' },
    body: asked && JSON.stringify(asked),
    signal: AbortSignal.timeout(PATIENCE),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message);
  return answer.order;
}

/** One request at a time, and of those that wait the last alone is sent: it always wins. */
export class Orders {
  /** What was pressed here and is not yet in what the server says. */
  #mine;
  #isSending = false;
  #said;
  /** Why the last one came to nothing. */
  refusal;

  /**
   * What is wanted by now: what was pressed here last, or else what the server was asked last, also by another page.
   * `{ way, job, clients }`; without a way: all, one after another; undefined: no load.
   */
  get asked() {
    return this.#mine ? this.#mine.asked : this.#said;
  }

  async ask(asked) {
    this.#mine = { asked };
    this.refusal = undefined;
    if (this.#isSending) return;
    this.#isSending = true;
    let sent;
    while (sent !== this.#mine) {
      sent = this.#mine;
      try {
        sent.order = await send(sent.asked);
      } catch (error) {
        if (sent !== this.#mine) continue;
        this.refusal = error.message;
        sent = this.#mine = undefined;
      }
    }
    this.#isSending = false;
  }

  /** What the server says: the number of the last order that it has, and what that was. */
  hear({ order, asked }) {
    this.#said = asked;
    if (this.#mine?.order <= order) this.#mine = undefined;
  }

  /** Another server counts anew. */
  forget() {
    this.#said = undefined;
    if (!this.#isSending) this.#mine = undefined;
  }
}
