import { type Reply, createRunner, setupDialogue } from 'colloquy';
import { type Channel, createWebhook } from 'colloquy/channels/webhook';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openWorkspace } from './slack/workspace.ts';
import { type Call, ann, bob, channelOf, direct, group, message, request } from './telegram/bot.ts';

const room = setupDialogue({ types: {} as { context: {} } });

/** Says to everybody that cards are dealt, and to whoever spoke which card is theirs. */
const cards = room.createDialogue({
  id: 'cards',
  context: {},
  on: {
    'message.image': {
      actions: [
        room.reply(({ event }) => ({ type: 'text', text: 'Queen of hearts', to: event.from?.id })),
        room.reply('The cards are dealt.'),
      ],
    },
    'message.text': {
      actions: [
        room.reply('The cards are dealt.'),
        room.reply(({ event }) => ({ type: 'text', text: 'Queen of hearts', to: event.from?.id })),
      ],
    },
  },
});

async function telegramCalls(
  update: object,
  refuse?: (call: Call) => object | undefined,
  scope: 'user' | 'chat' = 'chat',
) {
  const { channel, calls } = channelOf({ scope }, (call) => refuse?.(call) ?? { ok: true });
  const errors: unknown[] = [];
  const runner = createRunner(cards);
  onTestFinished(() => runner.stop());
  const handler = createWebhook(runner, channel, { onError: (error) => errors.push(error) });
  runner.on('error', ({ error }) => errors.push(error));
  const work: Promise<unknown>[] = [];
  const waitUntil = (promise: Promise<unknown>): void => void work.push(promise);
  const answer = await (await handler(request(update), { waitUntil })).text();
  await Promise.all(work);
  const said = answer === '' ? [] : [JSON.parse(answer) as object];
  return { said: [...said, ...calls.map(({ body }) => body)], errors };
}

describe('a reply to one person', () => {
  it('of a group of Telegram is said in their own chat, and the rest in the group', async () => {
    const { said, errors } = await telegramCalls(
      message({ text: 'deal' }, { from: bob, chat: group }),
    );
    expect(said).toMatchObject([
      { text: 'The cards are dealt.', chat_id: -100 },
      { text: 'Queen of hearts', chat_id: 102 },
    ]);
    expect(errors).toEqual([]);
  });

  it('is said in their own chat of Telegram as any other', async () => {
    const { said } = await telegramCalls(message({ text: 'deal' }, { from: ann, chat: direct }));
    expect(said.map((each) => (each as { chat_id: number }).chat_id)).toEqual([101, 101]);
  });

  it.each(['user', 'chat'] as const)('comes before what is said after it (%s)', async (scope) => {
    const photo = [{ file_id: 'p', file_unique_id: 'p', width: 1, height: 1 }];
    const update = message({ photo }, { from: ann, chat: direct });
    const { said } = await telegramCalls(update, undefined, scope);
    expect(said).toMatchObject([{ text: 'Queen of hearts' }, { text: 'The cards are dealt.' }]);
  });

  it('who never wrote to a bot of Telegram is lost and reported, and not said to the group', async () => {
    const { said, errors } = await telegramCalls(
      message({ text: 'deal' }, { from: bob, chat: group }),
      ({ body }) => (body['chat_id'] === 102 ? { ok: false, error_code: 403 } : undefined),
    );
    expect(said).toHaveLength(2);
    expect(errors).toMatchObject([{ code: 'blocked' }]);
  });

  it.each<[what: string, openid: string, reply: Reply]>([
    ['is nobody', 'telegram:1:-100', { type: 'text', text: 'a', to: 'x' }],
    ['is a group', 'telegram:1:-100', { type: 'text', text: 'a', to: '-200' }],
    [
      'is not the one of the private chat',
      'telegram:1:101',
      { type: 'text', text: 'a', to: '102' },
    ],
    [
      'could only press a button in another conversation',
      'telegram:1:-100',
      { type: 'choices', text: 'a', options: [{ value: 'b' }], to: '101' },
    ],
  ])('who %s is not said by Telegram', async (_what, openid, reply) => {
    const { channel, calls } = channelOf({ scope: 'chat' });
    const { signal } = new AbortController();
    const { to = '' } = reply as { to?: string };
    await expect(channel.aside?.(openid, reply, { id: 'a', signal, to })).rejects.toMatchObject({
      code: 'unsayable_reply',
    });
    expect(calls).toEqual([]);
  });

  it('of a channel of Slack is visible to them alone, in the thread', async () => {
    const bot = openWorkspace(cards, { scope: 'thread' });
    await bot.mention({ channel: 'C1', user: 'UBOB', text: 'deal', ts: '100.1' });
    expect(bot.posts).toMatchObject([
      { method: 'chat.postMessage', channel: 'C1', thread: '100.1', text: 'The cards are dealt.' },
      { method: 'chat.postEphemeral', channel: 'C1', thread: '100.1', onlyTo: 'UBOB' },
    ]);
    expect(bot.errors).toEqual([]);
  });

  it('is said in direct messages of Slack as any other, and not to another person', async () => {
    const bot = openWorkspace(cards);
    await bot.message({ channel: 'D1', user: 'UANN', text: 'deal', ts: '100.1' });
    await bot.runner.say('slack:T1:UANN:UANN', [{ type: 'text', text: 'For Bob', to: 'UBOB' }]);
    await bot.runner.idle('slack:T1:UANN:UANN');
    expect(bot.heard()).toEqual(['The cards are dealt.', 'Queen of hearts']);
    expect(bot.errors).toMatchObject([
      { code: 'unsayable_reply', details: { reason: 'not_a_member' } },
    ]);
  });

  const quiet: Channel = {
    name: 'quiet',
    prefix: 'quiet:',
    async receive() {
      const inbound = {
        openid: 'quiet:room',
        message: { type: 'message.text', text: 'deal', from: { id: '1' } },
      } as const;
      const acknowledge = { status: 200, body: '' };
      return {
        type: 'messages',
        messages: [inbound],
        acknowledge,
        render: (replies) => ({
          answer: { status: 200, body: JSON.stringify(replies) },
          unsent: [],
        }),
      };
    },
  };

  async function answerOf(channel: Channel) {
    const errors: { readonly code?: string }[] = [];
    const runner = createRunner(cards);
    onTestFinished(() => runner.stop());
    runner.on('error', ({ error }) => errors.push(error as { code: string }));
    const handler = createWebhook(runner, channel, {
      onError: (error) => errors.push(error as { code: string }),
    });
    const body = await (await handler(new Request('https://bot.example'))).text();
    await runner.idle('quiet:room');
    return { body, errors };
  }

  it('is never in the answer of a channel that can only answer', async () => {
    const { body, errors } = await answerOf(quiet);
    expect(JSON.parse(body)).toEqual([{ type: 'text', text: 'The cards are dealt.' }]);
    expect(errors).toMatchObject([{ code: 'reply_not_sent', details: { reason: 'private' } }]);
  });

  it('is not pushed by a channel that knows no such thing', async () => {
    const pushed: Reply[] = [];
    const push = async (_openid: string, reply: Reply): Promise<void> => void pushed.push(reply);
    const { body, errors } = await answerOf({ ...quiet, push });
    expect([JSON.parse(body), pushed]).toEqual([
      [{ type: 'text', text: 'The cards are dealt.' }],
      [],
    ]);
    expect(errors).toMatchObject([{ code: 'unsayable_reply', details: { reason: 'private' } }]);
  });

  it('is said by such a channel where the conversation is theirs alone', async () => {
    const own: Channel = {
      ...quiet,
      prefix: 'quiet:roo',
      receive: async (given) => {
        const reception = await quiet.receive(given);
        if (reception.type !== 'messages') return reception;
        const messages = reception.messages.map((each) => ({
          ...each,
          message: { ...each.message, from: { id: 'm' } },
        }));
        return { ...reception, messages };
      },
    };
    const { body, errors } = await answerOf(own);
    expect((JSON.parse(body) as Reply[]).length).toBe(2);
    expect(errors).toEqual([]);
  });
});
