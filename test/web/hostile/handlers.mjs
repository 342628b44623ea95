// What the servers under load run in their workers: each answer holds the id of its request.
import { checkCancelled } from 'isthmus';
import { respond } from 'isthmus/fastify';

export const timer = ({ params }) => `timer ${params.id}`;
export const posted = ({ params, body }) => `body ${params.id} ${body?.length ?? 0}`;
export const header = ({ params, query }) =>
  respond({ headers: { 'x-name': query.name }, body: `header ${params.id}` });
export function* stream({ params }) {
  for (let n = 0; n < Number(params.lines); n++) yield `${params.id} ${n}\n`;
}
export function fails({ params }) {
  throw Object.assign(new Error(`failed ${params.id}`), { statusCode: 409 });
}
/** Long enough for a queue to fill. */
export function patient({ params }) {
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  for (let i = 0; i < 20; i++) {
    checkCancelled();
    Atomics.wait(nothing, 0, 0, 1);
  }
  return `patient ${params.id}`;
}
/** Goes on until it is told that its client has gone. */
export function untilTold() {
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    checkCancelled();
    Atomics.wait(nothing, 0, 0, 1);
  }
}
/** Does not hear it. */
export function deaf() {
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  for (;;) Atomics.wait(nothing, 0, 0, 1000);
}
export const exits = () => process.exit(3);
