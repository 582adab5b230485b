import { createRunner, setupDialogue } from 'colloquy';
import { createWebChat } from 'colloquy/channels/web';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { SECRET } from './browser-page.ts';
import { UiClient } from './ui-client.ts';
import { createChatWorld, holdService } from './world.ts';

const text = (words: string) => ({ type: 'text', text: words }) as const;
const said = (words: string) => ({ type: 'text', text: words, state: 'done' }) as const;

describe('a client of the AI SDK', () => {
  it('talks with the dialogue, which knows the conversation', async () => {
    const { chat, runner } = createChatWorld();
    const client = new UiClient(chat);
    expect(await client.send(text('hi'))).toEqual([said('Echo hi')]);
    expect(await client.send(text('one'), text('two'))).toEqual([said('Echo one\ntwo')]);
    expect(runner.stats().records).toBe(1);
    expect(client.messages.at(-1)).toMatchObject({
      id: 'answer-ui-2',
      role: 'assistant',
      metadata: { outcome: 'replied' },
    });
  });

  it('gets the same answer again, and takes no second turn, where it sends or regenerates again', async () => {
    const { chat, runner } = createChatWorld();
    const client = new UiClient(chat);
    await client.send(text('remind'));
    let turns = 0;
    runner.on('turn', ({ outcome }) => {
      if (outcome !== 'duplicate') turns += 1;
    });
    expect(await client.regenerate()).toEqual([said('I will.')]);
    expect(turns).toBe(0);
    expect(client.messages).toHaveLength(2);
  });

  it('gets all that a turn says, also what its services bring', async () => {
    const { chat } = createChatWorld();
    const client = new UiClient(chat);
    expect(await client.send(text('look'))).toEqual([said('One moment.'), said('Found.')]);
  });

  it('gets what was said meanwhile with the next answer, first', async () => {
    const { chat, clock } = createChatWorld();
    const client = new UiClient(chat);
    await client.send(text('remind'));
    await clock.advance({ minutes: 2 });
    const parts = await client.send(text('hi'));
    expect(parts).toEqual([said('Reminder 1'), said('Reminder 2'), said('Echo hi')]);
  });

  it('gets an answer in time, where a service takes too long, and the rest with the next one', async () => {
    const { chat, clock } = createChatWorld();
    const release = holdService();
    const client = new UiClient(chat);
    const asking = client.send(text('look'));
    await clock.advance({ seconds: 51 });
    expect(await asking).toEqual([said('One moment.')]);
    expect(client.messages.at(-1)?.metadata).toEqual({ outcome: 'pending' });
    release();
    await clock.advance(1);
    expect(await client.send(text('hi'))).toEqual([said('Found.'), said('Echo hi')]);
  });

  it('sends pictures and files by their addresses', async () => {
    const { chat } = createChatWorld();
    const client = new UiClient(chat);
    const url = 'https://a.example/1';
    expect(await client.send({ type: 'file', url, mediaType: 'image/png' })).toEqual([
      said(`Picture ${url}`),
    ]);
    const file = { type: 'file', url, mediaType: 'application/pdf', filename: '1.pdf' } as const;
    expect(await client.send(file)).toEqual([said(`File ${url}`)]);
    const inline = {
      type: 'file',
      url: 'data:image/png;base64,AA',
      mediaType: 'image/png',
    } as const;
    await expect(client.send(inline)).rejects.toThrow('bad_request');
  });

  it('hears of no stream to resume: the same message gets its answer', async () => {
    const client = new UiClient(createChatWorld().chat);
    await client.send(text('hi'));
    expect(await client.reconnect()).toBeNull();
  });

  it('gets the answer to try again later, without a turn', async () => {
    const { chat, runner } = createChatWorld();
    const client = new UiClient(chat);
    await client.send(text('hi'));
    await runner.stop();
    await expect(client.send(text('ho'))).rejects.toThrow('try_again');
    expect(client.statuses).toEqual([200, 503]);
  });
});

describe('replies that are more than words', () => {
  const { choose, createDialogue, done, reply } = setupDialogue({
    types: {} as { context: { drink?: string } },
  });
  const tea = createDialogue({
    id: 'tea',
    context: {},
    initial: 'asking',
    states: {
      asking: choose({
        question: 'Which?',
        options: [{ value: 'green', label: 'Green' }, { value: 'black' }],
        assign: 'drink',
        target: 'served',
      }),
      served: {
        entry: reply({ type: 'image', url: 'https://a.example/cup.png', alt: 'A cup' }),
        always: 'over',
      },
      over: done(({ context }) => `Your ${context.drink} tea.`),
    },
  });

  it('are data parts beside their words; a button is a data part as well', async () => {
    const runner = createRunner(tea, { clock: createManualClock() });
    const client = new UiClient(createWebChat(runner, { secret: SECRET }));
    const [words, choices] = await client.send(text('hi'));
    expect(words).toEqual(said('Which?'));
    expect(choices).toMatchObject({
      type: 'data-choices',
      data: { options: [{ value: 'green' }, {}] },
    });
    const { asking } = (choices as { data: { asking: string } }).data;
    const data = { type: 'message.action', value: 'green', asking };
    expect(await client.send({ type: 'data-message', data })).toEqual([
      {
        type: 'data-image',
        id: 'ui-2/0',
        data: { type: 'image', url: 'https://a.example/cup.png', alt: 'A cup' },
      },
      said('Your green tea.'),
    ]);
  });
});
