// What a process owns at a moment: compared before and after a load, it shows what was not given back.
import { readdirSync } from 'node:fs';
import { sleep } from '../kit.mjs';

function descriptors() {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return null;
  }
}

export async function account() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc();
    await sleep(20);
  }
  return {
    resources: process.getActiveResourcesInfo().sort(),
    descriptors: descriptors(),
    heap: process.memoryUsage().heapUsed,
  };
}
