import { inspect } from 'node:util';
import { type OpenAiCompatibleOptions, openAiCompatible } from 'colloquy/model';
import { describe, expect, it } from 'vitest';
import { asksPrice, failureOf, streamed } from '../requests.ts';

const KEY = 'sk-very-secret-0123456789';
const HEADER = 'header-secret-987';

/** All that a program may print of a value, the cause of an error included. */
function printed(value: unknown): string {
  const { cause, stack } = (value ?? {}) as { cause?: unknown; stack?: unknown };
  const deep = inspect(value, { depth: 9, showHidden: true, customInspect: false, getters: true });
  const cut = cause as Error | undefined;
  return [
    inspect(value),
    deep,
    JSON.stringify(value),
    String(value),
    stack,
    inspect(cut),
    cut?.stack,
  ].join('\n');
}

const modelOf = (fetch: OpenAiCompatibleOptions['fetch']) =>
  openAiCompatible({
    baseUrl: 'https://models.test/v1',
    apiKey: KEY,
    headers: { 'x-key': HEADER },
    model: 'm',
    retries: 0,
    fetch,
  });

describe('the key', () => {
  it('is in nothing that the model prints as', () => {
    const model = modelOf(undefined);
    expect(printed(model)).toContain("name: 'm'");
    expect(printed(model)).not.toContain(KEY);
    expect(printed(model)).not.toContain(HEADER);
    expect(JSON.stringify(model)).toBe('{"name":"m"}');
    expect(Object.isFrozen(model)).toBe(true);
  });

  const echo = (status: number, type: string) => async () =>
    new Response(`{"error":{"message":"${KEY} ${HEADER} is wrong"}} data: ${KEY}`, {
      status,
      headers: { 'content-type': type, 'x-echo': KEY },
    });
  it.each<[string, NonNullable<OpenAiCompatibleOptions['fetch']>]>([
    ['a refusal that quotes it', echo(401, 'application/json')],
    ['an answer that quotes it', echo(200, 'application/json')],
    [
      'a stream that quotes it',
      async () => new Response(`data: {"error":{"message":"${KEY}"}}\n\n`),
    ],
    [
      'a refusal that quotes it a hundred times',
      async () => new Response(`${KEY} ${HEADER}`.repeat(100), { status: 500 }),
    ],
    ['a stream of nonsense', async () => new Response(`data: ${KEY}\n\n`)],
    [
      'a fetch that throws with its request',
      async (_url, init) => {
        throw Object.assign(new Error(`cannot send ${KEY}`, { cause: init }), { request: init });
      },
    ],
    [
      'a body that breaks',
      async () =>
        new Response(
          new ReadableStream({
            pull: (controller) => controller.error(new Error(`lost ${KEY} and ${HEADER}`)),
          }),
        ),
    ],
  ])('is in no error: %s', async (_name, fetch) => {
    for (const call of [
      () => modelOf(fetch).generate(asksPrice),
      () => streamed(modelOf(fetch), asksPrice),
    ]) {
      const error = await failureOf(call());
      expect(error).toMatchObject({ code: 'model_failed' });
      expect(printed(error)).not.toContain(KEY);
      expect(printed(error)).not.toContain(HEADER);
      // What users say stays out of logs, too.
      expect(String(error) + JSON.stringify(error)).not.toContain('pear');
    }
  });

  it.each([
    ['apiKey', { apiKey: `${KEY}\n` }, 'bad_secret'],
    ['headers', { headers: { 'x-key': `${HEADER}\n` } }, 'bad_option'],
    ['baseUrl', { baseUrl: `https://user:${KEY}@models.test/v1` }, 'bad_option'],
    ['baseUrl', { baseUrl: `https://models.test/v1?key=${KEY}` }, 'bad_option'],
  ])('is in no error about %s', (_name, options, code) => {
    const make = () =>
      openAiCompatible({ baseUrl: 'https://models.test/v1', model: 'm', ...options });
    expect(make).toThrow(expect.objectContaining({ code }));
    try {
      make();
    } catch (error) {
      expect(printed(error)).not.toContain(KEY);
      expect(printed(error)).not.toContain(HEADER);
    }
  });
});

describe('options', () => {
  const good = { baseUrl: 'https://models.test/v1', model: 'm' };
  it.each<[object, RegExp]>([
    [{ ...good, timeoutMS: 3 }, /did you mean 'timeoutMs'/u],
    [{ ...good, baseURL: 'x' }, /did you mean 'baseUrl'/u],
    [{ ...good, timeoutMs: 0 }, /`timeoutMs` .* from 1 to/u],
    [{ ...good, retries: 11 }, /`retries` .* from 0 to 10; it got 11/u],
    [{ ...good, maxAnswerBytes: 3 }, /`maxAnswerBytes`/u],
    [{ ...good, schemas: 'yes' }, /json_schema, json_object, prompt/u],
    [{ ...good, body: { messages: [] } }, /'messages' is one of these/u],
    [{ ...good, body: 3 }, /`body`/u],
    [{ ...good, fetch: 3 }, /`fetch`/u],
    [{ ...good, clock: {} }, /`clock`/u],
    [{ ...good, model: '' }, /`model`/u],
    [{ model: 'm' }, /`baseUrl`/u],
    [{ ...good, baseUrl: 'ftp://models.test' }, /`baseUrl`/u],
  ])('are refused: %j', (options, text) => {
    const make = () => openAiCompatible(options as OpenAiCompatibleOptions);
    expect(make).toThrow(expect.objectContaining({ code: 'bad_option' }));
    expect(make).toThrow(text);
  });
});
