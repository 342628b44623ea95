// A value as bytes for another process: V8's own form, as for structured clone. What only threads can be sent (shared memory,
// ports, keys, WebAssembly modules) is refused by an error.
import v8 from 'node:v8';

export function serialize(value: unknown): Buffer {
  // Not v8.serialize(): on the other side its views would be of one large buffer, and show what stands beside them.
  const serializer = new v8.Serializer();
  serializer.writeHeader();
  serializer.writeValue(value);
  return serializer.releaseBuffer();
}

export function deserialize(bytes: Buffer): unknown {
  const deserializer = new v8.Deserializer(bytes);
  deserializer.readHeader();
  return deserializer.readValue();
}
