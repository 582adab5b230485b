import { type Reply, createContextStore, createRunner, setupDialogue } from 'colloquy';
import { telegram } from 'colloquy/channels/telegram';
import { createWebhook } from 'colloquy/channels/webhook';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Channel } from '../../../src/channels/channel.ts';
import type { Delivery } from '../../../src/channels/reception.ts';
import { TEXT_LIMIT, toCalls } from '../../../src/channels/telegram/calls.ts';
import { toUpdate } from '../../../src/channels/telegram/update.ts';
import { DeliveryError, UsageError } from '../../../src/errors.ts';
import { SECRET, TOKEN, payloads, telegramSubject } from '../subjects/telegram.ts';

const { createDialogue } = setupDialogue({ types: {} as { context: object } });
const silent = createDialogue({ id: 'silent', context: {} });

const openChannel = (answer: () => Response = () => Response.json({ ok: true })) => {
  const calls: { url: string; body: Record<string, unknown> }[] = [];
  const channel = telegram({
    token: TOKEN,
    secret: SECRET,
    async fetch(url, { body }) {
      calls.push({ url, body: JSON.parse(body) });
      return answer();
    },
  });
  return { channel, calls };
};

const receive = (channel: Channel, name: string, secret = SECRET) => {
  const payload = payloads.find((each) => each.name === name);
  if (payload === undefined) throw new Error(`there is no payload "${name}"`);
  const { method, url, headers, body } = telegramSubject.sign(payload, 0);
  return channel.receive({
    method,
    url: new URL(url),
    headers: new Headers({ ...headers, 'x-telegram-bot-api-secret-token': secret }),
    receivedAt: 0,
    readBody: async () => body,
  });
};

const deliver = async (name: string): Promise<Delivery> => {
  const reception = await receive(openChannel().channel, name);
  if (reception.type !== 'messages') throw new Error(reception.type);
  return reception;
};

const said = (delivery: Delivery, ...replies: Reply[]) => {
  const { answer, unsent } = delivery.render?.(replies, 0) ?? { unsent: [] };
  return { body: answer && (JSON.parse(answer.body) as unknown), unsent };
};

const text = (words: string): Reply => ({ type: 'text', text: words });

describe('an openid', () => {
  it('names the bot, the chat and the user', async () => {
    const openidIn = async (name: string) => (await deliver(name)).messages[0]?.openid;
    expect(await openidIn('a text')).toBe('telegram:7000000001:101:101');
    expect(await openidIn('a text in a group')).toBe('telegram:7000000001:-1001234567890:102');
    expect(await openidIn('a text in a topic of the same group')).toBe(
      'telegram:7000000001:-1001234567890.7:102',
    );
  });

  it('is of another prefix for another bot', () => {
    const { prefix } = telegram({ token: '9:a', secret: SECRET });
    expect(prefix).toBe('telegram:9:');
    expect(telegram({ token: '9:a', secret: SECRET, bot: 'shop' }).prefix).toBe('telegram:shop:');
  });
});

describe('an update', () => {
  it('counts by its number', async () => {
    expect((await deliver('a text')).messages[0]?.id).toBe('1');
  });

  it('is taken with each secret of a rotation', async () => {
    const channel = telegram({ token: TOKEN, secret: ['new-secret', SECRET] });
    for (const secret of ['new-secret', SECRET]) {
      expect(await receive(channel, 'a text', secret)).toMatchObject({ type: 'messages' });
    }
    expect(await receive(channel, 'a text', 'newer')).toEqual({ type: 'reject', status: 401 });
  });

  it('without a number that a double holds is none', () => {
    for (const update_id of [2 ** 53, 1.5, '1', null])
      expect(toUpdate({ update_id })).toBe(undefined);
  });
});

describe('the answer', () => {
  it('says the only reply, where it is one call', async () => {
    const delivery = await deliver('a text in a topic of the same group');
    expect(said(delivery, text('hi'))).toEqual({
      body: { method: 'sendMessage', text: 'hi', chat_id: -1001234567890, message_thread_id: 7 },
      unsent: [],
    });
  });

  it('says none of several, so that all of them arrive in their order', async () => {
    const { body, unsent } = said(await deliver('a text'), text('one'), text('two'));
    expect(body).toBe(undefined);
    expect(unsent.map(({ index }) => index)).toEqual([0, 1]);
  });

  it('says the one that can be said, and accounts for the others', async () => {
    const replies: Reply[] = [text(' '), { type: 'handoff' }, text('hi')];
    const { body, unsent } = said(await deliver('a text'), ...replies);
    expect(body).toMatchObject({ text: 'hi' });
    expect(unsent).toEqual([
      { index: 0, reason: 'empty' },
      { index: 1, reason: 'not_supported' },
    ]);
  });

  it('to a button ends its waiting, and leaves what is said to a push', async () => {
    const { acknowledge, render } = await deliver('a button');
    expect(JSON.parse(acknowledge.body)).toEqual({
      method: 'answerCallbackQuery',
      callback_query_id: '4382',
    });
    expect(render).toBe(undefined);
  });
});

describe('a keyboard', () => {
  const long = '微'.repeat(22);
  const options = [{ value: 'tea', label: 'Tea' }, { value: long, label: 'Long' }, { value: '~x' }];

  const keyboardOf = (reply: Reply) => {
    const calls = toCalls(reply);
    if (typeof calls === 'string') throw new Error(calls);
    return calls.at(-1)?.parameters['reply_markup'] as {
      inline_keyboard: { text: string; callback_data: string }[][];
    };
  };

  it('has a button for each option, of 1 to 64 bytes', () => {
    const { inline_keyboard: rows } = keyboardOf({ type: 'choices', text: 'Which?', options });
    expect(rows.flat().map((button) => button.text)).toEqual(['Tea', 'Long', '~x']);
    expect(rows[0]?.[0]?.callback_data).toBe('~~~tea');
    const data = rows.flat().map((button) => button.callback_data);
    expect(new Set(data).size).toBe(3);
    for (const each of data) expect(Buffer.byteLength(each)).toBeLessThanOrEqual(64);
  });

  it('gives the value of a button back, or its label where the value did not fit', () => {
    const reply_markup = keyboardOf({ type: 'choices', text: 'Which?', options });
    const press = (place: number) => {
      const data = reply_markup.inline_keyboard[place]?.[0]?.callback_data;
      const from = { id: 1, is_bot: false };
      const callback_query = { id: '1', from, data, message: { chat: { id: 1 }, reply_markup } };
      return toUpdate({ update_id: 1, callback_query })?.said?.message;
    };
    expect(press(0)).toMatchObject({ type: 'message.action', value: 'tea', label: 'Tea' });
    expect(press(1)).toMatchObject({ type: 'message.action', value: 'Long', label: 'Long' });
    expect(press(2)).toMatchObject({ type: 'message.action', value: '~x', label: '~x' });
  });

  it('does not guess what a button meant that it cannot see', () => {
    const { inline_keyboard: rows } = keyboardOf({ type: 'choices', text: 'Which?', options });
    const data = rows[1]?.[0]?.callback_data;
    const callback_query = {
      id: '1',
      from: { id: 1 },
      data,
      message: { chat: { id: 1 }, date: 0 },
    };
    expect(toUpdate({ update_id: 1, callback_query })?.said?.message.type).toBe('message.unknown');
  });
});

describe('a reply', () => {
  const url = 'https://a.example/1';

  it.each<[Reply, string, object]>([
    [{ type: 'image', url }, 'sendPhoto', { photo: url }],
    [{ type: 'image', url, mediaId: 'm', alt: 'a' }, 'sendPhoto', { photo: 'm' }],
    [{ type: 'voice', mediaId: 'm' }, 'sendVoice', { voice: 'm' }],
    [
      { type: 'video', url, title: 'A', description: 'b' },
      'sendVideo',
      { video: url, caption: 'A\nb' },
    ],
    [{ type: 'music', url, title: 'A' }, 'sendAudio', { audio: url, title: 'A' }],
    [
      {
        type: 'news',
        articles: [
          { title: 'A', url },
          { title: 'B', url, description: 'b' },
        ],
      },
      'sendMessage',
      { text: `A\n${url}\n\nB\nb\n${url}` },
    ],
    [
      { type: 'raw', channel: 'telegram', payload: { method: 'sendDice', emoji: '🎲' } },
      'sendDice',
      { emoji: '🎲' },
    ],
  ])('%j becomes %s', (reply, method, parameters) => {
    expect(toCalls(reply)).toEqual([{ method, parameters }]);
  });

  it.each([
    { method: 'deleteWebhook' },
    { method: 'sendMessage', chat_id: 1, text: 'to another chat' },
    { method: 'send/../x' },
    {},
    null,
  ])('that is raw is a call that sends, to this chat: not %j', (payload) => {
    expect(toCalls({ type: 'raw', channel: 'telegram', payload })).toBe('bad_payload');
  });

  it('of a long text has its buttons under the last part', () => {
    const words = 'word '.repeat(2000);
    const calls = toCalls({ type: 'choices', text: words, options: [{ value: 'a' }] });
    if (typeof calls === 'string') throw new Error(calls);
    expect(calls.map(({ parameters }) => 'reply_markup' in parameters)).toEqual([
      false,
      false,
      true,
    ]);
    expect(calls.map(({ parameters }) => parameters['text']).join('')).toBe(words);
    for (const { parameters } of calls) {
      expect(String(parameters['text']).length).toBeLessThanOrEqual(TEXT_LIMIT.max);
    }
  });
});

describe('a push', () => {
  const options = () => ({ id: 'id', signal: new AbortController().signal });

  it('goes to the chat, and to the topic, that the openid names', async () => {
    const { channel, calls } = openChannel();
    await channel.push?.('telegram:7000000001:-100.7:1', text('hi'), options());
    expect(calls).toEqual([
      {
        url: `https://api.telegram.org/bot${TOKEN}/sendMessage`,
        body: { text: 'hi', chat_id: -100, message_thread_id: 7 },
      },
    ]);
  });

  it('is tried again when Telegram says, and no earlier', async () => {
    const clock = createManualClock();
    const store = createContextStore({ clock });
    const runner = createRunner(silent, { store });
    onTestFinished(() => store.close());
    runner.on('error', () => {});
    const calledAt: number[] = [];
    const startedAt = clock.now();
    const { channel } = openChannel(() => {
      calledAt.push(Math.round((clock.now() - startedAt) / 1000));
      return calledAt.length > 1
        ? Response.json({ ok: true, result: {} })
        : Response.json(
            { ok: false, error_code: 429, parameters: { retry_after: 45 } },
            { status: 429 },
          );
    });
    createWebhook(runner, channel);
    await runner.say('telegram:7000000001:1:1', ['hi']);
    for (let second = 0; second < 60; second += 1) await clock.advance(1000);
    expect(calledAt).toEqual([0, 45]);
  });

  it('says how long to wait where it was one too many', async () => {
    const { channel } = openChannel(() =>
      Response.json(
        { ok: false, error_code: 429, parameters: { retry_after: 9 } },
        { status: 429 },
      ),
    );
    const error = await channel
      .push?.('telegram:7000000001:1:1', text('hi'), options())
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DeliveryError);
    expect(error).toMatchObject({ retryable: true, details: { retryAfterMs: 9000 } });
  });
});

it.each([
  [{ token: '', secret: 's' }, 'bad_token'],
  [{ token: 'abc', secret: 's' }, 'bad_token'],
  [{ token: undefined as never, secret: 's' }, 'bad_token'],
  [{ token: '1:a', secret: undefined as never }, 'bad_secret'],
  [{ token: '1:a', secret: '' }, 'bad_secret'],
  [{ token: '1:a', secret: [] }, 'bad_secret'],
  [{ token: '1:a', secret: ['s', ''] }, 'bad_secret'],
  [{ token: '1:a', secret: 's', bot: 'a:b' }, 'bad_bot'],
])('options %j are refused with %s', (options, code) => {
  expect(() => telegram(options)).toThrow(UsageError);
  expect(() => telegram(options)).toThrow(expect.objectContaining({ code }));
});
