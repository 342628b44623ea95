// The loads that are tried: name → options of load().
export const loads = {
  turn: { gate: 'turn', work: ['timer', 'file'] },
  mixed: { gate: 'turn', work: ['timer', 'file', 'fetch'] },
  small: { gate: 'turn', work: ['timer', 'file'], batch: 8 },
  await: { gate: 'await', work: ['timer', 'file'], bodies: false },
  awaitMixed: { gate: 'await', work: ['timer', 'file', 'fetch'], bodies: false },
  awaitBodies: { gate: 'await', work: ['timer', 'file'] },
  burst: { gate: 'turn', work: ['timer'], burst: 256, timer: 20 },
};
