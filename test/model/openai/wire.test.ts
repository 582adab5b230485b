import { openAiCompatible } from 'colloquy/model';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { asksPrice, failureOf, knowsPrice, streamed, wantsValue } from '../requests.ts';

/** What a provider says, as the public documentation of each shows it. */
const json = (data: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(typeof data === 'string' ? data : JSON.stringify(data), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });

const said = (message: object, finish = 'stop', more: object = {}): Response =>
  json({ choices: [{ index: 0, message, finish_reason: finish }], ...more });

const events = (...chunks: readonly (object | string)[]): Response =>
  new Response(
    chunks
      .map((each) => `data: ${typeof each === 'string' ? each : JSON.stringify(each)}\n\n`)
      .join(''),
    { headers: { 'content-type': 'text/event-stream; charset=utf-8' } },
  );

const delta = (delta: object, finish: string | null = null): object => ({
  choices: [{ index: 0, delta, finish_reason: finish }],
});

interface Sent {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A model whose provider answers with these, one after the other. */
function answeredBy(answers: readonly (Response | Error)[], options: object = {}) {
  const sent: Sent[] = [];
  const clock = createManualClock();
  const left = [...answers];
  const model = openAiCompatible({
    baseUrl: 'https://models.test/v1/',
    apiKey: 'sk-secret-1',
    model: 'm',
    clock,
    fetch: async (url, { headers, body }) => {
      const { ...plain } = headers as Record<string, string>;
      sent.push({ url, headers: plain, body: JSON.parse(body) as Sent['body'] });
      const answer = left.shift();
      if (answer instanceof Response) return answer;
      throw answer ?? new Error('asked too often');
    },
    ...options,
  });
  return { model, clock, sent };
}

describe('a request', () => {
  it('has the messages, calls and results of tools as the protocol has them', async () => {
    const { model, sent } = answeredBy([said({ content: 'ok' })], {
      body: { temperature: 0 },
      headers: { 'x-title': 'shop' },
    });
    await model.generate({ ...knowsPrice, key: 'k1' });
    expect(sent).toEqual([
      {
        url: 'https://models.test/v1/chat/completions',
        headers: {
          accept: 'application/json',
          authorization: 'Bearer sk-secret-1',
          'content-type': 'application/json',
          'idempotency-key': 'k1',
          'x-title': 'shop',
        },
        body: {
          model: 'm',
          temperature: 0,
          messages: [
            { role: 'system', content: 'You sell fruit.' },
            { role: 'user', content: 'What is a pear?' },
            {
              role: 'assistant',
              content: null,
              tool_calls: [
                {
                  id: 'call_7',
                  type: 'function',
                  function: { name: 'price_of', arguments: '{"item":"pear"}' },
                },
              ],
            },
            { role: 'tool', tool_call_id: 'call_7', content: '{"euros":2}' },
          ],
          tools: [
            {
              type: 'function',
              function: {
                name: 'price_of',
                description: 'The price of an item',
                parameters: asksPrice.tools?.[0]?.parameters,
              },
            },
          ],
        },
      },
    ]);
  });

  it.each([
    ['json_schema', { type: 'json_schema', json_schema: { name: 'answer' } }, 1],
    ['json_object', { type: 'json_object' }, 2],
    ['prompt', undefined, 2],
  ])('asks for a value by %s', async (schemas, format, messages) => {
    const { model, sent } = answeredBy([said({ content: '{"item":"pear","count":2}' })], {
      schemas,
    });
    const { value } = await model.generate(wantsValue);
    expect(value).toEqual({ item: 'pear', count: 2 });
    const body = sent[0]?.body;
    if (format === undefined) expect(body).not.toHaveProperty('response_format');
    else expect(body).toMatchObject({ response_format: format });
    expect(body?.['messages']).toHaveLength(messages);
    if (messages === 2) expect(JSON.stringify(body)).toContain('JSON Schema');
  });

  it('sends a key that no header can hold as its hash', async () => {
    const { model, sent } = answeredBy([said({ content: 'ok' })]);
    await model.generate({ ...asksPrice, key: 'order\n梨' });
    expect(sent[0]?.headers['idempotency-key']).toMatch(/^[0-9a-f]{64}$/u);
  });
});

describe('an answer', () => {
  it.each([
    ['in words', said({ content: 'Hello.' }), { text: 'Hello.', calls: [], finish: 'stop' }],
    [
      'in parts of a list',
      said({ content: [{ type: 'text', text: 'He' }, { text: 'llo.' }] }),
      { text: 'Hello.' },
    ],
    [
      'behind empty lines, by which DeepSeek keeps a connection',
      json('\n\n\n{"choices":[{"message":{"content":"a"}}]}'),
      { text: 'a', finish: 'stop' },
    ],
    ['that was cut short', said({ content: 'He' }, 'length'), { text: 'He', finish: 'length' }],
    [
      'that refuses',
      said({ content: null, refusal: 'No.' }),
      { text: 'No.', calls: [], finish: 'refusal' },
    ],
    ['that a filter stopped', said({ content: '' }, 'content_filter'), { finish: 'refusal' }],
    [
      'that calls a tool and says stop',
      said({ content: null, tool_calls: [{ id: 'a', function: { name: 'f', arguments: '' } }] }),
      { finish: 'calls', calls: [{ id: 'a', name: 'f', input: {} }] },
    ],
    [
      'with an input that is no JSON, and without an id',
      said({ tool_calls: [{ function: { name: 'f', arguments: '{"a":' } }] }, 'tool_calls'),
      { finish: 'calls', calls: [{ id: 'call_2_0', name: 'f', input: '{"a":' }] },
    ],
    [
      'with a key that would change a prototype',
      said({
        tool_calls: [
          { id: 'a', function: { name: 'f', arguments: '{"__proto__":{"x":1},"y":2}' } },
        ],
      }),
      { calls: [{ id: 'a', name: 'f', input: { y: 2 } }] },
    ],
  ])('%s', async (_name, answer, expected) => {
    const { model } = answeredBy([answer]);
    expect(await model.generate(asksPrice)).toMatchObject(expected);
  });

  it.each([
    ['plain', '{"item":"pear"}', { item: 'pear' }],
    ['within a fence', '```json\n{"item":"pear"}\n```', { item: 'pear' }],
    ['as no JSON', 'A pear, of course.', undefined],
  ])('has its value %s', async (_name, content, value) => {
    const { model } = answeredBy([said({ content })]);
    const response = await model.generate(wantsValue);
    expect(response).toMatchObject({ text: content, finish: 'stop' });
    expect(response.value).toEqual(value);
  });
});

describe('a stream', () => {
  it('puts calls of tools together from their parts', async () => {
    const { model, sent } = answeredBy([
      events(
        delta({ role: 'assistant', content: 'One ' }),
        delta({ content: 'moment.' }),
        delta({
          tool_calls: [
            { index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } },
          ],
        }),
        delta({ tool_calls: [{ index: 1, id: 'b', function: { name: 'g', arguments: '{}' } }] }),
        delta({ tool_calls: [{ index: 0, function: { arguments: '{"x"' } }] }),
        delta({ tool_calls: [{ index: 0, function: { arguments: ':1}' } }] }),
        delta({}, 'tool_calls'),
        { choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } },
        '[DONE]',
      ),
    ]);
    expect(await streamed(model, asksPrice)).toEqual({
      parts: ['One ', 'moment.'],
      response: {
        text: 'One moment.',
        calls: [
          { id: 'a', name: 'f', input: { x: 1 } },
          { id: 'b', name: 'g', input: {} },
        ],
        finish: 'calls',
        usage: { inputTokens: 3, outputTokens: 4 },
      },
    });
    expect(sent[0]?.body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
  });

  it.each([
    [
      'with calls that have no index',
      events(
        delta({ tool_calls: [{ id: 'a', function: { name: 'f', arguments: '{}' } }] }),
        delta({ tool_calls: [{ id: 'b', function: { name: 'g', arguments: '{}' } }] }),
        delta({}, 'stop'),
        '[DONE]',
      ),
      { finish: 'calls', calls: [{ id: 'a' }, { id: 'b' }] },
    ],
    [
      'with the usage in the choice, as Moonshot has it',
      events(
        {
          choices: [
            {
              delta: { content: 'a' },
              finish_reason: 'stop',
              usage: { prompt_tokens: 1, completion_tokens: 2 },
            },
          ],
        },
        '[DONE]',
      ),
      { usage: { inputTokens: 1, outputTokens: 2 } },
    ],
    [
      'that ends without [DONE]',
      events(delta({ content: 'a' }), delta({}, 'stop')),
      { text: 'a', finish: 'stop' },
    ],
    [
      'with comments and CRLF',
      new Response(
        `: keep-alive\r\n\r\ndata:${JSON.stringify(delta({ content: 'a' }, 'length'))}\r\n\r\ndata: [DONE]\r\n\r\n`,
      ),
      { text: 'a', finish: 'length' },
    ],
    [
      'that refuses',
      events(delta({ refusal: 'No' }), delta({ refusal: '.' }, 'stop'), '[DONE]'),
      { text: 'No.', finish: 'refusal' },
    ],
    ['in one piece', said({ content: 'whole' }), { text: 'whole' }],
  ])('%s', async (_name, answer, expected) => {
    const { model } = answeredBy([answer]);
    expect((await streamed(model, asksPrice)).response).toMatchObject(expected);
  });

  it('keeps characters whole that are parted on the wire', async () => {
    const bytes = new TextEncoder().encode(
      `data: ${JSON.stringify(delta({ content: '梨🍐' }, 'stop'))}\n\ndata: [DONE]\n\n`,
    );
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    const { model } = answeredBy([new Response(body)]);
    expect((await streamed(model, asksPrice)).parts).toEqual(['梨🍐']);
  });

  it.each([
    ['is cut off', events(delta({ content: 'a' })), { reason: 'bad_answer', problem: 'cut_off' }],
    ['is empty', events(), { reason: 'bad_answer', problem: 'cut_off' }],
    ['holds what is no JSON', events('{"cho'), { reason: 'bad_answer', problem: 'no_answer' }],
    [
      'reports an overload',
      events(delta({ content: 'a' }), { error: { message: 'busy', type: 'overloaded_error' } }),
      { reason: 'unavailable' },
    ],
    [
      'is stopped by DeepSeek for want of machines',
      events(delta({ content: 'a' }, 'insufficient_system_resource'), '[DONE]'),
      { reason: 'unavailable' },
    ],
  ])('fails if it %s', async (_name, answer, details) => {
    const { model, sent } = answeredBy([answer]);
    expect(await failureOf(streamed(model, asksPrice))).toMatchObject({
      code: 'model_failed',
      retryable: true,
      details,
    });
    expect(sent).toHaveLength(1);
  });

  it('lets go of the connection when its reader stops early', async () => {
    let cancelled = false;
    const chunk = new TextEncoder().encode(`data: ${JSON.stringify(delta({ content: 'a' }))}\n\n`);
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(chunk),
      cancel: () => void (cancelled = true),
    });
    const { model } = answeredBy([new Response(body)]);
    for await (const part of model.stream?.(asksPrice) ?? []) {
      expect(part).toEqual({ type: 'text', text: 'a' });
      break;
    }
    expect(cancelled).toBe(true);
  });
});

const problem = (code: string, type = 'invalid_request_error') => ({
  error: { message: 'sk-secret-1 said: What is a pear?', type, code },
});

describe('a refusal of the provider', () => {
  it.each([
    [401, problem('invalid_api_key'), 'unauthorized', false],
    [403, 'Forbidden', 'unauthorized', false],
    [402, problem('invalid_request_error'), 'no_credit', false],
    [429, problem('insufficient_quota', 'insufficient_quota'), 'no_credit', false],
    [429, problem('', 'exceeded_current_quota_error'), 'no_credit', false],
    [400, problem('Arrearage'), 'no_credit', false],
    [429, problem('rate_limit_exceeded'), 'rate_limited', true],
    [400, problem('context_length_exceeded'), 'too_long', false],
    [413, '', 'too_long', false],
    [400, problem('data_inspection_failed'), 'refused', false],
    [400, problem('content_filter'), 'refused', false],
    [404, problem('model_not_found'), 'bad_request', false],
    [422, '<html>', 'bad_request', false],
    [500, '', 'unavailable', true],
    [503, problem('', 'overloaded'), 'unavailable', true],
    [302, '', 'bad_request', false],
  ])('%i is %j: %s', async (status, body, reason, retryable) => {
    const answer = json(status === 302 ? '' : body, status, { location: 'https://evil.test/' });
    const { model, sent } = answeredBy([answer], { retries: 0 });
    const error = await failureOf(model.generate(asksPrice));
    expect(error).toMatchObject({
      code: 'model_failed',
      retryable,
      details: { model: 'm', reason, status },
    });
    expect(sent).toHaveLength(1);
  });
});

describe('another attempt', () => {
  it('is made after 429, 5xx and failures of the network, later each time', async () => {
    const cut = Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET' } });
    const { model, clock, sent } = answeredBy(
      [json('', 503), cut, said({ content: 'at last' })],
      {},
    );
    const answer = model.generate({ ...asksPrice, key: 'k' });
    await clock.advance(499);
    expect(sent).toHaveLength(1);
    await clock.advance(1);
    expect(sent).toHaveLength(2);
    await clock.advance(1000);
    expect(await answer).toMatchObject({ text: 'at last' });
    expect(sent.map(({ headers }) => headers['idempotency-key'])).toEqual(['k', 'k', 'k']);
  });

  it.each([
    ['seconds', '7'],
    ['a date', 'Thu, 01 Jan 2026 00:00:07 GMT'],
  ])('waits as long as Retry-After says in %s', async (_name, after) => {
    const { model, clock, sent } = answeredBy([
      json('', 429, { 'retry-after': after }),
      said({ content: 'ok' }),
    ]);
    const answer = model.generate(asksPrice);
    await clock.advance(6999);
    expect(sent).toHaveLength(1);
    await clock.advance(1);
    expect(await answer).toMatchObject({ text: 'ok' });
  });

  it('is not made if Retry-After names a moment behind the end of the time', async () => {
    const { model } = answeredBy([json('', 429, { 'retry-after': '31' })]);
    expect(await failureOf(model.generate(asksPrice))).toMatchObject({
      details: { reason: 'rate_limited', retryAfterMs: 31_000 },
    });
  });

  it('is made a limited number of times', async () => {
    const answers = Array.from({ length: 4 }, () => json('', 500));
    const { model, clock, sent } = answeredBy(answers, { retries: 3 });
    const failure = failureOf(model.generate(asksPrice));
    await clock.advance({ seconds: 20 });
    expect(await failure).toMatchObject({ details: { reason: 'unavailable', status: 500 } });
    expect(sent).toHaveLength(4);
  });

  it('is made for a stream before its first part alone', async () => {
    const { model, clock, sent } = answeredBy([
      json('', 500),
      events(delta({ content: 'a' }, 'stop'), '[DONE]'),
    ]);
    const parts = streamed(model, asksPrice);
    await clock.advance({ seconds: 1 });
    expect(await parts).toMatchObject({ parts: ['a'] });
    expect(sent).toHaveLength(2);
  });
});

describe('the end of a call', () => {
  const never = () => new Promise<Response>(() => {});

  it.each([
    ['an answer', (model: ReturnType<typeof answeredBy>['model']) => model.generate(asksPrice)],
    ['a stream', (model: ReturnType<typeof answeredBy>['model']) => streamed(model, asksPrice)],
  ])('comes after `timeoutMs` for %s that does not come', async (_name, call) => {
    const { model, clock } = answeredBy([], { timeoutMs: 1000, fetch: never });
    const failure = failureOf(call(model));
    await clock.advance(1000);
    expect(await failure).toMatchObject({
      code: 'model_failed',
      retryable: true,
      details: { reason: 'timeout', timeoutMs: 1000 },
    });
  });

  it('comes when its caller gives up, with the reason of the signal', async () => {
    const { model } = answeredBy([], { fetch: never });
    const caller = new AbortController();
    const failure = failureOf(model.generate({ ...asksPrice, signal: caller.signal }));
    caller.abort(new Error('left'));
    expect(await failure).toMatchObject({ message: 'left' });
    const { model: other, sent } = answeredBy([said({ content: 'a' })]);
    const late = failureOf(streamed(other, { ...asksPrice, signal: caller.signal }));
    expect(await late).toMatchObject({ message: 'left' });
    expect(sent).toEqual([]);
  });

  it('comes while a body is read that never ends', async () => {
    const { model, clock } = answeredBy([new Response(new ReadableStream())]);
    const failure = failureOf(model.generate(asksPrice));
    await clock.advance({ seconds: 30 });
    expect(await failure).toMatchObject({ details: { reason: 'timeout' } });
  });

  it.each([
    ['an answer', (model: ReturnType<typeof answeredBy>['model']) => model.generate(asksPrice)],
    ['a stream', (model: ReturnType<typeof answeredBy>['model']) => streamed(model, asksPrice)],
  ])('comes at the maximum of bytes for %s without an end', async (_name, call) => {
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(1024).fill(0x20));
      },
    });
    const { model } = answeredBy([new Response(body)], { maxAnswerBytes: 10_240 });
    expect(await failureOf(call(model))).toMatchObject({
      code: 'model_failed',
      details: { reason: 'bad_answer', problem: 'too_large', maxBytes: 10_240 },
    });
    expect(pulled).toBeLessThan(20);
  });
});
