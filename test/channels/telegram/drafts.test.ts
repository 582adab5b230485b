import { describe, expect, it } from 'vitest';
import { startDrafting } from '../drafting.ts';
import { type Call, bob, channelOf, group, message, request } from './bot.ts';

/** A bot that answers a message after two drafts, and the calls that it made. */
async function callsAfter(update: object, api?: (call: Call) => object) {
  const { channel, calls } = channelOf({}, api);
  const bot = startDrafting(channel);
  const answering = bot.handler(request(update));
  await bot.rest();
  for (const text of ['It is', 'It is late']) {
    await bot.run().draft(text);
    await bot.clock.advance({ seconds: 1 });
  }
  await bot.run().end('It is late.');
  await bot.clock.advance({ minutes: 1 });
  const answer = JSON.parse(await (await answering).text()) as { readonly method: string };
  return { calls, answer, errors: bot.errors };
}

const draft = (text: string, place: object): Call => ({
  method: 'sendMessageDraft',
  body: { draft_id: 1, text, ...place },
});

describe('a bot of Telegram with `drafts`', () => {
  it.each<[where: string, content: object, place: object]>([
    ['a private chat', { text: 'hi' }, { chat_id: 101 }],
    [
      'a topic of a private chat',
      { text: 'hi', message_thread_id: 7, is_topic_message: true },
      { chat_id: 101, message_thread_id: 7 },
    ],
  ])('shows them in %s, and says the reply as ever', async (_where, content, place) => {
    const { calls, answer, errors } = await callsAfter(message(content));
    expect(calls).toEqual([draft('It is', place), draft('It is late', place)]);
    expect(answer).toMatchObject({ method: 'sendMessage', text: 'It is late.' });
    expect(errors).toEqual([]);
  });

  it('shows none in a group, which Telegram refuses', async () => {
    const { calls, answer, errors } = await callsAfter(
      message({ text: 'hi' }, { from: bob, chat: group }),
    );
    expect(calls).toEqual([]);
    expect(answer).toMatchObject({ text: 'It is late.' });
    expect(errors).toEqual([]);
  });

  it.each<[what: string, answer: object, code: string]>([
    ['a user who blocked it', { ok: false, error_code: 403 }, 'blocked'],
    ['a Bot API without drafts', { ok: false, error_code: 404 }, 'unauthorized'],
  ])('shows no further one after %s, and reports it', async (_what, refusal, code) => {
    const { calls, answer, errors } = await callsAfter(message({ text: 'hi' }), () => refusal);
    expect(calls).toHaveLength(1);
    expect(answer).toMatchObject({ text: 'It is late.' });
    expect(errors).toMatchObject([{ code }]);
  });

  it('makes no call for a draft that is over or of nothing to see', async () => {
    const { channel, calls } = channelOf();
    const { signal } = new AbortController();
    for (const text of ['', ' \n']) {
      await channel.draft?.('telegram:1:101:101', { id: 'a', text, signal });
    }
    expect(calls).toEqual([]);
  });

  it('is taken over by the next process, whose draft has the same number', async () => {
    const { channel, calls } = channelOf();
    const before = startDrafting(channel);
    void before.handler(request(message({ text: 'hi' })));
    await before.rest();
    await before.run().draft('It was');
    await before.clock.advance({ seconds: 1 });
    const { disk, clock } = before;
    const after = startDrafting(channel, { disk, clock });
    await after.runner.start();
    await after.clock.advance({ seconds: 40 });
    await after.run().draft('It is');
    await after.clock.advance({ seconds: 1 });
    await after.run().end('It is late.');
    await after.clock.advance({ minutes: 1 });
    expect(calls).toEqual([
      draft('It was', { chat_id: 101 }),
      draft('It is', { chat_id: 101 }),
      { method: 'sendMessage', body: { chat_id: 101, text: 'It is late.' } },
    ]);
  });
});
