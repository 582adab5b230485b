import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createWebhook } from 'colloquy/channels/webhook';
import { accessTokens, wechat } from 'colloquy/channels/wechat';
import { parseXml } from '../../../src/channels/wechat/parse.ts';
import { signValues } from '../../../src/channels/wechat/signature.ts';
import { ColloquyError } from '../../../src/errors.ts';
import { echoTexts, stubClock, stubRunner } from '../stubs.ts';
import { vector } from '../vectors.ts';
import { event, push, signedQuery, TOKEN, xml } from './pushes.ts';

function setUp(answer: Parameters<typeof stubRunner>[0] = echoTexts, token = TOKEN) {
  const errors: unknown[] = [];
  const runner = stubRunner(answer);
  const clock = stubClock(1_714_036_600_123);
  const handler = createWebhook(runner, wechat({ token }), {
    clock,
    onError: (error) => errors.push(error),
  });
  return { handler, runner, errors };
}

async function seen(
  response: Response,
): Promise<{ status: number; type: string | null; body: string }> {
  const type = response.headers.get('content-type');
  return { status: response.status, type, body: await response.text() };
}

const REFUSED = { status: 403, type: null, body: '' };
const SUCCESS = { status: 200, type: 'text/plain; charset=utf-8', body: 'success' };
const codes = (errors: readonly unknown[]): unknown[] =>
  errors.map((error) => (ColloquyError.is(error) ? error.code : error));

describe('verification of the URL', () => {
  const { token, timestamp, nonce, signature, echostr } = vector('A1');
  const url = (query: Record<string, string>): Request =>
    new Request(`http://bot.example/?${new URLSearchParams(query)}`);
  const good = { signature, timestamp, nonce, echostr };

  test("gives the console's echostr back", async () => {
    const response = await setUp(echoTexts, token).handler(url(good));
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await seen(response)).toEqual({ ...SUCCESS, body: '4375120948345356249' });
  });

  test('gives nothing back to anybody else', async () => {
    const { handler } = setUp(echoTexts, token);
    const forged = { ...good, signature: '0'.repeat(40), echostr: '<script>alert(1)</script>' };
    expect(await seen(await handler(url(forged)))).toEqual(REFUSED);
    expect(await seen(await handler(new Request('http://bot.example/')))).toEqual(REFUSED);
  });

  test('gives back neither a long echostr nor one of two', async () => {
    const { handler } = setUp(echoTexts, token);
    const long = await handler(url({ ...good, echostr: 'x'.repeat(257) }));
    expect(await seen(long)).toEqual({ ...REFUSED, status: 400 });
    const two = await handler(new Request(`${url(good).url}&echostr=2`));
    expect(await seen(two)).toEqual({ ...REFUSED, status: 400 });
  });

  test('a GET that asks for nothing, and other methods, are not allowed', async () => {
    const { handler } = setUp(echoTexts, token);
    const { echostr: _, ...rest } = good;
    for (const request of [url(rest), new Request(url(good), { method: 'PUT', body: 'x' })]) {
      const response = await handler(request);
      expect(response.headers.get('allow')).toBe('GET, POST');
      expect(await seen(response)).toEqual({ ...REFUSED, status: 405 });
    }
  });
});

describe('a push', () => {
  test('of text is answered with text', async () => {
    const { handler, runner, errors } = setUp();
    const answer = await seen(await handler(push(xml({ Content: '你好' }))));
    expect(answer).toMatchObject({ status: 200, type: 'application/xml; charset=utf-8' });
    expect({ ...parseXml(Buffer.from(answer.body)) }).toEqual({
      ToUserName: 'openid-1',
      FromUserName: 'gh_account',
      CreateTime: '1714036600',
      MsgType: 'text',
      Content: '你好',
    });
    expect(runner.calls).toMatchObject([
      {
        openid: 'openid-1',
        message: { type: 'message.text', text: '你好' },
        options: { id: 'gh_account:m:5847060634540564918', receivedAt: 1_714_036_600_123 },
      },
    ]);
    expect(errors).toEqual([]);
  });

  test('with nothing to say is answered with success', async () => {
    const { handler } = setUp(() => []);
    expect(await seen(await handler(push(xml())))).toEqual(SUCCESS);
  });

  test('of an unknown kind is acknowledged', async () => {
    const { handler, runner } = setUp();
    expect(await seen(await handler(push(xml({ MsgType: 'hologram' }))))).toEqual(SUCCESS);
    expect(runner.calls).toMatchObject([{ message: { type: 'message.unknown' } }]);
  });

  test('that tells of an unfollow is never answered with a message', async () => {
    const { handler, runner, errors } = setUp(() => ['goodbye', 'come back']);
    expect(await seen(await handler(push(event('unsubscribe'))))).toEqual(SUCCESS);
    expect(runner.calls).toMatchObject([{ message: { type: 'event.unfollow' } }]);
    expect(codes(errors)).toEqual(['reply_not_sent', 'reply_not_sent']);
    expect(errors).toMatchObject([
      { openid: 'openid-1', details: { channel: 'wechat', index: 0, reason: 'nobody_to_answer' } },
      { openid: 'openid-1', details: { channel: 'wechat', index: 1, reason: 'nobody_to_answer' } },
    ]);
    expect(String(errors)).not.toContain('goodbye');
  });

  test('with too much to say is answered with what fits, and the rest is reported', async () => {
    const { handler, errors } = setUp(() => ['a', 'b', 'x'.repeat(3000)]);
    const { body } = await seen(await handler(push(xml())));
    expect(parseXml(Buffer.from(body))['Content']).toBe('a\nb');
    expect(errors).toMatchObject([{ code: 'reply_not_sent', details: { index: 2 } }]);
  });

  test.each([
    ['a message', xml(), 1],
    ['an event', event('subscribe'), 8],
  ])('is answered with as many articles as %s allows', async (_, body, most) => {
    const articles = Array.from({ length: 8 }, (_article, n) => ({ title: `${n}`, url: 'u' }));
    const { handler } = setUp(() => [{ type: 'news', articles }]);
    const answer = await seen(await handler(push(body)));
    expect(parseXml(Buffer.from(answer.body))['ArticleCount']).toBe(`${most}`);
  });

  test.each([
    ['that is no XML', '{"ToUserName":"secret"}'],
    ['with a document type', `<!DOCTYPE xml>${xml({ Content: 'secret' })}`],
    ['without a sender', xml({ FromUserName: undefined, Content: 'secret' })],
    ['that is no UTF-8', Buffer.from([0x3c, 0x78, 0xff])],
  ])('%s gets 400, is reported and is not handled', async (_, body) => {
    const { handler, runner, errors } = setUp();
    expect(await seen(await handler(push(body)))).toEqual({ ...REFUSED, status: 400 });
    expect(runner.calls).toEqual([]);
    expect(codes(errors)).toEqual(['bad_body']);
    expect(String(errors)).not.toContain('secret');
  });

  test('of JSON is taken as well, and answered in JSON (vector A2)', async () => {
    const { token, timestamp, nonce, signature, body } = vector('A2');
    const { handler, runner, errors } = setUp(() => ['好'], token);
    const query = `signature=${signature}&timestamp=${timestamp}&nonce=${nonce}`;
    const answer = await seen(await handler(push(body, query)));
    expect(answer).toMatchObject({ status: 200, type: 'application/json; charset=utf-8' });
    expect(JSON.parse(answer.body)).toEqual({
      ToUserName: 'o9AgO5Kd5ggOC-bXrbNODIiE3bGY',
      FromUserName: 'gh_97417a04a28d',
      CreateTime: 1_714_036_600,
      MsgType: 'text',
      Content: '好',
    });
    expect(runner.calls[0]?.message).toMatchObject({
      type: 'event.unknown',
      raw: { debug_str: 'hello world', CreateTime: '1714037059' },
    });
    expect(errors).toEqual([]);
  });

  test('of 10 MB is refused and not handled', async () => {
    const { handler, runner } = setUp();
    const body = xml({ Content: 'x'.repeat(10_000_000) });
    expect(await seen(await handler(push(body)))).toEqual({ ...REFUSED, status: 413 });
    expect(runner.calls).toEqual([]);
  });
});

describe('a push whose sender is not proven', () => {
  test('gets 403 before its body is looked at', async () => {
    const { handler, runner, errors } = setUp();
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>(
      { pull: () => void (pulled += 1) },
      { highWaterMark: 0 },
    );
    expect(await seen(await handler(push(body, signedQuery('other'))))).toEqual(REFUSED);
    expect(pulled).toBe(0);
    expect(runner.calls).toEqual([]);
    expect(errors).toEqual([]);
  });

  test('never reaches the runner after any change', async () => {
    const { handler, runner } = setUp();
    const good = { signature: signValues([TOKEN, '1714036504', '1514711492']) };
    const part = fc.oneof(fc.constantFrom('', '0', good.signature), fc.string());
    const queries = fc
      .record({
        signature: fc.oneof(part, fc.constant(good.signature)),
        timestamp: fc.oneof(fc.constant('1714036504'), part),
        nonce: fc.oneof(fc.constant('1514711492'), part),
        extra: fc.constantFrom(
          '',
          '&signature=',
          `&signature=${good.signature}`,
          '&nonce=1',
          '&encrypt_type=aes',
        ),
        without: fc.constantFrom('', 'signature', 'timestamp', 'nonce'),
      })
      .map(({ extra, without, ...query }) => {
        const parameters = new URLSearchParams(query);
        parameters.delete(without);
        return `${parameters}${extra}`;
      })
      .filter((query) => {
        const parameters = new URLSearchParams(query);
        const all = ['signature', 'timestamp', 'nonce'].map((name) => parameters.getAll(name));
        const [signature = '', timestamp = '', nonce = ''] = all.map(([value]) => value ?? '');
        const isWhole = all.every((values) => values.length === 1 && values[0] !== '');
        return !isWhole || signature !== signValues([TOKEN, timestamp, nonce]);
      });
    await fc.assert(
      fc.asyncProperty(queries, async (query) => {
        expect(await seen(await handler(push(xml(), query)))).toEqual(REFUSED);
        expect(runner.calls).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the options', () => {
  test.each([
    undefined,
    '',
    42,
    null,
    'ab',
    'a'.repeat(33),
    'a token',
    'SpoilsTheLine\n',
    '"quoted"',
    '令牌令牌',
  ])('a token of %j is refused', (token) => {
    expect(() => wechat({ token: token as string })).toThrow(
      expect.toSatisfy(
        (error) =>
          ColloquyError.is(error, 'bad_token') &&
          !(typeof token === 'string' && token !== '' && error.message.includes(token.trim())),
      ),
    );
  });

  test.each([
    ['an AppID', 'bad_app_id', { appId: undefined as never, secret: 's' }],
    ['a secret', 'bad_secret', { appId: 'wx1', secret: undefined as never }],
    ['a secret of some letters', 'bad_secret', { appId: 'wx1', secret: '' }],
  ])('access tokens without %s are refused', (_, code, options) => {
    expect(() => accessTokens(options)).toThrow(
      expect.toSatisfy((error) => ColloquyError.is(error, code)) as Error,
    );
  });

  test.each([
    ['a mode that is none', { mode: 'secret' as 'safe' }, 'bad_mode'],
    ['a key and no mode', { appId: 'a', encodingAESKey: 'A'.repeat(43) }, 'bad_mode'],
    ['no time in which a request is fresh', { freshMs: 0 }, 'bad_option'],
    ['no AppID', { mode: 'safe' }, 'bad_app_id'],
    ['no key', { mode: 'safe', appId: 'a' }, 'bad_key'],
    [
      'a key that is too short',
      { mode: 'compat', appId: 'a', encodingAESKey: 'secret' },
      'bad_key',
    ],
    [
      'one wrong key of two',
      { mode: 'safe', appId: 'a', encodingAESKey: ['A'.repeat(43), ''] },
      'bad_key',
    ],
    ['one empty token of two', { token: ['secret', ''] }, 'bad_token'],
    ['a list of no tokens', { token: [] }, 'bad_token'],
  ] as const)('with %s are refused', (_, options, code) => {
    expect(() => wechat({ token: 'secret', ...options })).toThrow(
      expect.toSatisfy(
        (error) => ColloquyError.is(error, code) && !error.message.includes('secret'),
      ),
    );
  });
});
