// A module whose face the tests make.
export const answer = 42;
export const ready = new Promise((resolve) => setTimeout(resolve, 1, 'ready'));
export let count = 0;
export async function add(n) {
  await null;
  count += n;
  return count;
}
export class Counter {
  #n = 0;
  async next() {
    return ++this.#n;
  }
}
export default async function main() {
  return 'main';
}
