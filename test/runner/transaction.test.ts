import { fromPromise } from 'xstate';
import { describe, expect, it } from 'vitest';
import { ConflictError, type Persister, setupDialogue } from 'colloquy';
import { memory } from 'colloquy/persist/memory';
import { createWorld, texts } from './world.ts';

const boom = (): never => {
  throw new Error('boom');
};

const words = setupDialogue({
  types: {} as { context: { n: number } },
  guards: { boom },
  actions: { boom },
  actors: { never: fromPromise(() => new Promise<never>(() => {})) },
});
const increment = words.assign({ n: ({ context }) => context.n + 1 });
const dialogue = words.createDialogue({
  id: 'd',
  context: { n: 0 },
  initial: 'on',
  states: {
    on: {
      on: {
        'message.text': { actions: [increment, words.reply(({ context }) => `n ${context.n}`)] },
        'message.image': { guard: 'boom', target: 'off' },
        'message.voice': {
          target: 'off',
          actions: [increment, words.reply('hm'), words.assign(boom)],
        },
        'message.video': { target: 'off', actions: [increment, words.reply(boom)] },
        'message.file': { target: 'off', actions: [increment, words.reply('saved'), 'boom'] },
        'message.link': {
          actions: words.assign(() => ({ n: (() => 1) as unknown as number })),
        },
        'message.location': { actions: words.assign({ n: () => 'x'.repeat(70_000) as never }) },
        'message.action': { target: 'off', actions: increment },
      },
    },
    off: {
      invoke: { src: 'never' },
      after: { 1000: 'on' },
      on: { 'message.text': { target: 'on', actions: words.reply('back') } },
    },
  },
});

describe('a throw', () => {
  it.each([
    ['a guard', 'message.image', 'step_failed'],
    ['an assign', 'message.voice', 'step_failed'],
    ['a reply', 'message.video', 'step_failed'],
    ['a context that holds a function', 'message.link', 'context_not_plain'],
    ['a context over the limit', 'message.location', 'context_too_big'],
  ] as const)('in %s changes nothing, and the next message works', async (_where, type, code) => {
    const { runner, store, data, errors } = createWorld(dialogue, { onError: () => 'Sorry.' });
    await runner.handle('u', 'x');
    const saves: unknown[] = [];
    store.on('save', (event) => saves.push(event));
    const location = { latitude: 0, longitude: 0 };
    const turn = await runner.handle('u', { type, url: 'u', ...location }, { id: 'm' });
    expect(turn).toMatchObject({ outcome: 'failed', error: { name: 'StepError', code } });
    expect(texts(turn.replies)).toEqual(['Sorry.']);
    expect(saves).toEqual([]);
    expect(await data('u')).toEqual({ n: 1 });
    expect(errors).toMatchObject([{ code }]);
    expect(texts((await runner.handle('u', 'x')).replies)).toEqual(['n 2']);
  });

  it('in an action is reported, and the turn stands as it was committed', async () => {
    const { runner, clock, data, errors } = createWorld(dialogue);
    const handled = runner.handle('u', { type: 'message.file' });
    // The state it goes to waits for a service that never ends.
    await clock.advance({ milliseconds: 900 });
    expect(errors).toMatchObject([{ message: 'boom' }]);
    await clock.advance({ milliseconds: 3600 });
    const turn = await handled;
    expect(turn).toMatchObject({ outcome: 'pending' });
    expect(texts(turn.replies)).toEqual(['saved']);
    expect(await data('u')).toEqual({ n: 1 });
    expect(texts((await runner.handle('u', 'x')).replies)).toEqual(['n 2']);
  });

  it('in the first step leaves no record', async () => {
    const { runner, store } = createWorld(dialogue);
    await runner.handle('u', { type: 'message.image' });
    expect(await store.exists('u')).toBe(false);
  });

  it('in onError says nothing and is reported', async () => {
    const { runner, errors } = createWorld(dialogue, { onError: boom });
    expect(await runner.handle('u', { type: 'message.image' })).toMatchObject({
      outcome: 'failed',
      replies: [],
    });
    expect(errors).toHaveLength(2);
  });

  it('names the size of a context that is too big', async () => {
    const { runner } = createWorld(dialogue);
    const { error } = await runner.handle('u', {
      type: 'message.location',
      latitude: 0,
      longitude: 0,
    });
    expect(error).toMatchObject({ details: { size: 70_008, limit: 65_536 } });
  });
});

/** A persister whose saves behave as the test says, one after another. */
function saving(...behaviours: (() => void)[]): Persister {
  const persister = memory();
  return {
    ...persister,
    async save(record, expected) {
      behaviours.shift()?.();
      return persister.save(record, expected);
    },
  };
}

describe('a save', () => {
  it('that fails sends nothing: no reply, no action, no timer, no service', async () => {
    const persister = saving(
      () => {},
      () => {
        throw new Error('disk full');
      },
    );
    const { runner, clock, said, errors, data } = createWorld(dialogue, {
      storeOptions: { persister },
    });
    const timers: unknown[] = [];
    runner.on('timer', (event) => timers.push(event));
    await runner.handle('u', 'x');
    const turn = await runner.handle('u', { type: 'message.file' }, { id: 'm' });
    expect(turn).toMatchObject({
      outcome: 'failed',
      replies: [],
      error: { code: 'unavailable', retryable: true },
    });
    expect(errors).toMatchObject([{ code: 'unavailable' }]);
    await clock.advance({ minutes: 1 });
    expect(timers).toEqual([]);
    expect(said).toEqual([]);
    expect(await data('u')).toEqual({ n: 1 });
    // It left no trace, so the same message counts when it comes again.
    expect(texts((await runner.handle('u', 'again', { id: 'm' })).replies)).toEqual(['n 2']);
  });

  it('that conflicts makes the turn run again on the new state, and is reported', async () => {
    const conflicts: unknown[] = [];
    const persister = saving(
      () => {},
      () => {
        throw new ConflictError('u');
      },
    );
    const { runner, data } = createWorld(dialogue, { storeOptions: { persister } });
    runner.on('conflict', (event) => conflicts.push(event));
    await runner.handle('u', 'x');
    expect(texts((await runner.handle('u', 'x')).replies)).toEqual(['n 2']);
    expect(conflicts).toEqual([{ openid: 'u', attempt: 1 }]);
    expect(await data('u')).toEqual({ n: 2 });
  });

  it('that conflicts each time fails the turn in the end', async () => {
    const persister = saving(
      ...Array.from({ length: 50 }, () => () => {
        throw new ConflictError('u');
      }),
    );
    const { runner } = createWorld(dialogue, { storeOptions: { persister } });
    expect(await runner.handle('u', 'x')).toMatchObject({
      outcome: 'failed',
      error: { code: 'conflict' },
    });
  });
});

describe('the order of things', () => {
  it('is commit first, then actions, then the answer', async () => {
    const order: string[] = [];
    const { reply, createDialogue } = setupDialogue({
      types: {} as { context: object },
      actions: { act: () => order.push('action') },
    });
    const { runner, store } = createWorld(
      createDialogue({
        id: 'order',
        context: {},
        initial: 'on',
        states: {
          on: {
            on: {
              'message.text': {
                actions: [
                  'act',
                  reply(() => {
                    order.push('step');
                    return 'hi';
                  }),
                ],
              },
            },
          },
        },
      }),
    );
    store.on('save', () => order.push('commit'));
    runner.on('turn', () => order.push('turn'));
    await runner.handle('u', 'x');
    expect(order).toEqual(['step', 'commit', 'action', 'turn']);
  });

  it('keeps a listener that throws out of the turn', async () => {
    const { runner, store, errors } = createWorld(dialogue);
    store.on('save', boom);
    runner.on('turn', boom);
    expect(texts((await runner.handle('u', 'x')).replies)).toEqual(['n 1']);
    expect(errors).toMatchObject([{ message: 'boom' }, { message: 'boom' }]);
  });
});

describe('a sub-dialogue', () => {
  const inner = setupDialogue({
    types: {} as { context: { list: number[]; when: Date } },
    actions: { boom },
  });
  const child = inner.createDialogue({
    id: 'child',
    context: { list: [1], when: new Date(0) },
    initial: 'on',
    states: {
      on: {
        on: {
          'message.text': {
            actions: inner.reply(
              ({ context }) => `${context.list.length} ${context.when.getTime()}`,
            ),
          },
          'message.image': {
            actions: inner.assign(({ context }) => {
              context.when.setTime(7);
              context.list.push(2);
              return boom();
            }),
          },
          'message.voice': { actions: inner.assign({ list: () => (() => 1) as never }) },
        },
      },
    },
  });
  const outer = setupDialogue({ types: {} as { context: object }, actors: { child } });
  const parent = outer.createDialogue({
    id: 'parent',
    context: {},
    initial: 'on',
    states: { on: { invoke: { id: 'c', src: 'child' } } },
  });

  it.each([
    ['changes its context in place and throws', 'message.image', 'step_failed'],
    ['assigns a function', 'message.voice', 'context_not_plain'],
  ] as const)('that %s changes nothing', async (_what, type, code) => {
    const { runner } = createWorld(parent);
    const say = async (): Promise<string[]> => texts((await runner.handle('u', 'x')).replies);
    expect(await say()).toEqual(['1 0']);
    expect((await runner.handle('u', { type })).error).toMatchObject({ code });
    expect(await say()).toEqual(['1 0']);
  });
});
