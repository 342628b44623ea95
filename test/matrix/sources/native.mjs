// Callbacks of a small addon that is compiled for the matrix (see ../addon.mjs).
import { createRequire } from 'node:module';

const load = () => createRequire(import.meta.url)(process.env.ISTHMUS_MATRIX_ADDON);
const unless = ({ env }) => env.ISTHMUS_MATRIX_NO_ADDON ?? null;

export const addonWork = {
  title: "addon: async work's completion",
  unless,
  setup: load,
  fire: (_, call, { shared }) => shared.work(() => call()),
};

export const addonThreadsafe = {
  title: 'addon: thread-safe function',
  unless,
  setup: load,
  fire: (_, call, { shared }) => shared.threadsafe(() => call()),
};

export const addonSync = {
  title: 'addon: called straight from native code',
  unless,
  setup: load,
  fire: (_, call, { shared }) => setTimeout(() => shared.sync(() => call()), 1),
};
