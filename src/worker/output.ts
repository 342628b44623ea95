// What the service thread prints. Node hands a worker's output to the parent thread, which is asleep; so it is written
// to the process's own descriptors at once, and nothing is left in a buffer when the process ends.
import { fs } from '../fs.js';

type Done = (error?: Error | null) => void;
interface Chunk {
  readonly chunk: Uint8Array | string;
  readonly encoding: BufferEncoding;
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += fs.writeSync(fd, bytes, at);
    } catch (error) {
      // A pipe whose reader is slow: there is nothing to do but to try again.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}

/** Lets `stream` write to `fd` at once. */
export function writeThrough(stream: NodeJS.WriteStream, fd: number): void {
  const write = (chunk: Uint8Array | string, encoding: BufferEncoding): void => {
    writeAll(fd, typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
  };
  const attempt = (work: () => void, done: Done): void => {
    try {
      work();
    } catch (error) {
      done(error as Error);
      return;
    }
    done();
  };
  Object.assign(stream, {
    _write: (chunk: Uint8Array | string, encoding: BufferEncoding, done: Done) =>
      attempt(() => write(chunk, encoding), done),
    _writev: (chunks: Chunk[], done: Done) =>
      attempt(() => {
        for (const { chunk, encoding } of chunks) write(chunk, encoding);
      }, done),
  });
}
