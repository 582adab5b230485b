import { createRunner } from 'colloquy';
import { createWebhook } from 'colloquy/channels/webhook';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dialogue } from '../menu.ts';
import { type Call, ann, channelOf, direct, message, request } from './bot.ts';

interface Message {
  readonly text: string;
  readonly reply_markup?: unknown;
}

const REFUSED = {
  ok: false,
  error_code: 400,
  description: 'Bad Request: message to edit not found',
};
const UNCHANGED = {
  ok: false,
  error_code: 400,
  description:
    'Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
};

/** A chat as Ann sees it. `refuse` says what the Bot API answers to a call in place of taking it. */
function openChat(refuse: (call: Call) => object | undefined = () => undefined) {
  const messages = new Map<number, Message>();
  const take = ({ method, body }: Call): object => {
    if (method === 'answerCallbackQuery') return { ok: true, result: true };
    const id = method === 'editMessageText' ? Number(body['message_id']) : messages.size + 1;
    messages.set(id, body as unknown as Message);
    return { ok: true, result: { message_id: id } };
  };
  const { channel, calls } = channelOf({}, (call) => refuse(call) ?? take(call));
  const errors: unknown[] = [];
  const runner = createRunner(dialogue);
  const handler = createWebhook(runner, channel, { onError: (error) => errors.push(error) });
  onTestFinished(() => runner.stop());
  let queries = 0;
  const send = async (update: object): Promise<void> => {
    const work: Promise<unknown>[] = [];
    const waitUntil = (promise: Promise<unknown>): void => void work.push(promise);
    const answer = await (await handler(request(update), { waitUntil })).text();
    if (answer !== '') {
      const { method, ...body } = JSON.parse(answer) as { readonly method: string };
      take({ method, body });
    }
    await Promise.all(work);
    await runner.idle('telegram:1:101:101');
  };
  return {
    runner,
    calls,
    errors,
    /** The texts that stand in the chat, from above. */
    texts: () => [...messages.values()].map(({ text }) => text),
    /** The message has buttons. */
    hasButtons: (id: number) => messages.get(id)?.reply_markup !== undefined,
    write: (text: string) => send(message({ text })),
    /** Presses a button under a message. */
    press(id: number, label: string) {
      const { reply_markup: markup } = messages.get(id) as {
        readonly reply_markup: {
          readonly inline_keyboard: readonly { text: string; callback_data: string }[][];
        };
      };
      const data = markup.inline_keyboard.flat().find(({ text }) => text === label)?.callback_data;
      queries += 1;
      const pressed = { message_id: id, date: 1, chat: direct, reply_markup: markup };
      return send({
        update_id: 1000 + queries,
        callback_query: { id: String(queries), from: ann, data, message: pressed },
      });
    },
  };
}

describe('a reply in place of an earlier message on Telegram', () => {
  it('turns the pages of a menu in one message, and takes the buttons off with the last', async () => {
    const chat = openChat();
    await chat.write('hi');
    expect(chat.texts()).toEqual(['Tea']);
    await chat.press(1, 'More');
    expect([chat.texts(), chat.hasButtons(1)]).toEqual([['Cake'], true]);
    await chat.press(1, 'Back');
    await chat.press(1, 'Buy');
    expect([chat.texts(), chat.hasButtons(1)]).toEqual([['Waiting for your payment …'], false]);
    await chat.runner.send('telegram:1:101:101', { type: 'event.payment' }, { id: 'p1' });
    await chat.runner.idle('telegram:1:101:101');
    expect(chat.texts()).toEqual(['Paid. Thank you!']);
    expect(chat.errors).toEqual([]);
  });

  it('is said below where the message is gone, with its buttons', async () => {
    const chat = openChat(({ method }) => (method === 'editMessageText' ? REFUSED : undefined));
    await chat.write('hi');
    await chat.press(1, 'More');
    expect([chat.texts(), chat.hasButtons(2)]).toEqual([['Tea', 'Cake'], true]);
    expect(chat.errors).toEqual([]);
  });

  it('counts as said where the message has the text already', async () => {
    const chat = openChat(({ method }) => (method === 'editMessageText' ? UNCHANGED : undefined));
    await chat.write('hi');
    await chat.press(1, 'More');
    expect(chat.texts()).toEqual(['Tea']);
    expect(chat.errors).toEqual([]);
  });

  it('is said in the chat of the message where no button led to it', async () => {
    const chat = openChat();
    await chat.write('hi');
    await chat.write('more');
    expect(chat.texts()).toEqual(['Tea', 'Cake']);
    expect(chat.calls.map(({ method }) => method)).not.toContain('editMessageText');
  });

  it.each([
    '',
    '0',
    '7',
    '101:',
    '101:0',
    '101:-1',
    '101:x',
    '101:1e3',
    '101:12345678901234567',
    '101:7:7',
  ])('is said as any other with what is no id of Telegram (%j)', async (replaces) => {
    const { channel, calls } = channelOf();
    const { signal } = new AbortController();
    const reply = { type: 'text', text: 'Hi', replaces } as const;
    await channel.push?.('telegram:1:101:101', reply, { id: 'a', signal });
    expect(calls.map(({ method }) => method)).toEqual(['sendMessage']);
  });

  it('says what does not fit below', async () => {
    const { channel, calls } = channelOf();
    const { signal } = new AbortController();
    const text = `${'a'.repeat(4096)}b`;
    await channel.push?.(
      'telegram:1:101:101',
      { type: 'text', text, replaces: '101:7' },
      { id: 'a', signal },
    );
    expect(calls).toMatchObject([
      { method: 'editMessageText', body: { message_id: 7, chat_id: 101 } },
      { method: 'sendMessage', body: { text: 'b' } },
    ]);
  });

  it.each<[what: string, openid: string, to: string | undefined]>([
    ['a message of another chat', 'telegram:1:-200', undefined],
    ['a message of the group, for one person', 'telegram:1:-100', '101'],
  ])('never changes %s: its number there is another message', async (_what, openid, to) => {
    const { channel, calls } = channelOf({ scope: 'chat' });
    const { signal } = new AbortController();
    const reply = { type: 'text', text: 'Hi', replaces: '-100:7', ...(to && { to }) } as const;
    const options = { id: 'a', signal };
    if (to === undefined) await channel.push?.(openid, reply, options);
    else await channel.aside?.(openid, reply, { ...options, to });
    expect(calls.map(({ method }) => method)).toEqual(['sendMessage']);
  });

  it('never changes a message of the supergroup that a group has become', async () => {
    const { channel, calls } = channelOf({ scope: 'chat' }, ({ body }) =>
      body['chat_id'] === -100
        ? { ok: false, error_code: 400, parameters: { migrate_to_chat_id: -200 } }
        : { ok: true, result: {} },
    );
    const { signal } = new AbortController();
    const reply = { type: 'text', text: 'Hi', replaces: '-100:7' } as const;
    await channel.push?.('telegram:1:-100', reply, { id: 'a', signal });
    expect(calls.map(({ method, body }) => [method, body['chat_id']])).toEqual([
      ['editMessageText', -100],
      ['sendMessage', -100],
      ['sendMessage', -200],
    ]);
  });
});
