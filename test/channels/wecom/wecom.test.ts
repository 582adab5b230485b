import { describe, expect, test } from 'vitest';
import { createWebhook } from 'colloquy/channels/webhook';
import { corpTokens, wecom, type WecomOptions } from 'colloquy/channels/wecom';
import { createCipher } from '../../../src/channels/wechat/cipher.ts';
import { parseXml } from '../../../src/channels/wechat/parse.ts';
import { signValues } from '../../../src/channels/wechat/signature.ts';
import { ColloquyError } from '../../../src/errors.ts';
import type { Reply } from '../../../src/reply.ts';
import { stubClock, stubRunner } from '../stubs.ts';
import { vector } from '../vectors.ts';

const { token: TOKEN, encodingAESKey: KEY, receiveId: CORP } = vector('C1');
const cipher = createCipher({ keys: [KEY], receiveId: CORP });

function setUp(options: Partial<WecomOptions> = {}, replies: readonly (string | Reply)[] = ['好']) {
  const errors: unknown[] = [];
  const runner = stubRunner(() => replies);
  const channel = wecom({
    corpId: CORP,
    agentId: 218,
    token: TOKEN,
    encodingAESKey: KEY,
    ...options,
  });
  const handler = createWebhook(runner, channel, {
    clock: stubClock(1_409_659_999_000),
    onError: (error) => errors.push(error),
  });
  return { handler, channel, runner, errors };
}

const URL_BASE = 'http://bot.example/wecom?';

function post(plain: string, { json = false, spoil = '', receiveId = CORP } = {}): Request {
  const encrypt = createCipher({ keys: [KEY], receiveId }).seal(plain);
  const query = new URLSearchParams({
    msg_signature: signValues([TOKEN, '1409659813', '1372623149', encrypt]),
    timestamp: '1409659813',
    nonce: '1372623149',
  });
  const body = json
    ? JSON.stringify({ tousername: CORP, encrypt: spoil + encrypt, agentid: '218' })
    : `<xml><ToUserName><![CDATA[${CORP}]]></ToUserName><Encrypt><![CDATA[${spoil + encrypt}]]></Encrypt><AgentID><![CDATA[218]]></AgentID></xml>`;
  return new Request(URL_BASE + query.toString(), { method: 'POST', body });
}

const seen = async (response: Response): Promise<[number, string]> => [
  response.status,
  await response.text(),
];

describe('verification of the URL', () => {
  const { timestamp, nonce, msg_signature, encrypt, plaintext } = vector('C1');
  const rest = `msg_signature=${msg_signature}&timestamp=${timestamp}&nonce=${nonce}`;

  test.each([
    ['escaped', encodeURIComponent(encrypt)],
    ['with a plus that is not escaped', encrypt],
  ])('gives the echostr back decrypted, %s (vector C1)', async (_, echostr) => {
    const { handler } = setUp();
    const response = await handler(new Request(`${URL_BASE}${rest}&echostr=${echostr}`));
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await seen(response)).toEqual([200, plaintext]);
  });

  test.each([
    ['another echostr', `${rest}&echostr=${encodeURIComponent(cipher.seal('x'))}`],
    ['none', rest],
    ['two', `${rest}&echostr=x&echostr=y`],
    ['no signature', `timestamp=1&nonce=2&echostr=${encodeURIComponent(encrypt)}`],
  ])('gives nothing back for %s', async (_, query) => {
    expect(await seen(await setUp().handler(new Request(URL_BASE + query)))).toEqual([403, '']);
  });
});

describe('a push', () => {
  test('of text is a message of the application’s user (vector C2)', async () => {
    const { timestamp, nonce, msg_signature, encrypt } = vector('C2');
    const { handler, runner } = setUp({}, []);
    const query = new URLSearchParams({ timestamp, nonce, msg_signature });
    const body = `<xml><ToUserName><![CDATA[${CORP}]]></ToUserName><Encrypt><![CDATA[${encrypt}]]></Encrypt><AgentID><![CDATA[218]]></AgentID></xml>`;
    const request = new Request(URL_BASE + query.toString(), { method: 'POST', body });
    expect(await seen(await handler(request))).toEqual([200, '']);
    expect(runner.calls).toMatchObject([
      {
        openid: `wecom:${CORP}:218:mycreate`,
        message: { type: 'message.text', text: 'hello' },
        options: { id: `${CORP}:m:4561255354251345929`, deadlineMs: 4500 },
      },
    ]);
  });

  const plain = (fields = ''): string =>
    `<xml><ToUserName>${CORP}</ToUserName><FromUserName>u</FromUserName><MsgType>text</MsgType><Content>hi</Content><MsgId>1</MsgId>${fields}</xml>`;

  test('is answered encrypted, in XML', async () => {
    const [status, body] = await seen(await setUp().handler(post(plain())));
    const fields = parseXml(Buffer.from(body));
    const encrypt = fields['Encrypt'] as string;
    expect([status, fields['TimeStamp'], fields['Nonce']]).toEqual([
      200,
      '1409659999',
      '1372623149',
    ]);
    expect(fields['MsgSignature']).toBe(signValues([TOKEN, '1409659999', '1372623149', encrypt]));
    const inner = parseXml(cipher.open(encrypt) ?? new Uint8Array());
    expect(inner).toMatchObject({ ToUserName: 'u', FromUserName: CORP, Content: '好' });
  });

  test('is answered encrypted, in JSON with its names', async () => {
    const json = `{"ToUserName":"${CORP}","FromUserName":"u","MsgType":"text","Content":"hi","MsgId":4561255354251345929}`;
    const { handler, runner } = setUp();
    const [, body] = await seen(await handler(post(json, { json: true })));
    const answer = JSON.parse(body) as Record<string, unknown>;
    expect(Object.keys(answer)).toEqual(['encrypt', 'msgsignature', 'timestamp', 'nonce']);
    const inner = Buffer.from(cipher.open(answer['encrypt'] as string) ?? []).toString();
    expect(JSON.parse(inner)).toMatchObject({ ToUserName: 'u', Content: '好' });
    expect(runner.calls[0]?.options.id).toBe(`${CORP}:m:4561255354251345929`);
  });

  test.each([
    ['changed', post(plain(), { spoil: 'AAAA' }), 403],
    ['for another corporation', post(plain(), { receiveId: 'other' }), 403],
    ['in plaintext', new Request(URL_BASE, { method: 'POST', body: plain() }), 403],
    ['to another corporation', post(plain().replace(CORP, 'ww0000000000000001')), 400],
    [
      'to another corporation, in JSON',
      post(`{"ToUserName":"ww1","FromUserName":"u"}`, { json: true }),
      400,
    ],
    ['to two corporations', post(plain(`<ToUserName>${CORP}</ToUserName>`)), 400],
    ['for another application', post(plain('<AgentID>219</AgentID>')), 400],
    ['that is no XML inside', post('hello'), 400],
    ['by another method', new Request(URL_BASE, { method: 'PUT', body: 'x' }), 405],
  ])('%s is refused', async (_, request, status) => {
    const { handler, runner } = setUp();
    expect(await seen(await handler(request))).toEqual([status, '']);
    expect(runner.calls).toEqual([]);
  });
});

test('a push to the receiver of a provider is taken', async () => {
  const { handler, runner } = setUp({ receiveId: 'suite' });
  const body = `<xml><ToUserName>suite</ToUserName><FromUserName>u</FromUserName><MsgType>text</MsgType><Content>hi</Content><MsgId>1</MsgId></xml>`;
  expect((await handler(post(body, { receiveId: 'suite' }))).status).toBe(200);
  expect(runner.calls).toHaveLength(1);
});

describe('a push of ours', () => {
  function pusher(answer: object) {
    const sent: unknown[] = [];
    const { channel } = setUp({
      push: {
        accessToken: { get: async () => 'canary', renew: async () => 'next' },
        baseUrl: 'http://api.example',
        fetch: async (url, init) => {
          sent.push([new URL(url).pathname, JSON.parse(init.body as string)]);
          return Response.json(answer);
        },
      },
    });
    const push = (reply: Reply, user = 'u'): Promise<void> | undefined =>
      channel.push?.(`wecom:${CORP}:218:${user}`, reply, {
        id: 'r',
        signal: new AbortController().signal,
      });
    return { push, sent };
  }

  test('goes to the user, from the application', async () => {
    const { push, sent } = pusher({ errcode: 0 });
    await push({ type: 'text', text: '你好' });
    await push({ type: 'news', articles: [1, 2].map((n) => ({ title: `${n}`, url: 'u' })) });
    expect(sent).toMatchObject([
      [
        '/cgi-bin/message/send',
        { touser: 'u', agentid: 218, msgtype: 'text', text: { content: '你好' } },
      ],
      ['/cgi-bin/message/send', { news: { articles: [{ title: '1' }, { title: '2' }] } }],
    ]);
  });

  test.each<[string, Reply, object, string]>([
    [
      'there is no such user',
      { type: 'text', text: 'x' },
      { errcode: 0, invaliduser: 'u' },
      'bad_openid',
    ],
    ['there is no such kind', { type: 'music', url: 'u' }, {}, 'unsayable_reply'],
    ['a handoff', { type: 'handoff' }, {}, 'unsayable_reply'],
  ])('is given up where %s', async (_, reply, answer, code) => {
    const { push } = pusher(answer);
    await expect(push(reply)).rejects.toMatchObject({ code, retryable: false });
  });

  test.each(['@all', 'u|v'])('goes to exactly one user, and not to %s', async (user) => {
    const { push, sent } = pusher({ errcode: 0 });
    await expect(push({ type: 'text', text: 'x' }, user)).rejects.toMatchObject({
      code: 'unknown_openid',
      retryable: false,
    });
    expect(sent).toEqual([]);
  });
});

test('the token of an application is fetched by corporation and secret', async () => {
  const urls: string[] = [];
  const tokens = corpTokens({
    corpId: CORP,
    secret: 's',
    baseUrl: 'http://api.example',
    fetch: async (url) => {
      urls.push(url);
      return Response.json({ errcode: 0, access_token: 't', expires_in: 7200 });
    },
  });
  expect(await tokens.get()).toBe('t');
  expect(urls).toEqual([`http://api.example/cgi-bin/gettoken?corpid=${CORP}&corpsecret=s`]);
});

test.each([
  ['bad_app_id', { corpId: '', secret: 's' }],
  ['bad_secret', { corpId: CORP, secret: undefined as never }],
])('a provider of tokens without what it needs is refused with %s', (code, options) => {
  expect(() => corpTokens(options)).toThrow(expect.objectContaining({ code }));
});

test.each<[Partial<WecomOptions>, string]>([
  [{ corpId: '' }, 'bad_app_id'],
  [{ agentId: 'a:b' }, 'bad_app_id'],
  [{ corpId: undefined as never }, 'bad_app_id'],
  [{ agentId: undefined as never }, 'bad_app_id'],
  [{ token: '' }, 'bad_token'],
  [{ token: undefined as never }, 'bad_token'],
  [{ token: 'a token' }, 'bad_token'],
  [{ encodingAESKey: undefined as never }, 'bad_key'],
  [{ encodingAESKey: 'short' }, 'bad_key'],
  [{ freshMs: 0 }, 'bad_option'],
])('options like %j are refused', (options, code) => {
  expect(() => setUp(options)).toThrow(
    expect.toSatisfy((error) => ColloquyError.is(error, code)) as Error,
  );
});
