import { createRunner, setupDialogue } from 'colloquy';
import { telegram } from 'colloquy/channels/telegram';
import { createWebhook } from 'colloquy/channels/webhook';
import { createDisk, memory } from 'colloquy/persist/memory';
import { faulty } from 'colloquy/testing';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createWorld, texts } from './world.ts';

const words = setupDialogue({ types: {} as { context: { heard?: number } } });
const counting = words.createDialogue({
  id: 'counting',
  context: {},
  on: {
    'message.text': {
      actions: [
        words.assign({ heard: ({ context }) => (context.heard ?? 0) + 1 }),
        words.reply(({ context }) => `That was ${context.heard}.`),
      ],
    },
    'event.enter': { actions: words.reply('Welcome.') },
    'event.payment': { actions: words.reply('Paid.') },
  },
});

const quota = { messages: 3, perMs: 60_000, say: () => 'One moment, please.' };

describe('a quota of messages for each user', () => {
  it('sheds what is over it, says so once in its time, and takes the next when there is room', async () => {
    const { runner, clock, data } = createWorld(counting, { lanes: { quota } });
    const say = async (openid = 'ann') => {
      const { outcome, replies, overQuota } = await runner.handle(openid, 'hi');
      return [outcome, ...texts(replies), ...(overQuota ? ['over'] : [])];
    };
    for (const count of [1, 2, 3]) {
      expect(await say()).toEqual(['replied', `That was ${count}.`]);
      await clock.advance(1000);
    }
    expect(await say()).toEqual(['shed', 'One moment, please.', 'over']);
    expect(await say()).toEqual(['shed', 'over']);
    // Another user has a quota of their own.
    expect(await say('bob')).toEqual(['replied', 'That was 1.']);
    await clock.advance(57_000);
    // The first of the three is a minute old.
    expect(await say()).toEqual(['replied', 'That was 4.']);
    expect(await say()).toEqual(['shed', 'over']);
    await clock.advance(6_000);
    expect(await say()).toEqual(['replied', 'That was 5.']);
    expect(await say()).toEqual(['replied', 'That was 6.']);
    expect(await say()).toEqual(['shed', 'One moment, please.', 'over']);
    expect(await data('ann')).toEqual({ heard: 6 });
  });

  it('does not count a redelivery, and gives it the replies of its message', async () => {
    const { runner, clock } = createWorld(counting, { lanes: { quota } });
    for (const id of ['1', '2', '3']) await runner.handle('ann', 'hi', { id });
    for (let again = 0; again < 3; again += 1) {
      const { outcome, replies } = await runner.handle('ann', 'hi', { id: '2' });
      expect([outcome, ...texts(replies)]).toEqual(['duplicate', 'That was 2.']);
    }
    expect((await runner.handle('ann', 'hi', { id: '4' })).outcome).toBe('shed');
    // What was shed did not count: it may come again.
    await clock.advance(60_000);
    expect((await runner.handle('ann', 'hi', { id: '4' })).outcome).toBe('replied');
  });

  it('counts what a person says, and neither other events nor those from outside', async () => {
    const { runner } = createWorld(counting, { lanes: { quota: { ...quota, messages: 1 } } });
    await runner.handle('ann', 'hi');
    for (let count = 0; count < 3; count += 1) {
      expect((await runner.handle('ann', { type: 'event.enter', spoken: false })).outcome).toBe(
        'replied',
      );
      expect((await runner.send('ann', { type: 'event.payment' })).outcome).toBe('replied');
    }
    expect((await runner.handle('ann', 'help')).outcome).toBe('shed');
  });

  it('reads and writes nothing for what it sheds', async () => {
    const calls: string[] = [];
    const inner = memory(createDisk());
    const { runner, clock } = createWorld(counting, {
      lanes: { quota: { messages: 1, perMs: 1000, say: undefined } },
      storeOptions: {
        max: 1,
        persister: faulty(inner, {
          clock: { now: () => 0, wake: () => () => {} },
          choose: ({ method }) => void calls.push(method),
        }),
      },
    });
    await runner.handle('ann', 'hi');
    await runner.handle('bob', 'hi');
    await clock.advance(1);
    calls.length = 0;
    for (let count = 0; count < 5; count += 1) await runner.handle('ann', 'hi');
    expect(calls).toEqual([]);
  });

  it('reports the turn, and what its words throw', async () => {
    const say = (): never => {
      throw new Error('no words');
    };
    const { runner, errors } = createWorld(counting, {
      lanes: { quota: { messages: 1, perMs: 1000, say } },
    });
    const turns: unknown[] = [];
    runner.on('turn', ({ outcome, cause, overQuota }) => turns.push([outcome, cause, overQuota]));
    await runner.handle('ann', 'hi');
    expect((await runner.handle('ann', 'hi')).replies).toEqual([]);
    expect(turns).toEqual([
      ['replied', 'message', undefined],
      ['shed', 'message', true],
    ]);
    expect(errors).toEqual([expect.objectContaining({ message: 'no words' })]);
  });

  it('is acknowledged to the platform, with its words, so that it does not deliver again', async () => {
    const { runner } = createWorld(counting, { lanes: { quota: { ...quota, messages: 1 } } });
    const secret = 'secretOfSetWebhook';
    const handler = createWebhook(runner, telegram({ token: '1:a', secret, username: 'bot' }));
    const post = async (update: number) => {
      const response = await handler(
        new Request('http://bot.example/', {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'x-telegram-bot-api-secret-token': secret,
          },
          body: JSON.stringify({
            update_id: update,
            message: {
              message_id: update,
              date: 1,
              chat: { id: 7, type: 'private' },
              from: { id: 7, is_bot: false, first_name: 'Ann' },
              text: 'hi',
            },
          }),
        }),
      );
      return [response.status, await response.text()] as const;
    };
    expect((await post(1))[1]).toContain('That was 1.');
    const [status, body] = await post(2);
    expect([status, body]).toEqual([200, expect.stringContaining('One moment, please.')]);
    expect((await post(3))[0]).toBe(200);
  });

  it('is kept for the ten thousand users who were heard last', async () => {
    const { runner } = createWorld(counting, {
      lanes: { quota: { messages: 1, perMs: 1e9 } },
      storeOptions: { max: 10 },
    });
    await runner.handle('ann', 'hi');
    expect((await runner.handle('ann', 'hi')).outcome).toBe('shed');
    for (let user = 0; user < 10_000; user += 1) await runner.handle(`user-${user}`, 'hi');
    expect((await runner.handle('user-1', 'hi')).outcome).toBe('shed');
    expect((await runner.handle('ann', 'hi')).outcome).toBe('replied');
  });

  it('blocks no user after the clock was set back', async () => {
    let now = 1_000_000;
    const runner = createRunner(counting, {
      clock: { now: () => now, wake: () => () => {} },
      lanes: { quota: { messages: 1, perMs: 60_000 } },
    });
    onTestFinished(() => runner.stop());
    await runner.handle('ann', 'hi');
    now -= 500_000;
    expect((await runner.handle('ann', 'hi')).outcome).toBe('replied');
  });

  it.each([
    { messages: 0, perMs: 1000 },
    { messages: 1.5, perMs: 1000 },
    { messages: 1001, perMs: 1000 },
    { messages: 1, perMs: 0 },
    { messages: 1, perMs: Number.POSITIVE_INFINITY },
    { messages: 1 },
    { messages: 1, perMs: 1000, says: () => 'x' },
  ])('is refused as %o', (bad) => {
    expect(() => createRunner(counting, { lanes: { quota: bad as never } })).toThrow(
      expect.objectContaining({ code: 'bad_option' }) as Error,
    );
  });

  it('takes no more than it allows in any span of its time, and tells no more than once in it', async () => {
    const property = fc.asyncProperty(
      fc.array(fc.tuple(fc.nat({ max: 500 }), fc.option(fc.nat({ max: 8 }), { nil: undefined })), {
        maxLength: 60,
      }),
      async (messages) => {
        const { runner, clock } = createWorld(counting, {
          lanes: { quota: { messages: 4, perMs: 1000, say: () => 'Wait.' } },
        });
        const taken: number[] = [];
        const told: number[] = [];
        for (const [pauseMs, id] of messages) {
          await clock.advance(pauseMs);
          const options = id === undefined ? {} : { id: `${id}` };
          const turn = await runner.handle('ann', 'hi', options);
          if (turn.outcome === 'replied') taken.push(clock.now());
          if (turn.outcome === 'shed' && turn.replies.length > 0) told.push(clock.now());
        }
        const within = (times: readonly number[], count: number): boolean =>
          times.every((at, index) => at - (times[index - count] ?? -Infinity) >= 1000);
        expect(within(taken, 4)).toBe(true);
        expect(within(told, 1)).toBe(true);
      },
    );
    await fc.assert(property, { numRuns: 100 });
  });
});
