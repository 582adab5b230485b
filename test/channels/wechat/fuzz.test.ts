import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createWebhook } from 'colloquy/channels/webhook';
import { wechat, type WechatOptions } from 'colloquy/channels/wechat';
import { createCipher } from '../../../src/channels/wechat/cipher.ts';
import { signValues } from '../../../src/channels/wechat/signature.ts';
import { stubRunner } from '../stubs.ts';
import { TOKEN, xml } from './pushes.ts';

/** `FUZZ_REQUESTS=1000000 npm run test:fuzz` sends that many. */
const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 20_000);
const MODES = ['plaintext', 'compat', 'safe'] as const;

const KEY = 'jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C';
const APP = 'wx1';
const [TIMESTAMP, NONCE] = ['1714112445', '415670741'];
const cipher = createCipher({ keys: [KEY], receiveId: APP });
const ENCRYPTED = cipher.seal(xml());
const JSON_BODY =
  '{"ToUserName":"gh","FromUserName":"u","MsgType":"text","Content":"hi","MsgId":1}';

const GOOD_QUERY: Readonly<Record<string, string>> = {
  signature: signValues([TOKEN, TIMESTAMP, NONCE]),
  timestamp: TIMESTAMP,
  nonce: NONCE,
  encrypt_type: 'aes',
  msg_signature: signValues([TOKEN, TIMESTAMP, NONCE, ENCRYPTED]),
};
const BODIES = [
  xml(),
  JSON_BODY,
  `<xml><ToUserName>gh</ToUserName><Encrypt><![CDATA[${ENCRYPTED}]]></Encrypt></xml>`,
  JSON.stringify({ ToUserName: 'gh', Encrypt: ENCRYPTED }),
  `<xml><FromUserName>u</FromUserName><MsgType>text</MsgType><Content>x</Content><Encrypt>${ENCRYPTED}</Encrypt></xml>`,
];

const fragment = fc.oneof(
  fc.constantFrom(
    '<',
    '>',
    ']]>',
    '<![CDATA[',
    '<!DOCTYPE x>',
    '&amp;',
    '&#0;',
    '"',
    '\\u',
    '{',
    '[',
    '\0',
    '\uD800',
  ),
  fc.constantFrom(
    '<Encrypt>',
    '</xml>',
    '<item>',
    '"Encrypt":',
    '__proto__',
    ENCRYPTED.slice(0, 40),
  ),
  fc.string({ maxLength: 8 }),
);

/** A body that was cut, spliced, or made up. */
const body = fc.oneof(
  fc.constantFrom(...BODIES),
  fc
    .record({
      base: fc.constantFrom(...BODIES),
      at: fc.nat(2000),
      drop: fc.nat(40),
      insert: fragment,
    })
    .map(({ base, at, drop, insert }) => {
      const start = at % (base.length + 1);
      return base.slice(0, start) + insert + base.slice(start + drop);
    }),
  fc.array(fragment, { maxLength: 12 }).map((parts) => parts.join('')),
  fc.uint8Array({ maxLength: 64 }),
);

/** A query of which parameters are as they should be, changed, swapped, missing or doubled. */
const query = fc
  .array(
    fc.record({
      name: fc.constantFrom(...Object.keys(GOOD_QUERY), 'openid', 'echostr'),
      change: fc.oneof(
        fc.constantFrom('delete', 'double', 'swap'),
        fc.string({ maxLength: 12 }).map((value) => `=${value}`),
        fc.constantFrom(...Object.values(GOOD_QUERY)).map((value) => `=${value}`),
      ),
    }),
    { maxLength: 3 },
  )
  .map((changes) => {
    const parameters = new URLSearchParams(GOOD_QUERY);
    for (const { name, change } of changes) {
      const value = parameters.get(name) ?? '';
      if (change === 'delete') parameters.delete(name);
      else if (change === 'double') parameters.append(name, value);
      else if (change === 'swap') {
        parameters.set(name, parameters.get('nonce') ?? '');
        parameters.set('nonce', value);
      } else parameters.set(name, change.slice(1));
    }
    return parameters;
  });

/** Computes in another way whether a signature of a request is right: each value once, and of the right parts. */
function maySpeak(parameters: URLSearchParams, text: string, mode: WechatOptions['mode']): boolean {
  const one = (name: string): string => {
    const [value = '', ...others] = parameters.getAll(name);
    return others.length > 0 ? '' : value;
  };
  const parts = [TOKEN, one('timestamp'), one('nonce')];
  if (parts.includes('')) return false;
  if (mode !== 'safe' && one('signature') === signValues(parts)) return true;
  if (mode === 'plaintext') return false;
  return text.includes(ENCRYPTED) && one('msg_signature') === signValues([...parts, ENCRYPTED]);
}

test(`of ${REQUESTS} requests that were tampered with, none crashes and none unsigned is heard`, async () => {
  const errors: unknown[] = [];
  const bots = MODES.map((mode) => {
    // Something in any case: a bot that says an empty text learns that it cannot be sent.
    const runner = stubRunner(({ message }) => [`A ${message.type}.`]);
    const channel = wechat({ token: TOKEN, appId: APP, encodingAESKey: KEY, mode });
    const handler = createWebhook(runner, channel, { onError: (error) => errors.push(error) });
    return { mode, runner, handler };
  });
  const requests = fc.record({
    bot: fc.constantFrom(...bots),
    method: fc.constantFrom('POST', 'POST', 'POST', 'POST', 'GET', 'PUT'),
    query,
    body,
  });
  let heard = 0;
  await fc.assert(
    fc.asyncProperty(requests, async ({ bot, method, query, body }) => {
      errors.length = 0;
      bot.runner.calls.length = 0;
      const response = await bot.handler(
        new Request(`http://bot.example/?${query.toString()}`, {
          method,
          ...(method === 'GET'
            ? {}
            : { body: body as NonNullable<RequestInit['body']>, duplex: 'half' }),
        }),
      );
      expect([200, 400, 403, 405]).toContain(response.status);
      const text = typeof body === 'string' ? body : Buffer.from(body).toString();
      if (bot.runner.calls.length > 0) {
        heard += 1;
        expect(maySpeak(query, text, bot.mode)).toBe(true);
      } else if (response.status !== 200) {
        expect(await response.text()).toBe('');
      }
      for (const error of errors) expect(error).toMatchObject({ code: 'bad_body' });
    }),
    { numRuns: REQUESTS },
  );
  // Some were left whole, or nothing was put to the test.
  expect(heard).toBeGreaterThan(REQUESTS / 100);
}, 1_800_000);
