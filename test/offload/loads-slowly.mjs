// A module that is loaded when a file is there: it says so by making another one, and is told both by its address.
import { existsSync, writeFileSync } from 'node:fs';

const { searchParams } = new URL(import.meta.url);
writeFileSync(searchParams.get('begun'), '');
while (!existsSync(searchParams.get('go'))) await new Promise((resolve) => setTimeout(resolve, 1));

export function* forever() {
  for (let i = 0; ; i++) yield i;
}
