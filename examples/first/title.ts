// A plain sync function that reads a page: neither it nor any of its callers is async.
import { run } from 'isthmus';

export function titleOf(url: string): string {
  const page = run(fetch(url).then((response) => response.text()));
  return /<title>(.*?)<\/title>/.exec(page)?.[1] ?? '';
}
