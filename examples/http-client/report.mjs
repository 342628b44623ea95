// A report over the users of an HTTP service: once in async code, and once in sync code, which does not care by which
// face it has the client.

export async function reportAsync(client) {
  const lines = [];
  const onRetry = (path, attempt) => lines.push(`retry ${attempt} of ${path}`);
  client.on('retry', onRetry);
  for await (const user of client.users()) {
    const orders = await user.orders();
    lines.push(`${user.name}: ${orders.reduce((sum, { total }) => sum + total, 0)}`);
    if (lines.length > 8) break;
  }
  try {
    await client.user(99);
  } catch (error) {
    lines.push(`${error.name} ${error.status}: ${error.message}`);
  }
  client.off('retry', onRetry);
  return lines;
}

/** @param {import('isthmus').SyncFace<import('./client.mjs').Client>} client */
export function report(client) {
  const lines = [];
  const onRetry = (path, attempt) => lines.push(`retry ${attempt} of ${path}`);
  client.on('retry', onRetry);
  for (const user of client.users()) {
    const orders = user.orders();
    lines.push(`${user.name}: ${orders.reduce((sum, { total }) => sum + total, 0)}`);
    if (lines.length > 8) break;
  }
  try {
    client.user(99);
  } catch (error) {
    lines.push(`${error.name} ${error.status}: ${error.message}`);
  }
  client.off('retry', onRetry);
  return lines;
}
