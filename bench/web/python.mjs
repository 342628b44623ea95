/** The Python that has FastAPI, if there is one. */
import { spawnSync } from 'node:child_process';

const packages = ['fastapi', 'uvicorn', 'uvloop', 'httptools'];
/** Debian's own first: its packages are for that one. */
const candidates = ['/usr/bin/python3', 'python3'];
const script = `
import json, sys
from importlib.metadata import version
import ${packages.join(', ')}
print(json.dumps({"Python": sys.version.split()[0], **{name: version(name) for name in ${JSON.stringify(packages)}}}))`;

/** `{ path, versions }`, or `{ skip }` that says why there is none. */
export function findPython() {
  const why = [];
  for (const path of candidates) {
    const { status, stdout, stderr, error } = spawnSync(path, ['-c', script], { encoding: 'utf8' });
    if (status === 0) return { path, versions: JSON.parse(stdout) };
    why.push(`${path}: ${error?.message ?? stderr.trimEnd().split('\n').at(-1)}`);
  }
  const names = packages.map((name) => `python3-${name}`).join(' ');
  return { skip: `${why.join('; ')}. On Debian: apt-get install ${names}` };
}
