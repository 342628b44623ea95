/** What isthmus is to reach on the web, and whether it does. */
import { ours } from '../run/libraries.mjs';
import { outcome } from '../run/race.mjs';
import { median } from '../run/stats.mjs';
import { bare, bareRequest, everyone, GOAL_CLIENTS, python, rivals, running } from './cases.mjs';

/** The same rounds, looked at for the endpoint that was hammered, before anybody asked for /ping. */
export const ownOf = ({ rounds, skipped }) =>
  outcome(rounds, skipped, {
    libraries: everyone.filter((one) => one in rounds),
    rivals,
    figure: itself,
  });

/** The middle of a figure of all rounds; undefined for who was not measured. */
export function middle({ ns, rounds }, contestant, figure) {
  return contestant in ns ? median(rounds[contestant].map(figure)) : undefined;
}

/** Of an answer: what the endpoint itself took, and what /ping took meanwhile. */
export const itself = ({ own }) => own;
export const pinged = ({ ping }) => ping;

/** How many times as fast as another one: by round, for the two of a round are side by side in time; then the middle one. */
export function speed({ ns, rounds }, other, figure) {
  if (!(ours in ns) || !(other in ns)) return undefined;
  return median(rounds[ours].map((answer, round) => figure(rounds[other][round]) / figure(answer)));
}

/** What went wrong in all rounds of all servers that call run(): `{ answered, wrong }`. */
export function faults({ rounds, skipped }) {
  const all = Object.values(rounds).flat();
  const sum = (figure) => all.reduce((total, answer) => total + figure(answer), 0);
  return {
    answered: sum(({ answered }) => answered),
    wrong: sum(({ failed, mismatched }) => failed + mismatched) + Object.keys(skipped).length,
  };
}

function atLeast(title, value, goal) {
  return {
    title: `${title}: at least ${goal}x`,
    measured: value === undefined ? undefined : `${value.toFixed(2)}x`,
    met: value >= goal,
  };
}

function cpuGoals(cpu) {
  const p99 = middle(cpu, ours, (answer) => answer.p99);
  const when = `while ${GOAL_CLIENTS} clients hammer CPU work`;
  return [
    atLeast(`/ping ${when}, of FastAPI's with processes`, speed(cpu, python.processes, pinged), 3),
    {
      title: `/ping in an open loop ${when}: p99 below 10 ms`,
      measured: p99 === undefined ? undefined : `${p99.toFixed(1)} ms`,
      met: p99 < 10,
    },
    atLeast(`the CPU work itself, of FastAPI's with processes`, speed(cpu, python.processes, itself), 1.3),
  ];
}

function addGoal(add) {
  const times = Math.max(...bare.map((pair) => 1 / speed(add, pair, itself)));
  const ofRequest = 1 / speed(add, bareRequest, itself);
  return {
    title: 'an addition, in times of the same route with bare postMessage: at most 1.3x',
    measured: Number.isNaN(times)
      ? undefined
      : `${times.toFixed(2)}x${Number.isNaN(ofRequest) ? '' : `; where the request itself is posted, and not one number of it: ${ofRequest.toFixed(2)}x`}`,
    met: times <= 1.3,
  };
}

function runGoal(run) {
  const { answered, wrong } = faults(run);
  return {
    title: `run() in handlers of ${running.length} servers at 256 connections: no error`,
    measured: `${wrong} of ${answered.toLocaleString('en')}`,
    met: wrong === 0 && answered > 0,
  };
}

/** `[{ title, measured, met }]` of what was measured. */
export function goals(races) {
  const list = [];
  const cpu = races[`cpu-${GOAL_CLIENTS}`];
  const add = races[`add-${GOAL_CLIENTS}`];
  if (cpu) list.push(...cpuGoals(cpu));
  if (add) list.push(addGoal(add));
  if (races.run) list.push(runGoal(races.run));
  return list;
}
