// The loader that the program runs under, in this thread too. Node hands its flags to every thread, but tsx
// (https://tsx.is) registers its hooks on the main thread only.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { fs } from '../fs.js';

const FLAG = /^(?:--import|--loader|--experimental-loader|--require|-r)(?:=(.*))?$/;
const TSX = /^(.*[/\\]node_modules[/\\]tsx)(?:[/\\]|$)/;

/** What flags ask Node to load before the program. */
function preloaded(): string[] {
  const flags = [...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(/\s+/)];
  return flags.flatMap((flag, i) => {
    const match = FLAG.exec(flag);
    return match ? [(match[1] ?? flags[i + 1] ?? '').replace(/^"|"$/g, '')] : [];
  });
}

/** Where tsx is; undefined where the program does not run under it. */
function findTsx(): string | undefined {
  for (const given of preloaded()) {
    const path = given.startsWith('file:') ? fileURLToPath(given) : given;
    const folder = TSX.exec(path)?.[1];
    if (folder !== undefined) return folder;
    if (!/^tsx(?:[/\\]|$)/.test(path)) continue;
    return dirname(createRequire(join(process.cwd(), 'isthmus')).resolve('tsx/package.json'));
  }
  return undefined;
}

interface Manifest {
  readonly exports: Record<string, string | { readonly import: string | { readonly default: string } }>;
}

async function register(folder: string): Promise<void> {
  const { exports } = JSON.parse(fs.readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  for (const api of ['./cjs/api', './esm/api']) {
    const found = exports[api];
    const inside = typeof found === 'object' ? found.import : found;
    const path = typeof inside === 'object' ? inside.default : inside;
    if (path === undefined) continue;
    const url = pathToFileURL(join(folder, path)).href;
    ((await import(url)) as { register: () => void }).register();
  }
}

export function hasHostLoader(): boolean {
  return findTsx() !== undefined;
}

let registering: Promise<void> | undefined;

/** Modules are loaded as the program's are from now on; false where that makes no difference. */
export async function useHostLoader(): Promise<boolean> {
  const folder = findTsx();
  if (folder === undefined) return false;
  registering ??= register(folder);
  await registering;
  return true;
}
