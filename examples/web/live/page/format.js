// How numbers are written, on the page and as text.

/** A duration in ms, with about two digits. */
export function duration(ms) {
  if (ms === undefined || ms === null) return '–';
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  return ms < 999.5 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

export const perSecond = (rate) => (rate < 9.95 ? rate.toFixed(1) : rate.toFixed(0));

export const counted = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/** Where calls were done, in a few words: 'thread 3' and 'thread 4' are 2 threads. */
export function places(all) {
  if (all.length === 0) return '–';
  const count = (word) =>
    new Set(all.flatMap((place) => new RegExp(`${word} \\d+`).exec(place)?.[0] ?? [])).size;
  const parts = [
    all.some((place) => place.includes('event loop')) && 'the event loop',
    all.some((place) => place.includes('re-entered')) && 'the loop, re-entered',
    count('thread') > 0 && counted(count('thread'), 'thread'),
    count('process') > 0 && counted(count('process'), 'process', 'processes'),
  ];
  return parts.filter(Boolean).join(' and ');
}
