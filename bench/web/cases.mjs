/** Who is measured at what, in the order of the tables. */
import { ours } from '../run/libraries.mjs';

export const python = { threads: 'FastAPI, threads', processes: 'FastAPI, processes' };
export const bare = ['bare, 1 worker', 'bare, 2 workers'];
/** The same of one worker, but for what is posted: all that the handler is given. */
export const bareRequest = 'bare, the request';
const peers = ['piscina', python.threads, python.processes];
const ourProcesses = 'isthmus, processes';

/** Everyone, in the order of the plot; the last one is a landmark. */
export const everyone = [ours, ourProcesses, ...peers, ...bare, bareRequest, 'naive'];
export const rivals = peers;

/** The servers that call `run` in their handlers: by Fastify's plugin, and by node:http with onCleanBase. */
export const running = [ours, 'isthmus, node:http'];
export const RUN_CLIENTS = 256;

export const clientCounts = [1, 4, 16, 64];
/** The goals are for this many. */
export const GOAL_CLIENTS = 16;

export const endpoints = [
  {
    name: 'cpu',
    title: 'CPU work',
    path: '/cpu/',
    contestants: everyone.filter((one) => !one.startsWith('bare')),
  },
  {
    name: 'sleep',
    title: 'a sleep',
    path: '/sleep/',
    contestants: [ours, 'piscina', python.threads, 'naive'],
  },
  { name: 'add', title: 'an addition', path: '/add/', contestants: everyone },
];

export const alone = { name: 'alone', title: '/ping alone', contestants: endpoints[0].contestants };
export const runCase = { name: 'run', title: `run() at ${RUN_CLIENTS} connections`, contestants: running };

/** One endpoint, hammered by so many. */
export const cellsOf = (endpoint, counts) =>
  counts.map((clients) => ({
    name: `${endpoint.name}-${clients}`,
    title: `${endpoint.title}, ${clients} client${clients === 1 ? '' : 's'}`,
    contestants: endpoint.contestants,
    clients,
  }));

/** What a cell's name says. */
export function cellNamed(name) {
  const [endpoint, clients] = name.split('-');
  return { endpoint: endpoints.find((one) => one.name === endpoint), clients: Number(clients) };
}
