// An async client as people write them: requests with retries, pages as an async generator, events, and an end.
import { EventEmitter } from 'node:events';

/** An answer that is no success. */
export class HttpError extends Error {
  name = 'HttpError';

  constructor(status, path) {
    super(`${path} answered ${status}`);
    this.status = status;
  }
}

export class Client extends EventEmitter {
  #base;
  #closed = false;

  constructor(base) {
    super();
    this.#base = base;
  }

  get base() {
    return this.#base;
  }

  async get(path, { retries = 2 } = {}) {
    if (this.#closed) throw new Error('the client is closed');
    for (let attempt = 0; ; attempt++) {
      const response = await fetch(new URL(path, this.#base));
      if (response.ok) return response.json();
      if (response.status < 500 || attempt === retries) throw new HttpError(response.status, path);
      this.emit('retry', path, attempt + 1);
    }
  }

  /** Every user, page by page, as they are asked for. */
  async *users() {
    for (let path = '/users?page=1'; path; ) {
      const { users, next } = await this.get(path);
      this.emit('page', path);
      for (const { id } of users) yield this.user(id);
      path = next;
    }
  }

  async user(id) {
    return new User(this, await this.get(`/users/${id}`));
  }

  async [Symbol.asyncDispose]() {
    this.#closed = true;
  }
}

/** A user knows the client that it came by. */
export class User {
  #client;
  id;
  name;

  constructor(client, { id, name }) {
    this.#client = client;
    this.id = id;
    this.name = name;
  }

  async orders() {
    return this.#client.get(`/users/${this.id}/orders`);
  }
}
