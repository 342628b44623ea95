import { builtin } from './builtin.js';

export const fs = builtin('node:fs') as typeof import('node:fs');
