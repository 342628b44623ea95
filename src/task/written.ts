// What an address looks like that was written down, or made elsewhere: whether it leads anywhere is seen when it is loaded.
import type { Address } from './address.js';

export function isAddress(value: unknown): value is Address {
  const { module, name } = (value ?? {}) as Partial<Record<keyof Address, unknown>>;
  return typeof module === 'string' && typeof name === 'string';
}
