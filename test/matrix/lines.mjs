// The Node lines to try, each { path, version, major }.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MAJORS = [20, 22, 24, 26];

export function nodeAt(path) {
  const { stdout, status } = spawnSync(path, ['-p', 'process.version'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`not a working Node: ${path}`);
  const version = stdout.trim();
  return { path, version, major: Number(version.slice(1).split('.')[0]) };
}

export const running = () => nodeAt(process.execPath);

/** From test/lines (npm aliases), else from ISTHMUS_NODE_LINES="path:path", else the running Node alone. */
export function allLines() {
  const installed = MAJORS.map((major) =>
    fileURLToPath(new URL(`../lines/node_modules/node${major}/bin/node`, import.meta.url)),
  ).filter(existsSync);
  if (installed.length > 0) return installed.map(nodeAt);
  const named = (process.env.ISTHMUS_NODE_LINES ?? '').split(':').filter(Boolean);
  return named.length > 0 ? named.map(nodeAt) : [running()];
}
