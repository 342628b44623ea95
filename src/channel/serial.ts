// A value as bytes for another process: V8's own form, as for structured clone. What only threads can be sent (shared memory,
// ports, keys, WebAssembly modules) is refused by an error.
import { builtin } from '../builtin.js';

/** Loaded only where there are processes. */
let loaded: typeof import('node:v8') | undefined;

function v8(): typeof import('node:v8') {
  loaded ??= builtin('node:v8') as typeof import('node:v8');
  return loaded;
}

/** Bun has no Serializer; what it calls `serialize` is its own structured clone. */
const isBun = process.versions['bun'] !== undefined;

export function serialize(value: unknown): Buffer {
  if (isBun) return v8().serialize(value);
  // Not v8.serialize(): on the other side its views would be of one large buffer, and show what stands beside them.
  const serializer = new (v8().Serializer)();
  serializer.writeHeader();
  serializer.writeValue(value);
  return serializer.releaseBuffer();
}

export function deserialize(bytes: Buffer): unknown {
  if (isBun) return v8().deserialize(bytes);
  const deserializer = new (v8().Deserializer)(bytes);
  deserializer.readHeader();
  return deserializer.readValue();
}
