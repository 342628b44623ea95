// The clients: node clients.mjs '{"port":1,"lanes":60,"ms":7000,"seed":1}'. Each lane connects anew at once when its
// connection is over, until the time is up; with `connections`, until there were that many. With `burst`, that many polite
// requests at the same moment instead. `behaviours` is the URL of a module with more of them.
import { connect } from 'node:net';
import { sleep } from '../kit.mjs';
import { random } from '../random.mjs';
import { emit } from '../report.mjs';
import * as known from './behaviours.mjs';
import { Lane } from './lane.mjs';

const job = JSON.parse(process.argv[2]);
const counts = {
  connections: 0,
  answers: 0,
  wrongs: 0,
  wrong: [],
  statuses: {},
  behaviours: {},
  unanswered: 0,
};
const end = performance.now() + job.ms;
let left = job.connections ?? Number.POSITIVE_INFINITY;
let nextId = 0;
const ids = () => ++nextId;
const open = new Set();
const behaviours = { ...known, ...(job.behaviours && (await import(job.behaviours))) };
const names = Object.keys(behaviours).filter((name) => job.bodies !== false || !/body/i.test(name));

let allBegun;
const begun = new Promise((resolve) => {
  allBegun = resolve;
});

function live(dice) {
  if (left-- <= 0 || performance.now() > end) return allBegun();
  const socket = connect(job.port, '127.0.0.1');
  const lane = new Lane(socket, counts, ids);
  open.add(socket);
  const name = dice.pick(names);
  socket.on('connect', () => {
    counts.connections++;
    counts.behaviours[name] = (counts.behaviours[name] ?? 0) + 1;
    behaviours[name](lane, dice);
  });
  socket.on('close', () => {
    open.delete(socket);
    setImmediate(live, dice);
  });
}

function once() {
  return new Promise((resolve) => {
    const socket = connect(job.port, '127.0.0.1');
    const lane = new Lane(socket, counts, ids);
    socket.on('connect', () => socket.write(`GET /${lane.expectGet()} HTTP/1.1\r\nHost: a\r\n\r\n`));
    lane.onAnswer = () => socket.destroy();
    socket.on('close', () => {
      counts.unanswered += lane.unanswered;
      resolve();
    });
  });
}

if (job.burst) {
  await Promise.all(Array.from({ length: job.burst }, once));
} else {
  for (let i = 0; i < job.lanes; i++) live(random(job.seed + i));
  await begun;
  // The last answers may still come; what does not is cut off.
  const until = performance.now() + (job.patience ?? 5000);
  while (open.size > 0 && performance.now() < until) await sleep(10);
  counts.cutOff = open.size;
  for (const socket of open) socket.destroy();
}
emit({ counts });
