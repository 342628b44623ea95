// The same for Hono: with a standard Request.
import * as plain from './handlers.mjs';

export const timer = (_request, context) => plain.timer(context);
export async function posted(request, { params }) {
  return new Response(`body ${params.id} ${(await request.arrayBuffer()).byteLength}`);
}
export function header(request, { params }) {
  return plain.header({ params, query: Object.fromEntries(new URL(request.url).searchParams) });
}
export function* stream(_request, context) {
  yield* plain.stream(context);
}
export const fails = (_request, context) => plain.fails(context);
export const patient = (_request, context) => plain.patient(context);
export const untilTold = () => plain.untilTold();
export const deaf = () => plain.deaf();
export const exits = () => process.exit(3);
