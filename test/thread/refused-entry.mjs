import { runInThread } from 'isthmus';

export const fn = () => 1;
console.log('runs');
try {
  runInThread({ module: import.meta.url, name: 'fn' });
} catch (error) {
  console.log(error.code);
}
