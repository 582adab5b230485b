import { type Reply, setupDialogue } from 'colloquy';
import { type ConverseOptions, converse, takes } from 'colloquy/testing';
import { throughWechat } from 'colloquy/testing/wechat';
import { describe, expect, it } from 'vitest';
import { echo, weather } from './dialogues.ts';

describe('a conversation through WeChat', () => {
  it.each<[string, ConverseOptions<typeof weather>]>([
    ['without it', {}],
    ['with it', { channel: throughWechat() }],
  ])('goes as it does %s', async (_, options) => {
    const chat = converse(weather, options);
    await chat.say('hi');
    chat.expectReplies('Which city?').expectState('city').expectOutcome('replied');
    await chat.advance({ minutes: 10 });
    chat.expectReplies('Are you still there?');
    await chat.say('Oslo');
    await chat.redeliver();
    chat.expectReplies('How many days?').expectOutcome('duplicate');
    await chat.crash();
    await chat.say('3');
    chat.expectReply(/Once more\?\n1\. Yes, please\n2\. No$/).expectState('again');
    await chat.choose('No');
    chat.expectReplies('Bye.').expectDone();
    expect(chat.state).toBe('told');
  });

  it('merges the texts of a turn into one message, as its answers hold no more', async () => {
    const chat = converse(weather, { channel: throughWechat(), openid: 'o_1' });
    for (const said of ['hi', 'Oslo', '3']) await chat.say(said);
    expect(chat.replies).toEqual([
      'There will be rain in Oslo.\nOnce more?\n1. Yes, please\n2. No',
    ]);
  });

  it('hears later what is not there in time', async () => {
    const forecast = takes({ seconds: 10 }, () => 'sun');
    const chat = converse(weather, { channel: throughWechat(), services: { forecast } });
    for (const said of ['hi', 'Oslo', '3']) await chat.say(said);
    chat.expectOutcome('waiting');
    expect(await chat.until('again')).toContain('There will be sun.');
  });

  const { createDialogue, reply } = setupDialogue({ types: {} as { context: {} } });
  const says = (said: Reply) =>
    createDialogue({ id: 'says', context: {}, on: { 'message.*': { actions: reply(said) } } });

  it.each<[Reply]>([
    [{ type: 'text', text: 'a < b' }],
    [{ type: 'image', mediaId: 'm' }],
    [{ type: 'voice', mediaId: 'm' }],
    [{ type: 'video', mediaId: 'm', title: 't', description: 'd' }],
    [{ type: 'news', articles: [{ title: 't', url: 'https://a.example' }] }],
    [{ type: 'handoff' }],
    [{ type: 'handoff', to: 'kf@a' }],
  ])('reads %j out of an answer', async (said) => {
    const chat = converse(says(said), { channel: throughWechat() });
    expect((await chat.send('hi')).replies).toEqual([said]);
  });

  it.each([
    { type: 'message.text', text: 'a]]>b' },
    { type: 'message.image', url: 'https://a.example', mediaId: 'm' },
    { type: 'message.voice', mediaId: 'm', format: 'amr', transcript: 'hm' },
    { type: 'message.video', mediaId: 'm', thumbnailId: 't' },
    { type: 'message.file', name: 'a.pdf', mediaId: 'm' },
    { type: 'message.location', latitude: 31.2, longitude: -121.5, label: 'l' },
    { type: 'message.link', url: 'https://a.example', title: 't', description: 'd' },
    { type: 'message.unknown' },
    { type: 'message.action', value: 'v' },
    { type: 'event.follow', key: 'k' },
    { type: 'event.scan', key: 'k' },
    { type: 'event.view', key: 'k' },
  ] as const)('sends $type', async (message) => {
    let heard: unknown;
    const actions = ({ event }: { event: unknown }): void => {
      heard = event;
    };
    const on = { 'message.*': { actions }, 'event.*': { actions } };
    const listening = createDialogue({ id: 'listening', context: {}, on });
    await converse(listening, { channel: throughWechat() }).send(message);
    expect(heard).toMatchObject(message);
  });

  it('refuses what WeChat does not have, and an answer that is none', async () => {
    const { channel, toRequest, fromResponse } = throughWechat();
    const chat = converse(echo, { channel: { channel, toRequest, fromResponse } });
    expect(await chat.send({ type: 'event.menu' })).toMatchObject({
      error: { code: 'bad_message' },
    });
    const forged = converse(echo, {
      channel: { channel: throughWechat({ token: 'other' }).channel, toRequest, fromResponse },
    });
    expect(await forged.send('hi')).toMatchObject({ error: { code: 'bad_answer' } });
  });

  it('knows openids by their prefix', async () => {
    const chat = converse(echo, {
      channel: throughWechat({ prefix: 'wechat:' }),
      openid: 'wechat:o_1',
    });
    expect(await chat.say('hi')).toEqual(['You said hi.']);
    expect(chat.state).toBe('open');
  });
});
