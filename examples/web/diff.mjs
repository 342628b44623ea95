/** Every place where two JSON documents differ: `{ path, before, after }`. */
export function differences(before, after, path = '') {
  if (Object.is(before, after)) return [];
  const areBoth = [before, after].every((value) => typeof value === 'object' && value !== null);
  if (!areBoth || Array.isArray(before) !== Array.isArray(after)) return [{ path, before, after }];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => differences(before[key], after[key], `${path}/${key}`));
}
