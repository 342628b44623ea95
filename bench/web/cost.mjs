/** What the CPU work costs by itself, without a server: prints the nanoseconds of a call. */
import { median } from '../run/stats.mjs';
import { cpu } from './work.mjs';

const SAMPLES = 41;

const samples = Array.from({ length: SAMPLES }, () => {
  const began = process.hrtime.bigint();
  cpu('cost');
  return Number(process.hrtime.bigint() - began);
});
console.log(median(samples));
