// The child's side of the protocol: one JSON line at a time, written at once so that it survives whatever comes next.
import { writeSync } from 'node:fs';

export function emit(message) {
  writeSync(1, `${JSON.stringify(message)}\n`);
}
