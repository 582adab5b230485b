import { createContextStore, createRunner, setupDialogue } from 'colloquy';
import { createWebhook } from 'colloquy/channels/webhook';
import { createManualClock } from 'colloquy/testing';
import { expect, it, onTestFinished } from 'vitest';
import { fromPromise } from 'xstate';
import { type Call, bob, channelOf, group, message, request } from './bot.ts';

const { createDialogue, reply } = setupDialogue({
  types: {} as { context: object },
  actors: { work: fromPromise<string>(() => new Promise(() => {})) },
});

const worker = createDialogue({
  id: 'worker',
  context: {},
  initial: 'ready',
  states: {
    ready: { on: { 'message.text': 'working' } },
    working: { invoke: { src: 'work', onDone: { target: 'ready', actions: reply('done') } } },
  },
});

/** A bot whose service takes seven seconds, and all that it said and showed after a message. */
async function callsAfter(update: object, api?: (call: Call) => object): Promise<Call[]> {
  const clock = createManualClock();
  const { channel, calls } = channelOf({}, api);
  const work = fromPromise(
    () => new Promise<string>((resolve) => void clock.wake(clock.now() + 7000, () => resolve(''))),
  );
  const store = createContextStore({ clock });
  const runner = createRunner(worker.provide({ actors: { work } }), { store });
  const handler = createWebhook(runner, channel, { clock, typing: true });
  onTestFinished(() => store.close());
  const answering = handler(request(update));
  await clock.advance({ minutes: 1 });
  const answer = await (await answering).text();
  const said = JSON.parse(answer) as { readonly method: string };
  return [...calls, { method: said.method, body: { ...said } }];
}

const typing = (place: object): Call => ({
  method: 'sendChatAction',
  body: { action: 'typing', ...place },
});

it.each<[where: string, update: object, place: object]>([
  ['a private chat', message({ text: 'hi' }), { chat_id: 101 }],
  ['a group', message({ text: 'hi' }, { from: bob, chat: group }), { chat_id: -100 }],
  [
    'a topic of a forum',
    message({ text: 'hi', message_thread_id: 7, is_topic_message: true }, { chat: group }),
    { chat_id: -100, message_thread_id: 7 },
  ],
])('a bot types in %s until it says something', async (_where, update, place) => {
  const calls = await callsAfter(update);
  expect(calls.slice(0, 2)).toEqual([typing(place), typing(place)]);
  expect(calls.slice(2).map(({ method }) => method)).toEqual(['sendMessage']);
});

it('a bot types in the supergroup that a group has become', async () => {
  const calls = await callsAfter(
    message({ text: 'hi' }, { chat: { ...group, type: 'group' } }),
    ({ body }) =>
      body['chat_id'] === -100
        ? { ok: false, error_code: 400, parameters: { migrate_to_chat_id: -1009 } }
        : { ok: true, result: true },
  );
  const both = [typing({ chat_id: -100 }), typing({ chat_id: -1009 })];
  expect(calls.slice(0, -1)).toEqual([...both, ...both]);
});

it.each<[what: string, answer: object]>([
  ['a user who blocked it', { ok: false, error_code: 403 }],
  ['a limit of calls', { ok: false, error_code: 429, parameters: { retry_after: 5 } }],
])('a bot types once, and says what it has to say, after %s', async (_what, answer) => {
  const calls = await callsAfter(message({ text: 'hi' }), () => answer);
  expect(calls.map(({ method }) => method)).toEqual(['sendChatAction', 'sendMessage']);
});

it('a bot does not type for an openid of another channel', async () => {
  const { channel, calls } = channelOf();
  const { signal } = new AbortController();
  for (const openid of ['', 'telegram:2:101:101', 'telegram:1:', 'telegram:1:ann']) {
    await expect(channel.typing?.(openid, { signal })).rejects.toMatchObject({
      code: 'unknown_openid',
    });
  }
  expect(calls).toEqual([]);
});
