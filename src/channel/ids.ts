// Numbers of calls and tasks. They are kept in shared words of 32 bits with a sign, and there is no 0: a service of many years, or of
// a few hours in a flood, begins anew.
const MOST = 2 ** 31 - 1;

/** The number after this one. */
export function nextId(id: number): number {
  return id >= MOST ? 1 : id + 1;
}
