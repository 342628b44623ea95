// A program whose listener throws: what becomes of that is the process's matter.
import { createServer, get } from 'node:http';
import { onCleanBase } from 'isthmus/http';

process.on('uncaughtException', (error) => {
  console.log('uncaught:', error.message);
  process.exit(7);
});
const listener = () => {
  throw new Error('from the listener');
};
const server = createServer(onCleanBase(listener));
server.listen(0, '127.0.0.1', () => get({ port: server.address().port, host: '127.0.0.1' }));
