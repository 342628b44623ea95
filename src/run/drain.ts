// Draining ticks and microtasks: the first half of a turn, and all that work which is nearly settled needs.
import { noRoom } from './base.js';
import type { Pump } from './pump.js';

/** Drains until both queues are empty. Throws where the stack is too short for what may run. */
export function drain(pump: Pump): void {
  const room = pump.drain();
  if (room !== 0) drainAgain(pump, room);
}

function drainAgain(pump: Pump, first: number): void {
  for (let room = first; room !== 0; room = pump.drain()) {
    const error = noRoom(pump, room);
    if (error !== undefined) throw error;
  }
}
