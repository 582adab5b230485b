import { describe, expect, test } from 'vitest';
import { createWebhook } from 'colloquy/channels/webhook';
import { wechat, type WechatOptions } from 'colloquy/channels/wechat';
import { createCipher } from '../../../src/channels/wechat/cipher.ts';
import { parseXml } from '../../../src/channels/wechat/parse.ts';
import { signValues } from '../../../src/channels/wechat/signature.ts';
import { ColloquyError } from '../../../src/errors.ts';
import type { Reply } from '../../../src/reply.ts';
import { stubClock, stubRunner } from '../stubs.ts';
import { vector } from '../vectors.ts';
import { push, signedQuery, TOKEN, xml } from './pushes.ts';

const KEY = 'jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C';
const APP = 'wxba5fad812f8e6fb9';
const cipher = createCipher({ keys: [KEY], receiveId: APP });

function setUp(
  options: Partial<WechatOptions> = {},
  replies: readonly (string | Reply)[] = ['好'],
) {
  const errors: unknown[] = [];
  const runner = stubRunner(() => replies);
  const channel = wechat({
    token: TOKEN,
    appId: APP,
    encodingAESKey: KEY,
    mode: 'safe',
    ...options,
  });
  const handler = createWebhook(runner, channel, {
    clock: stubClock(1_713_424_427_999),
    onError: (error) => errors.push(error),
  });
  return { handler, runner, errors };
}

interface Sent {
  readonly plain?: string;
  readonly token?: string;
  readonly receiveId?: string;
  readonly key?: string;
  readonly json?: boolean;
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** What stands beside the encrypted part. */
  readonly beside?: string;
}

/** An encrypted push as WeChat sends it; what is given spoils it. */
function sealed({
  plain = xml(),
  token = TOKEN,
  receiveId = APP,
  key = KEY,
  json = false,
  query = {},
  beside = '',
}: Sent = {}): Request {
  const encrypt = createCipher({ keys: [key], receiveId }).seal(plain);
  const [timestamp, nonce] = ['1714112445', '415670741'];
  const parameters = new URLSearchParams({
    signature: signValues([token, timestamp, nonce]),
    timestamp,
    nonce,
    openid: 'openid-1',
    encrypt_type: 'aes',
    msg_signature: signValues([token, timestamp, nonce, encrypt]),
  });
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) parameters.delete(name);
    else parameters.set(name, value);
  }
  const body = json
    ? JSON.stringify({ ToUserName: 'gh_account', Encrypt: encrypt })
    : `<xml><ToUserName><![CDATA[gh_account]]></ToUserName><Encrypt><![CDATA[${encrypt}]]></Encrypt>${beside}</xml>`;
  return push(body, String(parameters));
}

const seen = async (response: Response): Promise<[number, string]> => [
  response.status,
  await response.text(),
];

describe('a conversation in safe mode', () => {
  test.each(['A3', 'A5'])('opens the published push %s', async (id) => {
    const { token, encodingAESKey, receiveId, encrypt, ...vectored } = vector(id);
    const { timestamp, nonce, signature, msg_signature, plaintext } = vectored;
    const { handler, runner } = setUp({ token, encodingAESKey, appId: receiveId });
    const query = new URLSearchParams({ timestamp, nonce, signature, msg_signature });
    query.set('encrypt_type', 'aes');
    const json = JSON.stringify({ ToUserName: 'gh_97417a04a28d', Encrypt: encrypt });
    const body = plaintext.startsWith('{') ? json : `<xml><Encrypt>${encrypt}</Encrypt></xml>`;
    expect((await handler(push(body, String(query)))).status).toBe(200);
    expect(runner.calls).toMatchObject([
      {
        openid: 'o9AgO5Kd5ggOC-bXrbNODIiE3bGY',
        message: { type: 'event.unknown', raw: { Event: 'debug_demo', debug_str: 'hello world' } },
      },
    ]);
  });

  test('answers in XML, encrypted and signed byte for byte', async () => {
    const random = Buffer.from('707722b803182950');
    const { handler } = setUp({ random: () => random });
    const [status, body] = await seen(await handler(sealed()));
    const fields = parseXml(Buffer.from(body));
    const encrypt = fields['Encrypt'] as string;
    const signature = signValues([TOKEN, '1713424427', '415670741', encrypt]);
    expect(status).toBe(200);
    expect(body).toBe(
      `<xml><Encrypt><![CDATA[${encrypt}]]></Encrypt><MsgSignature><![CDATA[${signature}]]></MsgSignature>` +
        `<TimeStamp>1713424427</TimeStamp><Nonce><![CDATA[415670741]]></Nonce></xml>`,
    );
    const plain =
      '<xml><ToUserName><![CDATA[openid-1]]></ToUserName><FromUserName><![CDATA[gh_account]]></FromUserName>' +
      '<CreateTime>1713424427</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[好]]></Content></xml>';
    const expected = createCipher({ keys: [KEY], receiveId: APP, random: () => random });
    expect(encrypt).toBe(expected.seal(plain));
  });

  test('answers in JSON what came in JSON', async () => {
    const plain =
      '{"ToUserName":"gh_account","FromUserName":"openid-1","CreateTime":1714112445,"MsgType":"text","Content":"99999999999999999999","MsgId":4561255354251345929}';
    const { handler, runner } = setUp();
    const [, body] = await seen(await handler(sealed({ plain, json: true })));
    const answer = JSON.parse(body) as Record<string, string | number>;
    expect(Object.keys(answer)).toEqual(['Encrypt', 'MsgSignature', 'TimeStamp', 'Nonce']);
    expect(answer).toMatchObject({ TimeStamp: 1_713_424_427, Nonce: '415670741' });
    const opened = Buffer.from(cipher.open(String(answer['Encrypt'])) ?? []).toString();
    expect(JSON.parse(opened)).toMatchObject({ MsgType: 'text', Content: '好' });
    expect(runner.calls[0]).toMatchObject({
      message: { text: '99999999999999999999' },
      options: { id: 'gh_account:m:4561255354251345929' },
    });
  });

  test('acknowledges in plain words', async () => {
    const { handler } = setUp({}, []);
    expect(await seen(await handler(sealed()))).toEqual([200, 'success']);
  });

  test('continues while token and key are changed', async () => {
    const options = { token: ['new', TOKEN], encodingAESKey: ['A'.repeat(43), KEY] };
    const { handler } = setUp(options);
    const [, body] = await seen(await handler(sealed()));
    const { Encrypt, MsgSignature } = parseXml(Buffer.from(body));
    expect(MsgSignature).toBe(signValues(['new', '1713424427', '415670741', Encrypt as string]));
    const first = createCipher({ keys: ['A'.repeat(43)], receiveId: APP });
    expect(first.open(Encrypt as string)).toBeDefined();
  });
});

describe('a push that safe mode refuses', () => {
  test.each<[string, Request]>([
    ['plaintext', push(xml(), signedQuery())],
    ['plaintext that says it is encrypted', push(xml(), `${signedQuery()}&encrypt_type=aes`)],
    ['a signature over something else', sealed({ query: { msg_signature: '0'.repeat(40) } })],
    ['no signature over it', sealed({ query: { msg_signature: undefined } })],
    ['a wrong signature beside a right one', sealed({ query: { signature: '0'.repeat(40) } })],
    ['another token', sealed({ token: 'other' })],
    ['another timestamp', sealed({ query: { timestamp: '1714112446' } })],
    ['another account', sealed({ receiveId: 'wx-of-another' })],
    ['another key', sealed({ key: 'A'.repeat(43) })],
    ['two encrypted parts', sealed({ beside: '<Encrypt>x</Encrypt>' })],
    ['nothing', push('', sealed().url.split('?')[1] ?? '')],
  ])('%s', async (_, request) => {
    const { handler, runner } = setUp();
    const [status, body] = await seen(await handler(request));
    expect([400, 403]).toContain(status);
    expect(body).toBe('');
    expect(runner.calls).toEqual([]);
  });

  test('an encrypted part inside the encrypted part', async () => {
    const { handler, errors } = setUp();
    const plain = '<xml><FromUserName>u</FromUserName><Encrypt>x</Encrypt></xml>';
    expect((await handler(sealed({ plain }))).status).toBe(400);
    expect(ColloquyError.is(errors[0], 'bad_body')).toBe(true);
  });
});

test('a push may be proven by the signature over its payload alone', async () => {
  const { handler } = setUp();
  expect((await handler(sealed({ query: { signature: undefined } }))).status).toBe(200);
});

describe('compat mode', () => {
  test('takes plaintext, and answers so', async () => {
    const { handler } = setUp({ mode: 'compat' });
    const [, body] = await seen(await handler(push(xml())));
    expect(parseXml(Buffer.from(body))['Content']).toBe('好');
  });

  test('of a push that is both takes the encrypted part, and answers so', async () => {
    const { handler, runner } = setUp({ mode: 'compat' });
    const beside = '<FromUserName>stranger</FromUserName><Content>else</Content>';
    const [, body] = await seen(await handler(sealed({ beside })));
    expect(runner.calls[0]).toMatchObject({ openid: 'openid-1', message: { text: 'hi' } });
    expect(parseXml(Buffer.from(body))['Encrypt']).toBeDefined();
  });

  test('does not fall back to plaintext where the encrypted part is not proven', async () => {
    const { handler, runner } = setUp({ mode: 'compat' });
    const beside = '<FromUserName>stranger</FromUserName><MsgType>text</MsgType>';
    for (const query of [{ msg_signature: undefined }, { msg_signature: '0'.repeat(40) }]) {
      expect((await handler(sealed({ beside, query }))).status).toBe(403);
    }
    expect(runner.calls).toEqual([]);
  });
});

describe('several accounts on one runner', () => {
  test('have their own users by a prefix, and answers go to the user without it', async () => {
    const { handler, runner } = setUp({ mode: 'plaintext', prefix: 'wechat:shop:' });
    const [, body] = await seen(await handler(push(xml())));
    expect(runner.calls[0]?.openid).toBe('wechat:shop:openid-1');
    expect(parseXml(Buffer.from(body))['ToUserName']).toBe('openid-1');
  });

  test('count the same MsgId twice', async () => {
    const { handler, runner } = setUp({ mode: 'plaintext' });
    for (const ToUserName of ['gh_1', 'gh_2']) await handler(push(xml({ ToUserName })));
    expect(new Set(runner.calls.map(({ options }) => options.id)).size).toBe(2);
  });

  test.each(['plaintext', 'compat', 'safe'] as const)(
    'take only what is sent to them, where they are named: %s',
    async (mode) => {
      const { handler, runner, errors } = setUp({ mode, account: 'gh_1' });
      const send = async (fields: Parameters<typeof xml>[0]): Promise<number> =>
        (await handler(mode === 'plaintext' ? push(xml(fields)) : sealed({ plain: xml(fields) })))
          .status;
      expect(await send({ ToUserName: 'gh_1' })).toBe(200);
      expect(await send({ ToUserName: 'gh_2' })).toBe(400);
      expect(await send({ ToUserName: undefined })).toBe(400);
      expect(runner.calls).toHaveLength(1);
      expect(errors).toMatchObject([{ code: 'bad_body' }, { code: 'bad_body' }]);
    },
  );

  test.each(['', 1, null])('are not named %j', (account) => {
    expect(() => setUp({ account: account as string })).toThrow(
      expect.objectContaining({ code: 'bad_option' }) as Error,
    );
  });

  test('cannot be crossed by a sender with a colon in it', async () => {
    const { handler, runner, errors } = setUp({ mode: 'plaintext' });
    expect((await handler(push(xml({ FromUserName: 'telegram:1' })))).status).toBe(400);
    expect(runner.calls).toEqual([]);
    expect(ColloquyError.is(errors[0], 'bad_body')).toBe(true);
  });
});
