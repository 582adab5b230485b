import { createContextStore, createRunner, setupDialogue } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fromPromise } from 'xstate';
import { createWorld, deferred } from './world.ts';

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
  },
});

describe('runner.say', () => {
  it('says something unasked, in order, and changes nothing of the conversation', async () => {
    const { runner, said, data } = createWorld(counting);
    await runner.handle('ann', 'hi');
    expect(await runner.say('ann', ['Your parcel is here.', { type: 'image', url: 'a:b' }])).toBe(
      true,
    );
    await runner.idle('ann');
    expect(said).toEqual(['ann: Your parcel is here.', 'ann: [image] a:b']);
    expect(await data('ann')).toEqual({ heard: 1 });
  });

  it('reaches a user who never wrote, and whose dialogue still begins with their first message', async () => {
    const { runner, said } = createWorld(counting);
    await runner.say('bob', 'Hello!');
    await runner.idle('bob');
    expect(said).toEqual(['bob: Hello!']);
    expect((await runner.inspect('bob'))?.dialogue).toBeUndefined();
    expect((await runner.handle('bob', 'hi')).replies).toEqual([
      { type: 'text', text: 'That was 1.' },
    ]);
  });

  it('says it once under one id, also in the next process', async () => {
    const clock = createManualClock();
    const disk = createDisk();
    const said: unknown[] = [];
    for (const expected of [true, false, false]) {
      const store = createContextStore({ clock, persister: memory(disk) });
      const runner = createRunner(counting, { store });
      runner.on('reply', ({ reply }) => void said.push(reply));
      expect(await runner.say('ann', 'Paid.', { id: 'invoice-1' })).toBe(expected);
      await runner.stop();
      await store.close();
    }
    expect(said).toEqual([{ type: 'text', text: 'Paid.' }]);
  });

  it('does not share its ids with messages: a message with the same id still counts', async () => {
    const { runner } = createWorld(counting);
    await runner.say('ann', 'Paid.', { id: '1' });
    expect((await runner.handle('ann', 'hi', { id: '1' })).outcome).toBe('replied');
  });

  it('has committed what it says by the time it resolves', async () => {
    const disk = createDisk();
    const store = createContextStore({ clock: createManualClock(), persister: memory(disk) });
    onTestFinished(() => store.close());
    const runner = createRunner(counting, { store });
    await runner.say('ann', 'Paid.');
    expect(disk.records.get('ann')?.body).toContain('Paid.');
  });

  it('refuses invalid arguments, and stores nothing', async () => {
    const { runner, store } = createWorld(counting);
    const code = (error: unknown): unknown => (error as { code?: unknown }).code;
    await expect(runner.say('', 'x').catch(code)).resolves.toBe('bad_openid');
    await expect(runner.say('ann', 'x', { id: '' }).catch(code)).resolves.toBe('bad_id');
    await expect(runner.say('ann', { type: 'text' } as never).catch(code)).resolves.toBe(
      'bad_reply',
    );
    expect(await store.exists('ann')).toBe(false);
    await runner.stop();
    await expect(runner.say('ann', 'x').catch(code)).resolves.toBe('runner_stopped');
  });

  it('rejects if no listener could ever hear it', async () => {
    const store = createContextStore({ clock: createManualClock() });
    onTestFinished(() => store.close());
    await expect(createRunner(counting, { store }).say('ann', 'x')).rejects.toMatchObject({
      code: 'no_reply_listener',
    });
  });
});

describe('runner.idle', () => {
  const asked = deferred<string>();
  const slow = setupDialogue({
    types: {} as { context: object },
    actors: { ask: fromPromise(() => asked.promise) },
  });

  it('waits for the service of a user and for what it says, and not for others', async () => {
    const dialogue = slow.createDialogue({
      id: 'slow',
      context: {},
      initial: 'asking',
      states: {
        asking: {
          invoke: { src: 'ask', onDone: { target: 'done', actions: slow.reply('Found.') } },
        },
        done: { on: { 'message.text': {} } },
      },
    });
    const { runner, said, clock } = createWorld(dialogue, { deadlineMs: 1000 });
    const turn = runner.handle('ann', 'hi');
    await clock.advance(1000);
    expect((await turn).outcome).toBe('pending');
    let isIdle = false;
    const idle = runner.idle('ann').then(() => {
      isIdle = true;
    });
    await runner.idle('bob');
    await clock.advance(0);
    expect(isIdle).toBe(false);
    asked.resolve('it');
    await idle;
    expect(said).toEqual(['ann: Found.']);
  });

  it.each([2, 3, 10])('lets %i wait for one user at the same time', async (size) => {
    const { runner } = createWorld(counting);
    const told = deferred();
    runner.on('reply', () => told.promise);
    await runner.say('ann', 'Hello.');
    const waiting = Array.from({ length: size }, () => runner.idle('ann'));
    told.resolve(undefined);
    await expect(Promise.all(waiting)).resolves.toHaveLength(size);
  });
});

describe('a deadline of one call', () => {
  it('takes the place of the runner’s own', async () => {
    const never = setupDialogue({
      types: {} as { context: object },
      actors: { ask: fromPromise(() => new Promise(() => undefined)) },
    });
    const dialogue = never.createDialogue({
      id: 'never',
      context: {},
      initial: 'asking',
      states: { asking: { invoke: { src: 'ask', onDone: 'asking', onError: 'asking' } } },
    });
    const { runner, clock } = createWorld(dialogue);
    let outcome: string | undefined;
    void runner.handle('ann', 'hi', { deadlineMs: 14_500 }).then((turn) => {
      outcome = turn.outcome;
    });
    await clock.advance(14_499);
    expect(outcome).toBeUndefined();
    await clock.advance(1);
    expect(outcome).toBe('pending');
    await expect(runner.handle('ann', 'hi', { deadlineMs: Number.NaN })).rejects.toMatchObject({
      code: 'bad_option',
    });
  });
});

describe('runner.expectRedelivery', () => {
  it('makes ids of messages count for longer, and never for less long', async () => {
    const { runner, clock } = createWorld(counting, { storeOptions: { age: 7 * 86_400 } });
    runner.expectRedelivery(86_400_000);
    runner.expectRedelivery(1000);
    await runner.handle('ann', 'hi', { id: '1' });
    await clock.advance({ hours: 23 });
    expect((await runner.handle('ann', 'hi', { id: '1' })).outcome).toBe('duplicate');
  });
});

describe('an answer that does not follow services', () => {
  it('is there when the turn is committed, and what the service brings is said later', async () => {
    const found = deferred<string>();
    const looking = setupDialogue({
      types: {} as { context: object },
      actors: { look: fromPromise(() => found.promise) },
    });
    const dialogue = looking.createDialogue({
      id: 'looking',
      context: {},
      initial: 'asking',
      states: {
        asking: {
          entry: looking.reply('One moment…'),
          invoke: { src: 'look', onDone: { target: 'done', actions: looking.reply('Found.') } },
        },
        done: { on: { 'message.text': {} } },
      },
    });
    const { runner, said, clock } = createWorld(dialogue);
    const turn = await runner.handle('ann', 'hi', { follows: false });
    expect([turn.outcome, turn.replies]).toEqual([
      'replied',
      [{ type: 'text', text: 'One moment…' }],
    ]);
    found.resolve('it');
    await clock.advance(0);
    expect(said).toEqual(['ann: Found.']);
  });
});
