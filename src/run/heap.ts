// Finds objects that nothing reachable leads to, by asking the inspector of this very thread. Takes some 20 ms, so it
// is for what happens once in a thread's life.
import { createRequire } from 'node:module';

interface Reply {
  result?: { objectId?: string };
  objects?: { objectId?: string };
}

/** All live objects whose prototype is `prototype`; none where the inspector is not to be had. */
export function instancesOf(prototype: object): unknown[] {
  const key = `isthmus:${Math.random()}`;
  const slot = Symbol.for(key);
  let found: unknown[] = [];
  const require = createRequire(import.meta.url);
  try {
    const { Session } = require('node:inspector') as typeof import('node:inspector');
    const session = new Session();
    session.connect();
    Reflect.set(globalThis, slot, { prototype, take: (objects: unknown[]) => (found = [...objects]) });
    try {
      const post = (method: string, params: object): Reply => {
        let reply: Reply = {};
        session.post(method, params, (_error: Error | null, result?: object) => {
          reply = result ?? {};
        });
        return reply;
      };
      const expression = `globalThis[Symbol.for(${JSON.stringify(key)})].prototype`;
      const prototypeObjectId = post('Runtime.evaluate', { expression }).result?.objectId;
      const objectId = post('Runtime.queryObjects', { prototypeObjectId }).objects?.objectId;
      const functionDeclaration = `function () { globalThis[Symbol.for(${JSON.stringify(key)})].take(this); }`;
      post('Runtime.callFunctionOn', { objectId, functionDeclaration });
    } finally {
      session.disconnect();
      Reflect.deleteProperty(globalThis, slot);
    }
  } catch {
    // Built without an inspector, or it refuses: then nothing is found.
  }
  return found;
}
