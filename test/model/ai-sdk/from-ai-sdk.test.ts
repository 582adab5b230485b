import { APICallError } from 'ai';
import { MockLanguageModelV3, simulateReadableStream } from 'ai/test';
import { type AiSdkModel, fromAiSdk } from 'colloquy/model';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { asksPrice, failureOf, knowsPrice, streamed, wantsValue } from '../requests.ts';

type GenerateV3 = Awaited<ReturnType<MockLanguageModelV3['doGenerate']>>;
type PartV3 =
  Awaited<ReturnType<MockLanguageModelV3['doStream']>>['stream'] extends ReadableStream<infer Part>
    ? Part
    : never;

const usageV3: GenerateV3['usage'] = {
  inputTokens: { total: 12, noCache: 12, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 6, text: 6, reasoning: 0 },
};
const resultV3 = (
  content: GenerateV3['content'],
  unified: GenerateV3['finishReason']['unified'] = 'stop',
): GenerateV3 => ({
  content,
  finishReason: { unified, raw: undefined },
  usage: usageV3,
  warnings: [],
});
const streamV3 = (...chunks: PartV3[]) => ({ stream: simulateReadableStream({ chunks }) });
const finishV3: PartV3 = {
  type: 'finish',
  finishReason: { unified: 'stop', raw: 'stop' },
  usage: usageV3,
};

describe('a model of the AI SDK 6', () => {
  it('gets the messages, tools and results as its interface has them', async () => {
    const sdkModel = new MockLanguageModelV3({
      modelId: 'parrot',
      doGenerate: resultV3([{ type: 'text', text: '2 euros.' }]),
    });
    const model = fromAiSdk(sdkModel);
    expect(model.name).toBe('parrot');
    expect(await model.generate({ ...knowsPrice, key: 'k1' })).toEqual({
      text: '2 euros.',
      calls: [],
      finish: 'stop',
      usage: { inputTokens: 12, outputTokens: 6 },
    });
    expect(sdkModel.doGenerateCalls[0]).toMatchObject({
      prompt: [
        { role: 'system', content: 'You sell fruit.' },
        { role: 'user', content: [{ type: 'text', text: 'What is a pear?' }] },
        {
          role: 'assistant',
          content: [
            {
              type: 'tool-call',
              toolCallId: 'call_7',
              toolName: 'price_of',
              input: { item: 'pear' },
            },
          ],
        },
        {
          role: 'tool',
          content: [
            {
              type: 'tool-result',
              toolCallId: 'call_7',
              toolName: 'price_of',
              output: { type: 'text', value: '{"euros":2}' },
            },
          ],
        },
      ],
      tools: [{ type: 'function', name: 'price_of', inputSchema: { type: 'object' } }],
      headers: { 'Idempotency-Key': 'k1' },
    });
  });

  it('gets a key that no header can hold as its hash', async () => {
    const sdkModel = new MockLanguageModelV3({
      doGenerate: resultV3([{ type: 'text', text: 'ok' }]),
    });
    await fromAiSdk(sdkModel).generate({ ...asksPrice, key: '梨' });
    expect(sdkModel.doGenerateCalls[0]?.headers?.['Idempotency-Key']).toMatch(/^[0-9a-f]{64}$/u);
  });

  it('asks for a value by its schema', async () => {
    const sdkModel = new MockLanguageModelV3({
      doGenerate: resultV3([{ type: 'text', text: '{"item":"pear","count":2}' }]),
    });
    const response = await fromAiSdk(sdkModel).generate(wantsValue);
    expect(response.value).toEqual({ item: 'pear', count: 2 });
    expect(sdkModel.doGenerateCalls[0]?.responseFormat).toMatchObject({
      type: 'json',
      schema: wantsValue.schema,
    });
  });

  it.each<[string, GenerateV3, object]>([
    [
      'calls a tool, and leaves out what the provider ran itself',
      resultV3(
        [
          { type: 'reasoning', text: 'Hm.' },
          { type: 'tool-call', toolCallId: 'a', toolName: 'f', input: '{"x":1}' },
          {
            type: 'tool-call',
            toolCallId: 'b',
            toolName: 'search',
            input: '{}',
            providerExecuted: true,
          },
        ],
        'tool-calls',
      ),
      { text: '', calls: [{ id: 'a', name: 'f', input: { x: 1 } }], finish: 'calls' },
    ],
    ['is cut short', resultV3([{ type: 'text', text: 'He' }], 'length'), { finish: 'length' }],
    ['is stopped by a filter', resultV3([], 'content-filter'), { finish: 'refusal', calls: [] }],
  ])('%s', async (_name, doGenerate, expected) => {
    const model = fromAiSdk(new MockLanguageModelV3({ doGenerate }));
    expect(await model.generate(asksPrice)).toMatchObject(expected);
  });

  it('answers in parts', async () => {
    const sdkModel = new MockLanguageModelV3({
      doStream: streamV3(
        { type: 'stream-start', warnings: [] },
        { type: 'text-start', id: '0' },
        { type: 'text-delta', id: '0', delta: 'One ' },
        { type: 'text-delta', id: '0', delta: 'moment.' },
        { type: 'text-end', id: '0' },
        { type: 'tool-call', toolCallId: 'a', toolName: 'f', input: '{}' },
        finishV3,
      ),
    });
    expect(await streamed(fromAiSdk(sdkModel), asksPrice)).toEqual({
      parts: ['One ', 'moment.'],
      response: {
        text: 'One moment.',
        calls: [{ id: 'a', name: 'f', input: {} }],
        finish: 'calls',
        usage: { inputTokens: 12, outputTokens: 6 },
      },
    });
  });

  it.each<[string, PartV3[], object]>([
    ['ends too early', [{ type: 'text-delta', id: '0', delta: 'a' }], { problem: 'cut_off' }],
    [
      'reports an error',
      [
        {
          type: 'error',
          error: new APICallError({
            message: 'busy',
            url: '',
            requestBodyValues: {},
            statusCode: 503,
          }),
        },
      ],
      { reason: 'unavailable', status: 503 },
    ],
    [
      'ends with an error',
      [{ ...finishV3, finishReason: { unified: 'error', raw: undefined } } as PartV3],
      { reason: 'bad_answer' },
    ],
  ])('fails if its stream %s', async (_name, chunks, details) => {
    const model = fromAiSdk(new MockLanguageModelV3({ doStream: streamV3(...chunks) }));
    expect(await failureOf(streamed(model, asksPrice))).toMatchObject({
      code: 'model_failed',
      details,
    });
  });

  it('is asked again after a 429, when Retry-After says so', async () => {
    const clock = createManualClock();
    let calls = 0;
    const sdkModel = new MockLanguageModelV3({
      doGenerate: async () => {
        calls += 1;
        if (calls > 1) return resultV3([{ type: 'text', text: 'ok' }]);
        throw new APICallError({
          message: 'What is a pear?',
          url: 'https://models.test',
          requestBodyValues: {},
          statusCode: 429,
          responseHeaders: { 'retry-after': '3' },
        });
      },
    });
    const answer = fromAiSdk(sdkModel, { clock }).generate(asksPrice);
    await clock.advance(2999);
    expect(calls).toBe(1);
    await clock.advance(1);
    expect(await answer).toMatchObject({ text: 'ok' });
  });

  it.each([
    [{ statusCode: 401 }, 'unauthorized'],
    [{ statusCode: 400, data: { error: { code: 'context_length_exceeded' } } }, 'too_long'],
    [{ statusCode: 404 }, 'bad_request'],
    [{ isRetryable: true }, 'unavailable'],
    [{}, 'bad_answer'],
  ])('fails for %j: %s, and the error quotes nothing', async (fields, reason) => {
    const doGenerate = async (): Promise<GenerateV3> => {
      throw new APICallError({
        message: 'pear',
        url: 'https://models.test',
        requestBodyValues: { pear: 1 },
        ...fields,
      });
    };
    const model = fromAiSdk(new MockLanguageModelV3({ doGenerate }), { retries: 0 });
    const error = await failureOf(model.generate(asksPrice));
    expect(error).toMatchObject({ code: 'model_failed', details: { reason } });
    expect(String(error) + JSON.stringify(error)).not.toContain('pear');
  });

  it('ends at `timeoutMs`, and when its caller gives up', async () => {
    const clock = createManualClock();
    const doGenerate = () => new Promise<GenerateV3>(() => {});
    const model = fromAiSdk(new MockLanguageModelV3({ doGenerate }), { clock, timeoutMs: 1000 });
    const failure = failureOf(model.generate(asksPrice));
    await clock.advance(1000);
    expect(await failure).toMatchObject({ details: { reason: 'timeout' } });
    const caller = new AbortController();
    const left = failureOf(model.generate({ ...asksPrice, signal: caller.signal }));
    caller.abort(new Error('left'));
    expect(await left).toMatchObject({ message: 'left' });
  });
});

/** As `@ai-sdk/provider` declares its version 2, that of `ai` 5, and its version 4, that of `ai` 7. */
function handMade(
  specificationVersion: string,
  result: object,
  parts: readonly object[] = [],
): AiSdkModel {
  return {
    specificationVersion,
    modelId: 'hand-made',
    doGenerate: async () => result,
    doStream: async () => ({ stream: simulateReadableStream({ chunks: [...parts] }) }),
  };
}

describe('a model of the AI SDK 5', () => {
  it('has its reason and its usage in other shapes', async () => {
    const sdkModel = handMade('v2', {
      content: [
        { type: 'text', text: 'a' },
        { type: 'tool-call', toolCallId: 'a', toolName: 'f', input: '{}' },
      ],
      finishReason: 'tool-calls',
      usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 },
      warnings: [],
    });
    expect(await fromAiSdk(sdkModel).generate(asksPrice)).toEqual({
      text: 'a',
      calls: [{ id: 'a', name: 'f', input: {} }],
      finish: 'calls',
      usage: { inputTokens: 1, outputTokens: 2 },
    });
  });
});

describe('a model of the AI SDK 7', () => {
  it('answers with drafts and a value', async () => {
    const model = fromAiSdk(
      handMade('v4', {
        content: [
          { type: 'text', text: 'Let me see.' },
          { type: 'custom', kind: 'vendor.note' },
          { type: 'text', text: '{"item":"pear","count":2}', citations: [] },
        ],
        structuredOutputText: '{"item":"pear","count":2}',
        finishReason: { unified: 'stop', raw: 'end_turn' },
        usage: usageV3,
        warnings: [],
      }),
    );
    expect(await model.generate(wantsValue)).toMatchObject({
      value: { item: 'pear', count: 2 },
      usage: { inputTokens: 12, outputTokens: 6 },
    });
  });

  it('answers in parts, with pings between them', async () => {
    const model = fromAiSdk(
      handMade('v4', {}, [
        { type: 'stream-start', warnings: [] },
        { type: 'ping' },
        { type: 'text-start', id: '0' },
        { type: 'text-delta', id: '0', delta: 'Hello.' },
        { type: 'text-end', id: '0', citations: [] },
        { type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, usage: usageV3 },
      ]),
    );
    expect(await streamed(model, asksPrice)).toMatchObject({
      parts: ['Hello.'],
      response: { text: 'Hello.', finish: 'stop' },
    });
  });

  it('was interrupted, which is a failure', async () => {
    const finish = { finishReason: { unified: 'interrupted', raw: undefined }, usage: usageV3 };
    const model = fromAiSdk(handMade('v4', {}, [{ type: 'finish', ...finish }]));
    expect(await failureOf(streamed(model, asksPrice))).toMatchObject({
      code: 'model_failed',
      details: { reason: 'bad_answer', problem: 'cut_off' },
    });
  });
});

describe('what is no such model', () => {
  it.each<[string, unknown, unknown, RegExp]>([
    ['the name of one', 'openai/gpt-5', undefined, /it got a string/u],
    [
      'one of another version',
      { ...handMade('v4', {}), specificationVersion: 'v9' },
      undefined,
      /v2, v3 or v4/u,
    ],
    [
      'one with an option that does not exist',
      handMade('v4', {}),
      { timeout: 3 },
      /did you mean|is not an option/u,
    ],
  ])('is refused: %s', (_name, model, options, text) => {
    const make = () => fromAiSdk(model as AiSdkModel, options as object);
    expect(make).toThrow(expect.objectContaining({ code: 'bad_option' }));
    expect(make).toThrow(text);
  });
});
