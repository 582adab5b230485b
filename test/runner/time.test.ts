import { fromPromise, raise } from 'xstate';
import { describe, expect, it } from 'vitest';
import { setupDialogue } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createWorld, texts } from './world.ts';

const DAY = 24 * 3_600_000;

function reminder(delay: number | object) {
  const words = setupDialogue({ types: {} as { context: { reminded: number } } });
  const after = {
    target: 'on',
    actions: [
      words.assign({ reminded: ({ context }) => context.reminded + 1 }),
      words.reply('reminder'),
    ],
  } as const;
  return words.createDialogue({
    id: 'reminder',
    context: { reminded: 0 },
    initial: 'on',
    states: {
      on: { on: { 'message.text': 'waiting' } },
      waiting: {
        after: typeof delay === 'number' ? { [delay]: after } : {},
        on: { 'message.image': 'on' },
      },
    },
  });
}

describe('a delay', () => {
  it.each([
    ['1 ms', 1],
    ['30 days', 30 * DAY],
    ['3 years', 3 * 365 * DAY],
  ])('of %s fires then and not before, once, and is said by reply', async (_name, delay) => {
    const { runner, clock, said, data } = createWorld(reminder(delay));
    const fired: unknown[] = [];
    runner.on('timer', ({ openid, dueAt }) => fired.push([openid, dueAt]));
    const dueAt = clock.now() + delay;
    await runner.handle('u', 'x');
    await clock.advance(delay - 1);
    expect(said).toEqual([]);
    await clock.advance(1);
    expect(said).toEqual(['u: reminder']);
    await clock.advance({ hours: 1 });
    expect([fired, said.length]).toEqual([[['u', dueAt]], 1]);
    expect(await data('u')).toEqual({ reminded: 1 });
  });

  it('is forgotten when the dialogue leaves its state', async () => {
    const { runner, clock, said } = createWorld(reminder(1000));
    await runner.handle('u', 'x');
    await runner.handle('u', { type: 'message.image' });
    await clock.advance({ hours: 1 });
    expect(said).toEqual([]);
  });

  it('ends with the conversation when that is flushed or reaches a fixed expiry', async () => {
    const { runner, store, clock, said } = createWorld(reminder(10_000));
    await runner.handle('flushed', 'x');
    await store.delete('flushed');
    await runner.handle('expired', 'x');
    await store.update('expired', (context) => context.setExpiry({ seconds: 5 }));
    await clock.advance({ hours: 1 });
    expect(said).toEqual([]);
    expect(store.size).toBe(0);
  });

  it('holds a sliding expiry back, which then counts from the turn of the delay', async () => {
    const { runner, store, clock } = createWorld(reminder(3 * 3_600_000), {
      storeOptions: { age: 7200 },
    });
    await runner.handle('u', 'x');
    await clock.advance({ hours: 4 });
    expect(await store.exists('u')).toBe(true);
    await clock.advance({ hours: 1 });
    expect(await store.exists('u')).toBe(false);
  });

  it.each([
    ['in time', 1000, 0],
    ['long overdue', 100_000, 1],
  ])('survives a crash, and fires once, %s', async (_when, down, atOnce) => {
    const disk = createDisk();
    const before = createWorld(reminder(30_000), { storeOptions: { persister: memory(disk) } });
    await before.runner.handle('u', 'x');
    const { now } = before.clock;
    const after = createWorld(reminder(30_000), { storeOptions: { persister: memory(disk) } });
    await after.clock.advance(now() - after.clock.now() + down);
    await after.runner.start();
    expect(after.said).toHaveLength(atOnce);
    await after.clock.advance({ minutes: 5 });
    expect(after.said).toEqual(['u: reminder']);
  });

  it('survives the eviction of its conversation from memory', async () => {
    const { runner, clock, said, store } = createWorld(reminder(30_000), {
      storeOptions: { persister: memory(), max: 1 },
    });
    for (const openid of ['a', 'b', 'c']) await runner.handle(openid, 'x');
    expect(store.size).toBe(1);
    await clock.advance(29_999);
    expect(said).toEqual([]);
    await clock.advance({ seconds: 2 });
    expect(said.toSorted()).toEqual(['a: reminder', 'b: reminder', 'c: reminder']);
  });

  it('ends with a turn that throws, which changes nothing else', async () => {
    const words = setupDialogue({ types: {} as { context: { n: number } } });
    const { runner, clock, said, errors, data } = createWorld(
      words.createDialogue({
        id: 'd',
        context: { n: 1 },
        initial: 'on',
        states: {
          on: {
            after: {
              1000: {
                actions: words.assign(() => {
                  throw new Error('boom');
                }),
              },
            },
            on: { 'message.text': { actions: words.reply('alive') } },
          },
        },
      }),
      { onError: () => 'Sorry.' },
    );
    await runner.handle('u', 'x');
    await clock.advance({ minutes: 1 });
    expect([said, errors.length, await data('u')]).toEqual([['u: Sorry.'], 1, { n: 1 }]);
    expect(texts((await runner.handle('u', 'x')).replies)).toEqual(['alive']);
  });

  it('whose turn cannot be committed fires when it can, once, and no apology is said meanwhile', async () => {
    const disk = memory();
    let isDown = false;
    const persister = {
      ...disk,
      save: async (...args: Parameters<typeof disk.save>) => {
        if (isDown) throw new Error('disk full');
        return disk.save(...args);
      },
    };
    const { runner, clock, said } = createWorld(reminder(1000), {
      storeOptions: { persister },
      onError: () => 'Sorry.',
    });
    const fired: string[] = [];
    runner.on('timer', ({ openid }) => fired.push(openid));
    await runner.handle('u', 'x');
    isDown = true;
    await clock.advance({ minutes: 1 });
    expect([said, fired]).toEqual([[], []]);
    isDown = false;
    await clock.advance({ seconds: 2 });
    expect([said, fired]).toEqual([['u: reminder'], ['u']]);
  });

  it('of 0 ms does not keep other users from their turns', async () => {
    const words = setupDialogue({ types: {} as { context: { n: number } } });
    const { runner, clock } = createWorld(
      words.createDialogue({
        id: 'busy',
        context: { n: 0 },
        initial: 'on',
        states: {
          on: {
            after: {
              0: {
                target: 'on',
                reenter: true,
                actions: words.assign({ n: ({ context }) => context.n + 1 }),
              },
            },
            on: {
              'message.text': { actions: words.reply(({ context }) => `${context.n}`) },
              'message.image': 'off',
            },
          },
          off: {},
        },
      }),
    );
    await runner.handle('u', 'x');
    void clock.advance(1);
    const other = await runner.handle('v', 'x');
    expect(other.outcome).toBe('replied');
    await runner.handle('u', { type: 'message.image' });
    await runner.handle('v', { type: 'message.image' });
  });

  it.each([
    [
      'too many at once',
      'too_many_pending',
      () => raise({ type: 'nudge' } as never, { delay: 1000 }),
    ],
    [
      'one that is no number',
      'bad_delay',
      () => raise({ type: 'nudge' } as never, { id: 'n', delay: () => Number.NaN }),
    ],
  ])('is refused: %s', async (_what, code, make) => {
    const words = setupDialogue({ types: {} as { context: object } });
    const { runner } = createWorld(
      words.createDialogue({
        id: 'd',
        context: {},
        initial: 'on',
        states: { on: { on: { 'message.text': { actions: make() as never } } } },
      }),
    );
    let turn = await runner.handle('u', 'x');
    for (let n = 0; n < 64 && turn.outcome !== 'failed'; n += 1)
      turn = await runner.handle('u', 'x');
    expect(turn.error).toMatchObject({ name: 'StepError', code });
  });
});

describe('a dialogue that is done', () => {
  const words = setupDialogue({
    types: {} as { context: { rounds: number; name?: string } },
    actors: { never: fromPromise(() => new Promise<never>(() => {})) },
  });
  const dialogue = words.createDialogue({
    id: 'round',
    context: { rounds: 0 },
    initial: 'name',
    states: {
      name: {
        entry: words.reply(({ context }) => `round ${context.rounds}: your name?`),
        after: { 60_000: { actions: words.reply('still there?') } },
        on: {
          'message.text': {
            target: 'end',
            actions: words.assign({
              name: ({ event }) => event.text,
              rounds: ({ context }) => context.rounds + 1,
            }),
          },
        },
      },
      end: { type: 'final', entry: words.reply(({ context }) => `bye ${context.name}`) },
    },
  });

  it('keeps its context, and starts again over it with the next message', async () => {
    const { runner, clock, said, data } = createWorld(dialogue);
    const say = async (text: string): Promise<string[]> =>
      texts((await runner.handle('u', text)).replies);
    expect(await say('hi')).toEqual(['round 0: your name?']);
    expect(await say('Ada')).toEqual(['bye Ada']);
    expect(await data('u')).toEqual({ name: 'Ada', rounds: 1 });
    await clock.advance({ minutes: 5 });
    expect(said).toEqual([]);
    expect(await say('hi again')).toEqual(['round 1: your name?']);
    expect(await say('Bob')).toEqual(['bye Bob']);
    expect(await data('u')).toEqual({ name: 'Bob', rounds: 2 });
  });

  it('is forgotten when its context expires, and the expire event has its last data', async () => {
    const { runner, store, clock } = createWorld(dialogue);
    const expired: unknown[] = [];
    store.on('expire', (event) => expired.push(event));
    await runner.handle('u', 'hi');
    await runner.handle('u', 'Ada');
    await clock.advance({ hours: 2 });
    expect(expired).toEqual([{ openid: 'u', data: { name: 'Ada', rounds: 1 } }]);
    expect(texts((await runner.handle('u', 'hi')).replies)).toEqual(['round 0: your name?']);
  });
});
