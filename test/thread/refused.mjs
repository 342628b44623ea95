export function throwWithFunction(message) {
  const error = new SyntaxError(message);
  error.cause = Object.assign(new Error('below'), { clone: () => {} });
  throw error;
}
