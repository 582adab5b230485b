import { LLMock } from '@copilotkit/aimock';
import { openAiCompatible } from 'colloquy/model';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { asksPrice, failureOf, knowsPrice, streamed, wantsValue } from '../requests.ts';

/** A server of the protocol that others wrote, and check against OpenAI's own: https://github.com/CopilotKit/aimock. */
const server = new LLMock({ port: 0, chunkSize: 4, auth: { apiKeys: ['sk-good'] } });

beforeAll(() => server.start());
afterAll(() => server.stop());
beforeEach(() => {
  server.clearFixtures().clearChaos().clearRequests();
});

const modelOf = (options: object = {}) =>
  openAiCompatible({
    baseUrl: `${server.url}/v1`,
    apiKey: 'sk-good',
    model: 'gpt-4o',
    retries: 0,
    ...options,
  });

const sent = (): Record<string, unknown> =>
  server.getLastRequest()?.body as unknown as Record<string, unknown>;

describe('a server of the protocol that others wrote', () => {
  it('answers in words', async () => {
    server.onMessage('What is a pear?', {
      content: 'A pear is 2 euros.',
      usage: { prompt_tokens: 12, completion_tokens: 6 },
    });
    expect(await modelOf().generate(asksPrice)).toEqual({
      text: 'A pear is 2 euros.',
      calls: [],
      finish: 'stop',
      usage: { inputTokens: 12, outputTokens: 6 },
    });
    expect(sent()).toMatchObject({
      model: 'gpt-4o',
      messages: [
        { role: 'system', content: 'You sell fruit.' },
        { role: 'user', content: 'What is a pear?' },
      ],
      tools: [{ type: 'function', function: { name: 'price_of' } }],
    });
  });

  it('answers in parts, and says what it cost', async () => {
    server.onMessage('What is a pear?', {
      content: '梨 is 2 euros.',
      usage: { prompt_tokens: 12, completion_tokens: 6 },
    });
    const { parts, response } = await streamed(modelOf(), asksPrice);
    expect(parts.length).toBeGreaterThan(2);
    expect(parts.join('')).toBe('梨 is 2 euros.');
    expect(response).toEqual({
      text: '梨 is 2 euros.',
      calls: [],
      finish: 'stop',
      usage: { inputTokens: 12, outputTokens: 6 },
    });
  });

  it('calls a tool, in one piece and in parts, and gets its result', async () => {
    server.on(
      { userMessage: 'What is a pear?', hasToolResult: false },
      { toolCalls: [{ id: 'call_7', name: 'price_of', arguments: { item: 'pear' } }] },
    );
    server.on({ toolCallId: 'call_7', toolResultContains: 'euros' }, { content: '2 euros.' });
    const whole = await modelOf().generate(asksPrice);
    expect(whole).toMatchObject({
      text: '',
      calls: [{ id: 'call_7', name: 'price_of', input: { item: 'pear' } }],
      finish: 'calls',
    });
    const { response } = await streamed(modelOf(), asksPrice);
    expect(response).toMatchObject({ calls: whole.calls, finish: 'calls' });
    expect(await modelOf().generate(knowsPrice)).toMatchObject({ text: '2 euros.' });
  });

  it.each(['json_schema', 'json_object'] as const)(
    'answers with a value under %s',
    async (mode) => {
      const value = { item: 'pear', count: 2 };
      server.on({ userMessage: 'Two pears', responseFormat: mode }, { content: value });
      const model = modelOf({ schemas: mode });
      expect(await model.generate(wantsValue)).toMatchObject({ value, finish: 'stop' });
      expect((await streamed(model, wantsValue)).response).toMatchObject({ value, finish: 'stop' });
      expect(sent()).toMatchObject({ response_format: { type: mode } });
    },
  );

  it('refuses a wrong key, of which the error says nothing', async () => {
    const error = await failureOf(modelOf({ apiKey: 'sk-wrong' }).generate(asksPrice));
    expect(error).toMatchObject({
      code: 'model_failed',
      retryable: false,
      details: { reason: 'unauthorized', status: 401 },
    });
    expect(JSON.stringify(error)).not.toContain('sk-wrong');
  });

  it('is asked again after a 429', async () => {
    server.onMessage('What is a pear?', { content: '2 euros.' });
    server.nextRequestError(429, { message: 'Slow down', code: 'rate_limit_exceeded' });
    const model = modelOf({ retries: 1 });
    expect(await model.generate({ ...asksPrice, key: 'order-1' })).toMatchObject({
      text: '2 euros.',
    });
    const keys = server.getRequests().map(({ headers }) => headers['idempotency-key']);
    expect(keys).toEqual(['order-1', 'order-1']);
  });

  it.each([
    ['hangs up in the middle of an answer', { disconnectRate: 1 }, 'unavailable'],
    ['writes what is no JSON', { malformedRate: 1 }, 'bad_answer'],
    ['is broken', { dropRate: 1 }, 'unavailable'],
    ['asks for less calls', { rateLimitRate: 1 }, 'rate_limited'],
  ])('%s', async (_name, chaos, reason) => {
    server.onMessage('What is a pear?', { content: '2 euros.' });
    server.setChaos(chaos);
    expect(await failureOf(modelOf().generate(asksPrice))).toMatchObject({
      code: 'model_failed',
      retryable: true,
      details: { reason },
    });
  });

  it('ends a stream too early, which is a failure', async () => {
    server.onMessage(
      'What is a pear?',
      { content: 'A pear is 2 euros.' },
      { truncateAfterChunks: 3, latency: 20 },
    );
    expect(await failureOf(streamed(modelOf(), asksPrice))).toMatchObject({
      code: 'model_failed',
      details: { reason: 'bad_answer', problem: 'cut_off' },
    });
  });

  it('is too slow', async () => {
    server.onMessage('What is a pear?', { content: '2 euros.' });
    server.setChaos({ latencyMs: 5000 });
    expect(await failureOf(modelOf({ timeoutMs: 50 }).generate(asksPrice))).toMatchObject({
      code: 'model_failed',
      details: { reason: 'timeout', timeoutMs: 50 },
    });
  });
});
