import { ColloquyError, UsageError } from '../../errors.ts';
import { untilAborted } from '../../internal/async.ts';
import { type KeysOf, checkOptions, keyTable } from '../../internal/closed.ts';
import { fieldsOf, nameOf, numberOf } from '../../internal/fields.ts';
import { checkPort } from '../../internal/port.ts';
import {
  type CallLimits,
  type CallOptions,
  startDeadline,
  toCallLimits,
  withRetries,
} from '../call-limits.ts';
import { observed } from '../calls.ts';
import { modelFailed } from '../failure.ts';
import { failureReasonOf, retryAfterOf } from '../failure-reason.ts';
import type { Model, ModelPart, ModelRequest, ModelResponse } from '../model.ts';
import { toPrompt } from './prompt.ts';
import { CollectedAnswer } from './collected-answer.ts';

/** A language model of the AI SDK, by its public interface: version 2 (`ai` 5), 3 (`ai` 6) or 4 (`ai` 7). */
export interface AiSdkModel {
  /** `v2`, `v3` or `v4`. */
  readonly specificationVersion: string;
  /** The name at the provider. */
  readonly modelId: string;
  /** Makes one answer. */
  doGenerate(options: object): PromiseLike<object>;
  /** Makes one in parts. */
  doStream(options: object): PromiseLike<object>;
}

/** Options of `fromAiSdk()`. */
export interface FromAiSdkOptions extends CallOptions {
  /** The name in traces and errors. Default: the `modelId`. */
  readonly name?: string | undefined;
}

const OWNER = 'fromAiSdk()';
const KEYS = {
  ...keyTable('name timeoutMs retries'),
  clock: null,
} satisfies KeysOf<FromAiSdkOptions>;
const VERSIONS: ReadonlySet<unknown> = new Set(['v2', 'v3', 'v4']);

/**
 * A model of the AI SDK (`ai` 5, 6 or 7), as its providers make them: `fromAiSdk(deepseek('deepseek-chat'))`. It imports
 * nothing of the AI SDK.
 *
 * A call is made again after a failure that may go away, as the functions of the AI SDK do. What a provider thinks aloud,
 * and tools that it runs itself, are left out. The `key` of a request is sent as the header `Idempotency-Key`. If the
 * `signal` of a request is aborted, its reason is thrown.
 * @example
 * const sdkModel = {
 *   specificationVersion: 'v3',
 *   modelId: 'parrot',
 *   doGenerate: async () => ({ content: [{ type: 'text', text: 'Hello.' }], finishReason: 'stop' }),
 *   doStream: async () => ({ stream: new ReadableStream() }),
 * };
 * const model = fromAiSdk(sdkModel, { timeoutMs: 10_000 });
 * const { text } = await model.generate({ messages: [{ role: 'user', text: 'Hi' }] });
 * console.log(text); // → Hello.
 * @throws UsageError `bad_option`
 */
export function fromAiSdk(model: AiSdkModel, options: FromAiSdkOptions = {}): Model {
  checkPort(model, {
    place: 'The model of fromAiSdk()',
    methods: ['doGenerate', 'doStream'],
    expected: 'is what a provider of the AI SDK makes, as openai("gpt-5")',
  });
  checkOptions(OWNER, options, KEYS);
  if (!VERSIONS.has(model.specificationVersion)) {
    throw new UsageError(
      'bad_option',
      'fromAiSdk() takes models of the interface v2, v3 or v4 of the AI SDK, those of `ai` 5, 6 and 7.',
    );
  }
  const limits = toCallLimits(OWNER, options.name ?? model.modelId, options);
  return observed({
    name: limits.name,
    generate: (request: ModelRequest) => generate(model, limits, request),
    stream: (request: ModelRequest) => stream(model, limits, request),
  });
}

async function generate(
  model: AiSdkModel,
  limits: CallLimits,
  request: ModelRequest,
): Promise<ModelResponse> {
  const deadline = startDeadline(limits, request.signal);
  const { signal } = deadline;
  try {
    const result = await withRetries(limits, deadline, () =>
      calling(limits, signal, async () => model.doGenerate(await toPrompt(request, signal))),
    );
    const answer = new CollectedAnswer(limits.name);
    answer.addResult(result);
    return answer.toResponse(request);
  } finally {
    deadline.end();
  }
}

async function* stream(
  model: AiSdkModel,
  limits: CallLimits,
  request: ModelRequest,
): AsyncGenerator<ModelPart, void, undefined> {
  const deadline = startDeadline(limits, request.signal);
  const { signal } = deadline;
  try {
    const result = await withRetries(limits, deadline, () =>
      calling(limits, signal, async () => model.doStream(await toPrompt(request, signal))),
    );
    const { stream: parts } = fieldsOf(result);
    if (!(parts instanceof ReadableStream)) {
      const details = { problem: 'no_answer' };
      throw modelFailed({ model: limits.name, reason: 'bad_answer', details });
    }
    const answer = new CollectedAnswer(limits.name);
    for await (const part of partsOf(limits, parts, signal)) {
      const { type, error } = fieldsOf(part);
      if (type === 'error') throw failureOf(limits, error);
      const text = answer.addPart(part);
      if (text !== '') yield { type: 'text', text };
    }
    yield { type: 'end', response: answer.toResponse(request) };
  } finally {
    deadline.end();
  }
}

async function* partsOf(
  limits: CallLimits,
  stream: ReadableStream,
  signal: AbortSignal,
): AsyncGenerator<unknown, void, undefined> {
  const reader = stream.getReader();
  let isWhole = false;
  try {
    for (;;) {
      const read = await calling(limits, signal, () => reader.read());
      isWhole = read.done;
      if (read.done) return;
      yield read.value;
    }
  } finally {
    if (!isWhole) reader.cancel().catch(() => {});
  }
}

/** What the provider does, until its time is over. */
async function calling<T>(
  limits: CallLimits,
  signal: AbortSignal,
  work: () => PromiseLike<T>,
): Promise<T> {
  try {
    return await untilAborted(
      Promise.resolve().then(() => work()),
      signal,
    );
  } catch (error) {
    throw signal.aborted ? (signal.reason as Error) : failureOf(limits, error);
  }
}

/** What `APICallError` of the AI SDK holds is read by its fields: there may be several copies of the class. */
function failureOf({ name: model, clock }: CallLimits, error: unknown): ColloquyError {
  if (ColloquyError.is(error)) return error;
  const { statusCode, responseHeaders, data, isRetryable } = fieldsOf(error);
  const status = numberOf(statusCode);
  const retryAfterMs = retryAfterOf(nameOf(fieldsOf(responseHeaders)['retry-after']), clock.now());
  const reason =
    status === undefined
      ? isRetryable === true || isNetworkError(error)
        ? 'unavailable'
        : 'bad_answer'
      : failureReasonOf(status, fieldsOf(data)['error']);
  const details = retryAfterMs === undefined ? {} : { retryAfterMs };
  return modelFailed({ model, reason, status, details, cause: error });
}

/** What `fetch` throws where no answer came. */
function isNetworkError(error: unknown): boolean {
  return error instanceof TypeError && /fetch|network|terminated/iu.test(error.message);
}
