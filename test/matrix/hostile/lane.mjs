// One connection of the load: reads the answers of its requests in order, and checks each that comes whole.
const HEAD_END = '\r\n\r\n';

export class Lane {
  socket;
  mayRefuse = false;
  onAnswer = () => {};
  /** Takes what comes in place of the lane: for answers whose length nobody says. */
  onPiece;
  #counts;
  #expected = [];
  #text = '';
  #answered = 0;
  #ids;

  constructor(socket, counts, ids) {
    this.socket = socket;
    this.#counts = counts;
    this.#ids = ids;
    socket.on('data', (piece) => {
      const text = piece.toString('latin1');
      if (this.onPiece) this.onPiece(text);
      else this.#read(text);
    });
    socket.on('error', () => {});
  }

  expectGet() {
    const id = this.#ids();
    this.#expected.push({ id, bodies: [`timer ${id}`, `file ${id}`, `fetch ${id}`] });
    return id;
  }

  expectPost(length) {
    const id = this.#ids();
    this.#expected.push({ id, post: true, bodies: [`body ${id} ${length}`] });
    return id;
  }

  /** `isRight(status, body, head)` judges the answer, if it comes. */
  expect(isRight) {
    const id = this.#ids();
    this.#expected.push({ id, isRight });
    return id;
  }

  newId() {
    return this.#ids();
  }

  get unanswered() {
    return this.#expected.length;
  }

  #read(piece) {
    this.#text += piece;
    for (;;) {
      const end = this.#text.indexOf(HEAD_END);
      if (end < 0) return;
      const head = this.#text.slice(0, end);
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      const start = end + HEAD_END.length;
      if (this.#text.length < start + length) return;
      const body = this.#text.slice(start, start + length);
      this.#text = this.#text.slice(start + length);
      this.#judge(Number(head.slice(9, 12)), body, head);
      this.onAnswer(++this.#answered);
    }
  }

  // Whether a handler may be refused at all is the load's own question (see checks.mjs); here it must be its own refusal,
  // and only a request with a body can stand inside Node's parser after a mere await.
  #refusals({ id, post }) {
    const deep = `ERR_ISTHMUS_TOO_DEEP ${id}`;
    return post ? [deep, `ERR_ISTHMUS_CANNOT_RUN ${id}`] : [deep];
  }

  count(status) {
    this.#counts.statuses[status] = (this.#counts.statuses[status] ?? 0) + 1;
  }

  wrong(what) {
    if (this.#counts.wrong.length < 20) this.#counts.wrong.push(what);
    this.#counts.wrongs++;
  }

  #judge(status, body, head) {
    this.count(status);
    if (status >= 400 && status < 500 && this.mayRefuse) return;
    const expected = this.#expected.shift();
    this.#counts.answers++;
    if (expected && this.#isRight(expected, status, body, head)) return;
    this.wrong({ status, body, expected });
  }

  #isRight(expected, status, body, head) {
    if (expected.isRight) return expected.isRight(status, body, head);
    if (status === 200) return expected.bodies.includes(body);
    return status === 503 && this.#refusals(expected).includes(body);
  }
}
