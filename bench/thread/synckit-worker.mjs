import { runAsWorker } from 'synckit';
import { echo } from './functions.mjs';

runAsWorker(echo);
