// Objects that live on the one worker of a pool, as those see them who have faces of them. Such a pool has no other worker,
// and none takes the place of one that has died.
import type { Reference } from '../channel/marks.js';
import type { Task } from './task.js';

export interface Residents {
  /** Is it a face of such an object, of this pool or of another? */
  isFace(value: object): boolean;
  /** What stands for a face, or a function, among the arguments of a task; undefined for anything else. */
  keep(value: object, task: Task): Reference | undefined;
  /** The face of what a worker has sent by reference. */
  make(reference: Reference): unknown;
  /** The worker has died, maybe by an error that nothing caught. */
  died(cause: { readonly error: unknown } | undefined): void;
}
