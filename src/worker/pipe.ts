// The ends of a worker process's pipes: reading as its loop turns, writing at once.
import { Socket } from 'node:net';
import { fs } from '../fs.js';

/** ms between two tries to write into a pipe that is full. */
const FULL = 1;

declare const Bun: { file(fd: number): { stream(): AsyncIterable<Uint8Array> } };

const never = new Int32Array(new SharedArrayBuffer(4));

/** Writes all of it, however long that takes; throws where nobody reads any more. */
export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += fs.writeSync(fd, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(never, 0, 0, FULL);
    }
  }
}

/**
 * Reads what comes, without keeping this thread alive; `onEnd` when nobody writes any more. Gives what writes to the other
 * end, in its own time: Deno lets nothing else do so.
 */
export function open(
  fd: number,
  onData: (chunk: Buffer) => void,
  onEnd: () => void,
): (bytes: Uint8Array) => void {
  if (process.versions['bun'] === undefined) {
    const socket = new Socket({ fd, readable: true, writable: true });
    socket
      .on('data', onData)
      .on('error', () => {})
      .on('close', onEnd)
      .unref();
    return (bytes) => void socket.write(bytes);
  }
  // Bun's sockets do not read a descriptor, and what `node:fs` reads of one blocks the threads that modules are loaded by.
  const { file } = Bun;
  const read = async (): Promise<void> => {
    for await (const chunk of file(fd).stream()) onData(Buffer.from(chunk));
  };
  read().then(onEnd, onEnd);
  return (bytes) => writeAll(fd, bytes);
}
