import { ContextValue } from '../internal/async-context.ts';
import { type TraceChannel, channel } from '../internal/tracing.ts';
import { checkModel } from './check-model.ts';
import type { Model, ModelPart, ModelRequest, ModelResponse } from './model.ts';

/** How a call ended. `broken`: its caller left, or its stream had no end. */
type ModelTraceEnd = { readonly response: ModelResponse } | { readonly error: unknown } | 'broken';

/** One call of a model, for those who watch. There is one only while a subscriber follows calls. */
export interface ModelTrace {
  /** The name of the model. */
  readonly model: string;
  readonly request: ModelRequest;
  readonly isStreamed: boolean;
  /** What has come of the text so far, if it is streamed. */
  text: string;
  /** Set at the end. */
  end: ModelTraceEnd | undefined;
}

/** The channels that an observer of models subscribes to. The first publishes in the async context of the caller. */
export const modelChannels: {
  readonly start: TraceChannel<ModelTrace>;
  readonly end: TraceChannel<ModelTrace>;
} = {
  start: channel('tracing:colloquy.model:start'),
  end: channel('tracing:colloquy.model:end'),
};

/** The call within which the caller runs: a model that asks another one makes one call. */
const asking = new ContextValue<ModelTrace>();
let underWay = 0;

type StreamingModel = Model & Required<Pick<Model, 'stream'>>;

/**
 * The same model, with calls that Studio, inspectors and recordings see. The adapters return such models, and what asks a
 * model for you announces its calls: this is for a model of your own that a service of yours calls.
 * @example
 * const parrot = observed({
 *   name: 'parrot',
 *   generate: async () => ({ text: 'Hello.', calls: [], finish: 'stop' }),
 * });
 * @throws UsageError `bad_option` for what is no model
 */
export function observed<Given extends Model>(model: Given): Model & Pick<Given, 'stream'> {
  checkModel('observed()', model);
  const same: Model = {
    name: model.name,
    generate: (request: ModelRequest) => generateObserved(model, request),
    ...(doesStream(model) && {
      stream: (request: ModelRequest) => streamObserved(model, request),
    }),
  };
  return Object.freeze(same as Model & Pick<Given, 'stream'>);
}

export function doesStream(model: Model): model is StreamingModel {
  return model.stream !== undefined;
}

/** Calls a model, and announces the call. */
export async function generateObserved(
  model: Model,
  request: ModelRequest,
): Promise<ModelResponse> {
  if (!isWatched()) return model.generate(request);
  const trace = begun(model, request, false);
  return asking.run(trace, async () => {
    try {
      const response = await model.generate(request);
      ended(trace, { response });
      return response;
    } catch (error) {
      ended(trace, { error });
      throw error;
    }
  });
}

/** The same, of a model that streams. */
export function streamObserved(
  model: StreamingModel,
  request: ModelRequest,
): AsyncIterable<ModelPart> {
  return isWatched() ? watchedParts(model, request) : model.stream(request);
}

async function* watchedParts(
  model: StreamingModel,
  request: ModelRequest,
): AsyncGenerator<ModelPart, void, undefined> {
  const trace = begun(model, request, true);
  // A generator runs in the context of the one who asks for its next part.
  const inCall = <T>(work: () => T): T => asking.run(trace, work);
  let isOpen = false;
  let parts: AsyncIterator<ModelPart> | undefined;
  try {
    const made = inCall(() => model.stream(request)[Symbol.asyncIterator]());
    parts = made;
    for (;;) {
      isOpen = false;
      const next = await inCall(() => made.next());
      if (next.done === true) return;
      isOpen = true;
      const part = next.value;
      if (part.type === 'text') trace.text += part.text;
      else ended(trace, { response: part.response });
      yield part;
    }
  } catch (error) {
    ended(trace, { error });
    throw error;
  } finally {
    ended(trace, 'broken');
    // The caller has left.
    if (isOpen) await inCall(() => parts?.return?.());
  }
}

function isWatched(): boolean {
  const { start, end } = modelChannels;
  return (start.hasSubscribers || end.hasSubscribers) && asking.current === undefined;
}

function begun({ name: model }: Model, request: ModelRequest, isStreamed: boolean): ModelTrace {
  const trace: ModelTrace = { model, request, isStreamed, text: '', end: undefined };
  underWay += 1;
  modelChannels.start.publish(trace);
  return trace;
}

function ended(trace: ModelTrace, end: ModelTraceEnd): void {
  if (trace.end !== undefined) return;
  trace.end = end;
  modelChannels.end.publish(trace);
  underWay -= 1;
  if (underWay === 0) asking.rest();
}
