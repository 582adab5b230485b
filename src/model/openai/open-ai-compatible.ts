import { startDeadline, withRetries } from '../call-limits.ts';
import { observed } from '../calls.ts';
import type { Model, ModelPart, ModelRequest, ModelResponse } from '../model.ts';
import { parsedJson } from '../parsed.ts';
import { type ServerAnswer, toModelResponse, wholeAnswer } from './answer.ts';
import { dataOf } from './events.ts';
import { failed, failureInStream } from './failures.ts';
import { cutOff, answerParts, postCall, textOfAnswer } from './post.ts';
import { type OpenAiCompatibleOptions, type ServerSettings, toServerSettings } from './settings.ts';
import { StreamedAnswer } from './streamed-answer.ts';

/**
 * A model behind any server that speaks the chat completions of OpenAI: DeepSeek, Qwen, Moonshot, OpenAI, Ollama, vLLM and
 * others. It needs no package, only `fetch`.
 *
 * A call is made again after a 429, a 5xx and a failure of the network, as long as `timeoutMs` allows, and not before the
 * moment that `Retry-After` names. With each attempt, the `key` of the request is sent as `Idempotency-Key`. A stream is
 * made again only as long as no part of it has come. It follows no redirect. An answer over `maxAnswerBytes` is
 * not read further. The key is in no error and in nothing that the model prints as.
 *
 * If the `signal` of a request is aborted, its reason is thrown.
 * @example
 * const model = openAiCompatible({
 *   baseUrl: 'https://api.deepseek.com/v1',
 *   apiKey: 'sk-1',
 *   model: 'deepseek-chat',
 *   schemas: 'json_object',
 * });
 * console.log(model.name); // → deepseek-chat
 * @throws UsageError `bad_option`, `bad_secret`
 */
export function openAiCompatible(options: OpenAiCompatibleOptions): Model {
  const settings = toServerSettings(options);
  // What holds the key is in closures: an object prints its fields.
  return observed({
    name: settings.name,
    generate: (request: ModelRequest) => generate(settings, request),
    stream: (request: ModelRequest) => stream(settings, request),
  });
}

async function generate(settings: ServerSettings, request: ModelRequest): Promise<ModelResponse> {
  const deadline = startDeadline(settings, request.signal);
  const { signal } = deadline;
  try {
    return await withRetries(settings, deadline, async () => {
      const response = await postCall(settings, { request, signal, isStreamed: false });
      const text = await textOfAnswer(settings, response, signal);
      return toModelResponse(checked(settings, wholeAnswerIn(settings, text, response)), request);
    });
  } finally {
    deadline.end();
  }
}

async function* stream(
  settings: ServerSettings,
  request: ModelRequest,
): AsyncGenerator<ModelPart, void, undefined> {
  const deadline = startDeadline(settings, request.signal);
  const { signal } = deadline;
  try {
    const response = await withRetries(settings, deadline, () =>
      postCall(settings, { request, signal, isStreamed: true }),
    );
    // A server that does not stream answers as a whole.
    if (response.headers.get('content-type')?.includes('application/json') === true) {
      const text = await textOfAnswer(settings, response, signal);
      const answered = checked(settings, wholeAnswerIn(settings, text, response));
      if (answered.text !== '') yield { type: 'text', text: answered.text };
      yield { type: 'end', response: toModelResponse(answered, request) };
      return;
    }
    const answer = new StreamedAnswer();
    let isDone = false;
    for await (const data of dataOf(answerParts(settings, response, signal))) {
      isDone = data.trim() === '[DONE]';
      if (isDone) break;
      const text = answer.add(chunkIn(settings, data));
      if (text !== '') yield { type: 'text', text };
    }
    if (!isDone && !answer.isFinished) throw cutOff(settings, response.status);
    yield { type: 'end', response: toModelResponse(checked(settings, answer.answered), request) };
  } finally {
    deadline.end();
  }
}

function wholeAnswerIn(settings: ServerSettings, text: string, { status }: Response): ServerAnswer {
  const answered = wholeAnswer(parsedJson(text)?.value);
  if (answered !== undefined) return answered;
  const details = { problem: 'no_answer' };
  throw failed(settings, { reason: 'bad_answer', status, details, cause: text });
}

function chunkIn(settings: ServerSettings, data: string): unknown {
  const chunk = parsedJson(data)?.value;
  if (typeof chunk !== 'object' || chunk === null) {
    const details = { problem: 'no_answer' };
    throw failed(settings, { reason: 'bad_answer', details, cause: data });
  }
  const { error } = chunk as { readonly error?: unknown };
  if (error !== undefined && error !== null) throw failureInStream(settings, error);
  return chunk;
}

/** DeepSeek says so in an answer where its machines are too busy to finish it. */
function checked(settings: ServerSettings, answered: ServerAnswer): ServerAnswer {
  if (answered.finish !== 'insufficient_system_resource') return answered;
  throw failed(settings, { reason: 'unavailable', details: { problem: answered.finish } });
}
