import { confirm, setupDialogue } from 'colloquy';
import { describe, expect, it } from 'vitest';
import { toAddress, toOpenid } from '../../../src/channels/telegram/address.ts';
import { choice } from '../../../src/dialogue/parsers/choice.ts';
import { ann, bob, channelOf, direct, group, hear, inboundOf, message, openBot } from './bot.ts';

const openids = async (update: object, scope?: 'user' | 'chat' | 'thread') =>
  (await inboundOf(update, { scope })).map(({ openid }) => openid.slice('telegram:1:'.length));

const inGroup = message({ text: 'hi' }, { from: bob, chat: group });
const inTopic = message(
  { text: 'hi', message_thread_id: 7, is_topic_message: true },
  { from: bob, chat: group },
);
const inPrivate = message({ text: 'hi' });

describe('a conversation belongs', () => {
  it.each([
    ['to each person', undefined, ['-100:102', '-100.7:102', '101:101']],
    ['to each person', 'user', ['-100:102', '-100.7:102', '101:101']],
    ['to all in a chat', 'chat', ['-100', '-100', '101']],
    ['to all in a topic', 'thread', ['-100', '-100.7', '101']],
  ] as const)('%s with the scope %s', async (_whose, scope, expected) => {
    const found = await Promise.all(
      [inGroup, inTopic, inPrivate].map((one) => openids(one, scope)),
    );
    expect(found).toEqual(expected.map((each) => [each]));
  });

  it('to the place that its openid says, in each scope', () => {
    const prefix = 'telegram:1:';
    const addresses = [
      { chat: '-100', user: '102' },
      { chat: '-100', thread: '7', user: '102' },
      { chat: '-100' },
      { chat: '-100', thread: '7' },
      { chat: '101', user: '101' },
      { chat: '101' },
      { chat: '-100', user: '-100' },
      { chat: '102', user: '-100' },
    ];
    const made = addresses.map((address) => toOpenid(prefix, address));
    expect(new Set(made).size).toBe(addresses.length);
    expect(made.map((openid) => toAddress(prefix, openid))).toEqual(addresses);
  });

  it.each(['telegram:1:', 'telegram:1:a', 'telegram:1:1:', 'telegram:1:1:2:3', 'telegram:1:1.2.3'])(
    'to no user by the openid %s',
    (openid) => {
      expect(() => toAddress('telegram:1:', openid)).toThrow(
        expect.objectContaining({ code: 'unknown_openid' }),
      );
    },
  );

  it('to a chat that is written to as such', async () => {
    const { channel, calls } = channelOf({ scope: 'thread' });
    const options = { id: 'id', signal: new AbortController().signal };
    await channel.push?.('telegram:1:-100', { type: 'text', text: 'hi' }, options);
    await channel.push?.('telegram:1:-100.7', { type: 'text', text: 'hi' }, options);
    expect(calls.map(({ body }) => body)).toEqual([
      { text: 'hi', chat_id: -100 },
      { text: 'hi', chat_id: -100, message_thread_id: 7 },
    ]);
  });

  it('to all, where one begins it and another continues', async () => {
    const { createDialogue, reply } = setupDialogue({ types: {} as { context: object } });
    const bot = openBot(
      createDialogue({
        id: 'shared',
        context: {},
        initial: 'one',
        states: {
          one: {
            on: {
              'message.text': {
                target: 'two',
                actions: reply(({ event }) => `${event.from?.name}: first`),
              },
            },
          },
          two: {
            on: {
              'message.text': { actions: reply(({ event }) => `${event.from?.name}: second`) },
            },
          },
        },
      }),
      { scope: 'chat' },
    );
    await bot.send(message({ text: 'a' }, { from: ann, chat: group }));
    await bot.send(message({ text: 'b' }, { from: bob, chat: group }));
    expect(bot.said).toEqual(['Ann: first', 'Bob Roy: second']);
  });

  it('is refused with another scope', () => {
    expect(() => channelOf({ scope: 'group' as 'chat' })).toThrow(
      expect.objectContaining({ code: 'bad_scope' }),
    );
  });
});

describe('a message is from', () => {
  it.each<[string, object, object]>([
    ['a person', message({ text: 'a' }, { from: bob }), { id: '102', name: 'Bob Roy' }],
    [
      'a person with a username alone',
      message({ text: 'a' }, { from: { id: 7, is_bot: false, first_name: '', username: 'eve' } }),
      { id: '7', name: 'eve' },
    ],
    ['a person without a name', message({ text: 'a' }, { from: { id: 7 } }), { id: '7' }],
    [
      'the group, for an anonymous administrator',
      message({ text: 'a', sender_chat: group }, { from: { id: 1, is_bot: true }, chat: group }),
      { id: '-100', name: 'Us' },
    ],
    [
      'who pressed a button, not who asked',
      {
        update_id: 1,
        callback_query: { id: '1', from: bob, data: 'x', message: { from: ann, chat: group } },
      },
      { id: '102', name: 'Bob Roy' },
    ],
    [
      'who came, not who let them in',
      message({ new_chat_members: [bob] }, { from: ann, chat: group }),
      { id: '102', name: 'Bob Roy' },
    ],
    [
      'who went, not who sent them away',
      message({ left_chat_member: bob }, { from: ann, chat: group }),
      { id: '102', name: 'Bob Roy' },
    ],
    [
      'who voted',
      { update_id: 1, poll_answer: { poll_id: '1', user: ann, option_ids: [] } },
      { id: '101', name: 'Ann' },
    ],
  ])('%s', async (_who, update, from) => {
    const [inbound] = await inboundOf(update);
    expect(inbound?.message.from).toEqual(from);
  });
});

describe('members who come together', () => {
  const update = message(
    { new_chat_members: [ann, bob, { id: 9, is_bot: true, first_name: 'Bot' }] },
    { from: ann, chat: group },
  );

  it('are each greeted in their own conversation; bots are not', async () => {
    expect(await openids(update)).toEqual(['-100:101', '-100:102']);
  });

  it('are each heard once in the one that all share', async () => {
    const heard = await inboundOf(update, { scope: 'chat' });
    expect(heard.map(({ openid }) => openid)).toEqual(['telegram:1:-100', 'telegram:1:-100']);
    expect(heard.map(({ message: { from } }) => from?.id)).toEqual(['101', '102']);
    expect(new Set(heard.map(({ id }) => id)).size).toBe(2);
  });

  it('are not the bot itself', async () => {
    const bot = { id: 1, is_bot: true, first_name: 'Pizza' };
    const changes = [{ new_chat_members: [bot] }, { left_chat_member: bot }];
    for (const change of changes) {
      expect(await inboundOf(message(change, { from: ann, chat: group }))).toEqual([]);
    }
  });
});

it('who asks to be let into a chat is written to in private', async () => {
  const update = {
    update_id: 1,
    chat_join_request: { chat: group, from: bob, user_chat_id: 102, date: 1 },
  };
  const [inbound] = await inboundOf(update);
  expect(inbound).toMatchObject({
    openid: 'telegram:1:102:102',
    message: { type: 'event.request', key: '-100' },
  });
});

describe('a reaction', () => {
  const emoji = (...list: string[]) => list.map((each) => ({ type: 'emoji', emoji: each }));
  it.each([
    ['put there', emoji(), emoji('👍'), '👍'],
    ['put beside another', emoji('👍'), emoji('👍', '❤'), '❤'],
    ['changed', emoji('👍'), emoji('👎'), '👎'],
    ['taken back', emoji('👍'), emoji(), undefined],
    ['that the chat made', [], [{ type: 'custom_emoji', custom_emoji_id: '5' }], '5'],
    ['paid', [], [{ type: 'paid' }], 'paid'],
  ])('that is %s', async (_how, before, after, key) => {
    const message_reaction = { chat: group, user: ann, old_reaction: before, new_reaction: after };
    const [inbound] = await inboundOf({ update_id: 1, message_reaction });
    const { raw: _raw, from: _from, ...event } = inbound?.message ?? { type: 'none' };
    expect(event).toEqual({ type: 'event.reaction', ...(key !== undefined && { key }) });
  });
});

describe('a sticker', () => {
  const occasion = { locale: 'en', timeZone: 'UTC', now: 0 };
  const sticker = async (emoji: string) => {
    const [inbound] = await inboundOf(message({ sticker: { file_id: 's', emoji } }));
    if (inbound === undefined) throw new Error('nothing');
    return inbound.message;
  };

  it.each([
    ['👍', true],
    ['👌', true],
    ['👎', false],
  ])('%s answers yes or no', async (emoji, value) => {
    expect(confirm()(await sticker(emoji), occasion)).toEqual({ value });
  });

  it.each(['😂', '🤔', '🐈'])('%s does not', async (emoji) => {
    expect(confirm()(await sticker(emoji), occasion)).toHaveProperty('issue');
  });

  it('chooses the option that is its emoji', async () => {
    const read = choice([
      { value: 'cat', label: '🐈' },
      { value: 'dog', label: '🐕' },
    ]);
    expect(read(await sticker('🐕'), occasion)).toEqual({ value: 'dog' });
    expect(read(await sticker('😂'), occasion)).toHaveProperty('issue');
  });
});

describe('a group that becomes a supergroup', () => {
  const old = { id: -5, type: 'group', title: 'Us' };
  const upgraded = message({ migrate_to_chat_id: -100 }, { from: ann, chat: old });
  const arrived = message(
    { migrate_from_chat_id: -5, sender_chat: group },
    { from: { id: 1087968824, is_bot: true }, chat: group },
  );
  const moves = (heard: readonly { openid: string; movedFrom?: string }[]) =>
    heard.map(({ openid, movedFrom }) => [openid, movedFrom]);

  it.each(['chat', 'thread'] as const)('moves what all share at once: %s', async (scope) => {
    for (const update of [upgraded, arrived]) {
      expect(moves(await inboundOf(update, { scope }))).toEqual([
        ['telegram:1:-100', 'telegram:1:-5'],
      ]);
    }
  });

  it('moves what is of one person with the next message of that person', async () => {
    const { channel } = channelOf();
    expect(moves(await hear(channel, upgraded))).toEqual([
      ['telegram:1:-100:101', 'telegram:1:-5:101'],
    ]);
    expect(moves(await hear(channel, arrived))).toEqual([]);
    expect(moves(await hear(channel, inGroup))).toEqual([
      ['telegram:1:-100:102', 'telegram:1:-5:102'],
    ]);
  });

  it('moves nothing of a topic, which a group has not, nor of another chat', async () => {
    const { channel } = channelOf();
    await hear(channel, arrived);
    expect(moves(await hear(channel, inTopic))).toEqual([['telegram:1:-100.7:102', undefined]]);
    expect(moves(await hear(channel, inPrivate))).toEqual([['telegram:1:101:101', undefined]]);
  });

  it('is remembered where the program says, for the next process', async () => {
    const kept = new Map<string, string>();
    const movedChats = {
      get: async (supergroup: string) => kept.get(supergroup),
      set: async (supergroup: string, from: string) => void kept.set(supergroup, from),
    };
    await hear(channelOf({ movedChats }).channel, arrived);
    expect([...kept]).toEqual([['-100', '-5']]);
    const { channel } = channelOf({ movedChats });
    expect(moves(await hear(channel, inGroup))).toEqual([
      ['telegram:1:-100:102', 'telegram:1:-5:102'],
    ]);
  });

  it('is delivered again where it could not be remembered', async () => {
    const movedChats = { get: () => undefined, set: () => Promise.reject(new Error('down')) };
    await expect(hear(channelOf({ movedChats }).channel, arrived)).rejects.toThrow('down');
  });

  it('gets what is pushed to the group', async () => {
    const { channel, calls } = channelOf({}, ({ body }) =>
      body['chat_id'] === -5
        ? { ok: false, error_code: 400, parameters: { migrate_to_chat_id: -100 } }
        : { ok: true, result: {} },
    );
    const options = { id: 'id', signal: new AbortController().signal };
    await channel.push?.('telegram:1:-5:101', { type: 'text', text: 'hi' }, options);
    expect(calls.map(({ body }) => body['chat_id'])).toEqual([-5, -100]);
  });
});

it('what Telegram says itself is not a message of a user', async () => {
  const telegram = { id: 777000, is_bot: false, first_name: 'Telegram' };
  expect(
    await inboundOf(message({ text: 'Login code' }, { from: telegram, chat: direct })),
  ).toEqual([]);
});
