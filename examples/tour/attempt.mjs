/** What a call that may throw comes to: the code of its error, and how long it took (ms). */
export function attempt(call) {
  const began = performance.now();
  try {
    call();
    return { code: 'nothing', ms: performance.now() - began };
  } catch (error) {
    return { code: error.code, ms: performance.now() - began };
  }
}
