// A span for each task, by the tracing channels that isthmus publishes; for the program that calls the tasks.
import { tracingChannel } from 'node:diagnostics_channel';
import { context, propagation, SpanStatusCode, trace } from '@opentelemetry/api';
import { headers, tracer } from './spans.mjs';

const spans = new WeakMap();

export function traceTasks() {
  const channel = tracingChannel('isthmus:task');
  // What this gives is in the store while the task is on its way, and goes along with it.
  channel.start.bindStore(headers, (task) => {
    const span = tracer.startSpan(task.what);
    spans.set(task, span);
    const carrier = {};
    propagation.inject(trace.setSpan(context.active(), span), carrier);
    return carrier;
  });
  channel.subscribe({
    error(task) {
      const { error } = task;
      const span = spans.get(task);
      span?.recordException(error);
      span?.setStatus({ code: SpanStatusCode.ERROR, message: String(error) });
    },
    asyncEnd(task) {
      const { waitMs, runMs, threadId } = task;
      const attributes = { 'task.wait_ms': waitMs, 'task.run_ms': runMs, 'thread.id': threadId };
      spans.get(task)?.setAttributes(attributes).end();
    },
  });
}
