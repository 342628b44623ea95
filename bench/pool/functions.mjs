/** What is called on the other side, by every library: the least that a task can do. */
export const add = (a, b) => a + b;
export const echo = (value) => value;
