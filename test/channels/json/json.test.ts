import { type EventOf, type Reply, createRunner, setupDialogue } from 'colloquy';
import { jsonWebhook } from 'colloquy/channels/json';
import { createWebhook } from 'colloquy/channels/webhook';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import type { ChannelRequest, Reception } from '../../../src/channels/reception.ts';
import { UsageError } from '../../../src/errors.ts';
import { SECRET, signature } from '../subjects/json.ts';

const NOW = 1_700_000_000_000;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const request = (body: string, header = signature(SECRET, bytes(body), NOW)): ChannelRequest => ({
  method: 'POST',
  url: new URL('https://bot.example/'),
  headers: new Headers({ 'x-colloquy-signature': header }),
  receivedAt: NOW,
  readBody: async () => bytes(body),
});

const idOf = (reception: Reception) =>
  reception.type === 'messages' ? reception.messages[0]?.id : reception;

describe('a signature', () => {
  const channel = jsonWebhook({ secret: ['new', SECRET] });
  const body = '{"user":"ann","text":"hi"}';

  it('is the one that the documentation tells how to make', async () => {
    // printf '1700000000.{"user":"ann","text":"hi"}' | openssl dgst -sha256 -hmac canary-json-secret
    const digest = 'd696c57110dea87793a0287af44c953f98d6b8bc3586eae8a10544ff88102388';
    expect(signature(SECRET, bytes(body), NOW)).toBe(`t=1700000000,v1=${digest}`);
  });

  it('may be one of several, by any secret of a rotation', async () => {
    const [, other = ''] = signature('unknown', bytes(body), NOW).split(',');
    for (const secret of ['new', SECRET]) {
      const header = signature(secret, bytes(body), NOW);
      for (const each of [header, header.replace(',', `,${other},`)]) {
        expect(await channel.receive(request(body, each))).toMatchObject({ type: 'messages' });
      }
    }
    const unknown = signature('unknown', bytes(body), NOW);
    expect(await channel.receive(request(body, unknown))).toEqual({ type: 'reject', status: 401 });
  });

  it('takes the place of a missing id, with any other signatures in the header', async () => {
    const header = signature(SECRET, bytes(body), NOW);
    const padded = `${header},v1=${'0'.repeat(64)}`;
    const [first, again, later] = [
      idOf(await channel.receive(request(body, header))),
      idOf(await channel.receive(request(body, padded))),
      idOf(await channel.receive(request(body, signature(SECRET, bytes(body), NOW + 1000)))),
    ];
    expect(first).toEqual(expect.any(String));
    expect(again).toBe(first);
    expect(later).not.toBe(first);
  });
});

describe('a body', () => {
  const channel = jsonWebhook({ secret: SECRET });

  it.each([
    ['{"text":"hi"}', 'under `user`'],
    ['{"user":"","text":"hi"}', 'under `user`'],
    ['{"user":5,"text":"hi"}', 'under `user`'],
    ['{"user":"\\ud800","text":"hi"}', 'well-formed user'],
    [`{"user":"${'x'.repeat(510)}","text":"hi"}`, 'well-formed user'],
    ['{"user":"a","id":5,"text":"hi"}', 'under `id`'],
    ['{"user":"a","id":"","text":"hi"}', 'under `id`'],
    ['{"user":"a"}', 'either `text` or `message`'],
    ['{"user":"a","text":"hi","message":{"type":"message.text","text":"hi"}}', 'either `text`'],
    ['{"user":"a","text":5}', 'a string at `text`'],
    ['{"user":"a","message":null}', 'under `message.type`'],
    ['{"user":"a","message":{"type":"message.action"}}', 'at `message.value`'],
    ['{"user":"a","message":{"type":"message.location","latitude":"1","longitude":2}}', 'latitude'],
    ['{"user":"a","message":{"type":"event.follow","key":5}}', 'at `message.key`'],
    ['{"user":"a","message":{"type":"event.follow","spoken":"no"}}', 'at `message.spoken`'],
    ['{"user":"a","text":"hi","from":"ann"}', 'an object at `from`'],
    ['{"user":"a","text":"hi","from":null}', 'an object at `from`'],
    ['{"user":"a","text":"hi","from":[]}', 'at `from.id`'],
    ['{"user":"a","text":"hi","from":{"id":""}}', 'at `from.id`'],
    ['{"user":"a","text":"hi","from":{"id":7}}', 'at `from.id`'],
    ['{"user":"a","text":"hi","from":{"name":"Ann"}}', 'at `from.id`'],
    ['{"user":"a","text":"hi","from":{"id":"u7","name":7}}', 'at `from.name`'],
    [`{"user":"a","text":"hi","from":{"id":"${'x'.repeat(513)}"}}`, 'at most 512 characters'],
    [`{"user":"a","text":"hi","a":${'['.repeat(24)}${']'.repeat(24)}}`, 'at most 24 levels'],
  ])('%j is rejected, and the error says where', async (body, says) => {
    const reception = await channel.receive(request(body));
    expect(reception).toMatchObject({ type: 'reject', status: 400, error: { code: 'bad_body' } });
    expect(reception).toMatchObject({ error: { message: expect.stringContaining(says) } });
  });

  it('says who spoke, and whether a person spoke by an event', async () => {
    const from = { id: 'u7', name: 'Ann' };
    const messages = async (body: object): Promise<unknown> => {
      const reception = await channel.receive(request(JSON.stringify({ user: 'a', ...body })));
      return reception.type === 'messages' && reception.messages.map(({ message }) => message);
    };
    expect(await messages({ text: 'hi', from: { ...from, more: 1 } })).toMatchObject([
      { type: 'message.text', text: 'hi', from },
    ]);
    expect(await messages({ message: { type: 'message.action', value: 'x' }, from })).toMatchObject(
      [{ type: 'message.action', from }],
    );
    const paid = { type: 'event.paid', spoken: true };
    expect(await messages({ message: paid, from: { id: 'u7' } })).toMatchObject([
      { type: 'event.unknown', spoken: true, from: { id: 'u7' } },
    ]);
    const [plain] = (await messages({ text: 'hi' })) as [object];
    expect(plain).not.toHaveProperty('from');
  });

  it('keeps the fields of an event that the dialogue declares, but for those that the channel sets', async () => {
    const own = jsonWebhook({ secret: SECRET, events: ['event.paid'] });
    const event = { type: 'event.paid', orderId: 'o1', lines: [{ dish: 'soup' }], key: 'k' };
    const forged = { from: { id: 'root' }, raw: 'x', receivedAt: 1 };
    const body = JSON.stringify({ user: 'a', message: { ...event, ...forged } });
    const reception = await own.receive(request(body));
    if (reception.type !== 'messages') throw new Error(reception.type);
    const [heard] = reception.messages;
    expect(heard?.message).toEqual({ ...event, raw: JSON.parse(body) as unknown });
    const unknown = await channel.receive(request(body));
    expect(unknown).toMatchObject({ messages: [{ message: { type: 'event.unknown', key: 'k' } }] });
    expect(unknown).not.toHaveProperty('messages.0.message.orderId');
  });

  it('hands an event with its fields to the state that waits for it', async () => {
    const { createDialogue, done, reply } = setupDialogue({
      events: { paid: {} as { orderId: string } },
    });
    const order = createDialogue({
      id: 'order',
      context: {},
      initial: 'paying',
      states: {
        paying: {
          entry: reply('Please pay.'),
          on: {
            'event.paid': {
              target: 'paid',
              actions: reply(({ event }) => `Paid: ${event.orderId}.`),
            },
          },
        },
        paid: done(),
      },
    });
    type Own = EventOf<typeof order>['type'];
    // @ts-expect-error the dialogue declares no such event
    jsonWebhook<Own>({ secret: SECRET, events: ['event.payd'] });
    const handler = createWebhook(
      createRunner(order, { clock: createManualClock({ now: NOW }) }),
      jsonWebhook<Own>({ secret: SECRET, events: ['event.paid'] }),
    );
    const post = async (fields: object): Promise<unknown> => {
      const body = JSON.stringify({ user: 'ann', ...fields });
      const headers = { 'x-colloquy-signature': signature(SECRET, bytes(body), NOW) };
      const answer = await handler(
        new Request('https://bot.example', { method: 'POST', headers, body }),
      );
      return answer.json();
    };
    expect(await post({ text: 'hi' })).toEqual({
      replies: [{ type: 'text', text: 'Please pay.' }],
    });
    expect(await post({ message: { type: 'event.paid', orderId: 'o1' } })).toEqual({
      replies: [{ type: 'text', text: 'Paid: o1.' }],
    });
  });

  it('leaves out what would reach a prototype, however it is written', async () => {
    for (const key of ['__proto__', '\\u005f_proto__', '_\\u005Fproto__', '__\\u0070roto__']) {
      const body = `{"user":"a","text":"hi","${key}":{"admin":true}}`;
      const reception = await channel.receive(request(body));
      expect(reception).toMatchObject({ messages: [{ message: { text: 'hi' } }] });
      if (reception.type !== 'messages') continue;
      expect(reception.messages[0]?.message.raw).toEqual({ user: 'a', text: 'hi' });
    }
  });
});

describe('what is said', () => {
  it('is in the answer as the dialogue said it', async () => {
    const channel = jsonWebhook({ secret: SECRET });
    const reception = await channel.receive(request('{"user":"a","text":"hi"}'));
    if (reception.type !== 'messages') throw new Error(reception.type);
    const replies: Reply[] = [
      { type: 'text', text: 'one \ud800' },
      { type: 'handoff', to: 'desk' },
    ];
    const { answer, unsent } = reception.render?.(replies, NOW) ?? { unsent: [] };
    expect(unsent).toEqual([]);
    expect(JSON.parse(answer?.body ?? '')).toEqual({
      replies: [{ type: 'text', text: 'one \ufffd' }, replies[1]],
    });
  });

  it('is pushed under its id, signed as what comes is', async () => {
    const calls: { headers: Headers; body: string }[] = [];
    const { push } = jsonWebhook({
      secret: [SECRET, 'old'],
      push: {
        url: 'https://other.example/',
        clock: { now: () => NOW, wake: () => () => {} },
        async fetch(_url, { headers, body }) {
          calls.push({ headers: new Headers(headers), body });
          return new Response();
        },
      },
    });
    const { signal } = new AbortController();
    await push?.('json:ann', { type: 'text', text: 'hi' }, { id: 'r-1', signal });
    const [call] = calls;
    const body = '{"user":"ann","id":"r-1","reply":{"type":"text","text":"hi"}}';
    expect(call?.body).toBe(body);
    expect(call?.headers.get('x-colloquy-signature')).toBe(signature(SECRET, bytes(body), NOW));
  });

  it('waits for the next message where there is no address for it', () => {
    expect(jsonWebhook({ secret: SECRET })).not.toHaveProperty('push');
  });
});

it.each([
  [{ secret: '' }, 'bad_secret'],
  [{ secret: undefined as never }, 'bad_secret'],
  [{ secret: 's', prefix: 'a:b' }, 'bad_prefix'],
  [{ secret: 's', freshMs: 0 }, 'bad_option'],
  [{ secret: 's', answerMs: Number.NaN }, 'bad_option'],
  [{ secret: 's', push: { url: 'ftp://a.example' } }, 'bad_option'],
  [{ secret: 's', push: { url: '' } }, 'bad_option'],
])('options %j are refused with %s', (options, code) => {
  expect(() => jsonWebhook(options)).toThrow(UsageError);
  expect(() => jsonWebhook(options)).toThrow(expect.objectContaining({ code }));
});
