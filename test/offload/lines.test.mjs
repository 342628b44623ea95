// The room's tests that need no process of their own, on every other Node line.
import { onOtherLines } from '../hosts/on-lines.mjs';

onOtherLines(import.meta.url, [
  'to-thread',
  'cancel',
  'limiter',
  'pool',
  'from-thread',
  'trace',
  'process',
  'hand-back',
  'nested',
  'each',
  'messages',
  'through',
  'disconnect',
  'typescript',
  'globals',
]);
