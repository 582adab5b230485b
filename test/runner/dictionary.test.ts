import { fromPromise } from 'xstate';
import { describe, expect, it } from 'vitest';
import { createRunner, setupDialogue } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createWorld, deferred, texts } from './world.ts';

const gate = { promise: Promise.resolve() };
const words = setupDialogue({
  types: {} as { context: { n: number; vip?: boolean; when?: Date; note?: string } },
  actors: { wait: fromPromise(() => gate.promise) },
});
const dialogue = words.createDialogue({
  id: 'shared',
  version: '1',
  context: { n: 0 },
  initial: 'on',
  states: {
    on: {
      on: {
        'message.text': [
          { guard: ({ context }) => context.vip === true, actions: words.reply('welcome, vip') },
          {
            actions: [
              words.assign({ n: ({ context }) => context.n + 1 }),
              words.reply(({ context }) => `n ${context.n}`),
            ],
          },
        ],
        'message.image': { actions: words.assign({ when: () => new Date(0) }) },
        'message.voice': {
          actions: words.assign(({ context }) => {
            context.when?.setTime(1);
            return { n: context.n + 1 };
          }),
        },
        'message.video': 'waiting',
      },
    },
    waiting: {
      invoke: {
        src: 'wait',
        onDone: { target: 'on', actions: words.assign({ n: ({ context }) => context.n + 1 }) },
      },
    },
  },
});

describe('the dictionary is the extended state', () => {
  it('what a turn assigned is what the store reads', async () => {
    const { runner, store } = createWorld(dialogue);
    await runner.handle('u', 'x');
    const context = await store.open('u');
    expect(context.get('n')).toBe(1);
    expect(context.keys()).toEqual(['n']);
  });

  it('what plain code wrote between two turns is what the next guard sees', async () => {
    const { runner, store } = createWorld(dialogue);
    await runner.handle('u', 'x');
    await store.update('u', (context) => context.set('vip', true));
    expect(texts((await runner.handle('u', 'x')).replies)).toEqual(['welcome, vip']);
  });

  it('what plain code wrote before the first message goes over the initial context', async () => {
    const { runner, store } = createWorld(dialogue);
    await store.update('u', (context) => context.set('n', 41));
    expect(texts((await runner.handle('u', 'x')).replies)).toEqual(['n 42']);
  });

  it.each([
    ['in memory', {}],
    ['over a persister', { persister: memory() }],
  ])(
    'an update that falls into a running turn waits for it, and neither is lost (%s)',
    async (_where, storeOptions) => {
      const held = deferred();
      gate.promise = held.promise;
      const { runner, store, data } = createWorld(dialogue, { storeOptions });
      const turn = runner.handle('u', { type: 'message.video' });
      const update = store.update('u', (context) => context.set('note', 'mine'));
      held.resolve();
      await Promise.all([turn, update]);
      expect(await data('u')).toEqual({ n: 1, note: 'mine' });
    },
  );

  it('a draft saved into a running turn is kept: the turn runs again on it, or continues from it', async () => {
    const held = deferred();
    gate.promise = held.promise;
    const { runner, store, data } = createWorld(dialogue);
    const turn = runner.handle('u', { type: 'message.video' });
    const draft = await store.open('u');
    await draft.set('note', 'mine').save();
    held.resolve();
    await turn;
    expect(await data('u')).toEqual({ n: 1, note: 'mine' });
  });

  it('a draft opened before a turn cannot overwrite what the turn committed', async () => {
    const { runner, store, data } = createWorld(dialogue);
    await runner.handle('u', 'x');
    const draft = await store.open('u');
    await runner.handle('u', 'x');
    await expect(draft.set('n', 100).save()).rejects.toMatchObject({ code: 'conflict' });
    expect(await data('u')).toEqual({ n: 2 });
  });

  it('a turn cannot change what was committed, not even what no freezing protects', async () => {
    const { runner, store } = createWorld(dialogue);
    await runner.handle('u', { type: 'message.image' });
    const saved: Date[] = [];
    store.on('save', ({ data }) => saved.push((data as { when: Date }).when));
    const before = await store.open('u');
    await runner.handle('u', { type: 'message.voice' });
    expect(before.get('when')).toEqual(new Date(0));
    expect(saved).toEqual([new Date(1)]);
  });
});

describe('a changed dialogue', () => {
  const changed = words.createDialogue({
    id: 'shared',
    version: '2',
    context: { n: 0 },
    initial: 'hello',
    states: { hello: { entry: words.reply(({ context }) => `hello, n ${context.n}`) } },
  });

  it.each([
    ['in the same process', false],
    ['after a restart', true],
  ])(
    'starts again over the context of a conversation whose state is gone, and tells (%s)',
    async (_when, restart) => {
      const disk = createDisk();
      const before = createWorld(
        dialogue,
        restart ? { storeOptions: { persister: memory(disk) } } : {},
      );
      await before.runner.handle('u', 'x');
      await before.runner.stop();
      const after = restart
        ? createWorld(changed, { storeOptions: { persister: memory(disk) } }).runner
        : createRunner(changed, { store: before.store });
      const told: unknown[] = [];
      after.on('incompatible', (event) => told.push(event));
      expect(texts((await after.handle('u', 'x')).replies)).toEqual(['hello, n 1']);
      expect(told).toMatchObject([{ openid: 'u' }]);
    },
  );
});
