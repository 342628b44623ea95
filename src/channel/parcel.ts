// Values that go through a port beside a message's own words.
import type { Outgoing, Packed } from './marks.js';
import { pack, packedOf } from './pack.js';
import { refusalOf } from './uncloneable.js';

/** Packs a value for `send` to post. What cannot be cloned is refused by its path, which begins with `name`. */
export function sendPacked(
  value: unknown,
  name: string,
  outgoing: Outgoing | undefined,
  send: (packed: Packed, moved: readonly unknown[]) => void,
): void {
  try {
    const ready = pack(value, outgoing);
    send(packedOf(ready), ready.moved);
  } catch (error) {
    throw refusalOf(value, name, outgoing, error) ?? error;
  }
}
