// Places that exist once in a life: here every cell is tried one after another in the same frame.
// `entry` names the file that is the main script; `enter` says where in it the cells stand.

export const cjsMain = {
  title: 'main script, CommonJS',
  entry: 'entry.cjs',
  enter: (all) => all(),
};

export const esmMain = {
  title: 'main script, ES module',
  enter: (all) => all(),
};

export const esmAfterAwait = {
  title: 'main script, after a top-level await',
  entry: 'entry-await.mjs',
  enter: (all) => all(),
};

export const mainMicrotask = {
  title: 'microtask of the main script',
  entry: 'entry.cjs',
  enter: (all) => Promise.resolve().then(all),
};

export const mainTick = {
  title: 'nextTick of the main script',
  entry: 'entry.cjs',
  enter: (all) => process.nextTick(all),
};

export const beforeExit = {
  title: "process.on('beforeExit')",
  enter: (all) => process.once('beforeExit', all),
};

export const exit = {
  title: "process.on('exit')",
  enter: (all) => process.once('exit', all),
};
