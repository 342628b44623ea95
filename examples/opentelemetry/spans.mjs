// OpenTelemetry for this thread. The main program imports it, and so do the modules whose functions the pool's threads run:
// each thread has a provider of its own, and exports its own spans.
import { AsyncLocalStorage } from 'node:async_hooks';
import { writeSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { propagation, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { carry } from 'isthmus';

/** The headers of a trace (W3C `traceparent` and so on), which go along with each task. */
export const headers = carry('opentelemetry', new AsyncLocalStorage());

/** Where nothing is active here, what has come along with the task is. So no function has to know of all this. */
class CarriedContext extends AsyncLocalStorageContextManager {
  active() {
    const here = super.active();
    const carried = here === ROOT_CONTEXT ? headers.getStore() : undefined;
    return carried === undefined ? here : propagation.extract(here, carried);
  }
}

/** A line of JSON for each span. A real program would send them to its collector: `new OTLPTraceExporter()`. */
const toLines = {
  export(spans, done) {
    for (const span of spans) {
      const { traceId, spanId } = span.spanContext();
      const { name, attributes, status } = span;
      const parent = span.parentSpanContext?.spanId;
      const failed = status.code === SpanStatusCode.ERROR;
      // Not by console.log: a thread's own lines would come later, by way of the main thread.
      writeSync(
        1,
        `${JSON.stringify({ name, traceId, spanId, parent, thread: threadId, failed, attributes })}\n`,
      );
    }
    done({ code: 0 });
  },
  async shutdown() {},
};

new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(toLines)] }).register({
  contextManager: new CarriedContext(),
});

export const tracer = trace.getTracer('isthmus example');
