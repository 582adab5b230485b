import { createContextStore, createRunner, setupDialogue } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock, faulty } from 'colloquy/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fromPromise } from 'xstate';
import { createWorld, texts } from './world.ts';

/** How the service ends, and whether its `onDone` throws. */
type End = 'gives' | 'rejects' | 'is misunderstood';

const ends: { now: End } = { now: 'gives' };
const words = setupDialogue({
  types: {} as { context: { name?: string } },
  actors: {
    work: fromPromise<string>(async () => {
      if (ends.now === 'rejects') throw new Error('no connection');
      return ends.now;
    }),
  },
});
/** Asks for a name, and works. The state that works has no other exit, unless `cancel` is one. */
function working(exits: { readonly cancel: boolean; readonly remind?: boolean }) {
  return words.createDialogue({
    id: 'working',
    context: {},
    initial: 'name',
    states: {
      name: {
        entry: words.reply('Your name?'),
        on: {
          'message.text': {
            target: 'work',
            actions: words.assign({ name: ({ event }) => event.text }),
          },
        },
      },
      work: {
        entry: words.reply('One moment.'),
        invoke: {
          src: 'work',
          onDone: {
            target: 'over',
            actions: words.assign(({ event }) => {
              if (event.output === 'is misunderstood') throw new Error('no such field');
              return {};
            }),
          },
        },
        ...(exits.cancel && {
          on: { 'message.text': { target: 'over', actions: words.reply('Cancelled.') } },
        }),
        ...(exits.remind === true && { after: { 60_000: 'over' } }),
      },
      over: { entry: words.reply('Done.'), on: { 'message.image': 'name' } },
    },
  });
}

const failing: readonly End[] = ['rejects', 'is misunderstood'];

describe.each(failing)('a service that %s, in a turn that was committed,', (end) => {
  it('does not make its message `failed`: it counts, and the error is reported', async () => {
    ends.now = end;
    const { runner, errors, data } = createWorld(working({ cancel: true }), {
      onError: () => 'Sorry.',
    });
    await runner.handle('bob', 'hi', { id: '1' });
    const turn = await runner.handle('bob', 'Bob', { id: '2' });
    expect([turn.outcome, texts(turn.replies), turn.error]).toEqual([
      'replied',
      ['One moment.', 'Sorry.'],
      undefined,
    ]);
    expect(errors).toMatchObject([{ code: 'step_failed' }]);
    expect(await data('bob')).toEqual({ name: 'Bob' });
    const again = await runner.handle('bob', 'Bob', { id: '2' });
    expect(again.outcome).toBe('duplicate');
  });

  it('leaves the conversation in its state if a message can end that', async () => {
    ends.now = end;
    const { runner } = createWorld(working({ cancel: true }));
    await runner.handle('bob', 'hi');
    await runner.handle('bob', 'Bob');
    expect(texts((await runner.handle('bob', 'stop')).replies)).toEqual(['Cancelled.', 'Done.']);
  });

  it('leaves it there if a timer can end that', async () => {
    ends.now = end;
    const { runner, clock, said } = createWorld(working({ cancel: false, remind: true }));
    await runner.handle('bob', 'hi');
    await runner.handle('bob', 'Bob');
    await clock.advance({ minutes: 1 });
    expect(said).toEqual(['bob: Done.']);
  });

  it.each([['in memory'], ['over a persister']])(
    'does not leave it in a state that nothing ends: the next message starts the dialogue again (%s)',
    async (where) => {
      ends.now = end;
      const storeOptions = where === 'in memory' ? {} : { persister: memory(createDisk()) };
      const { runner, data } = createWorld(working({ cancel: false }), { storeOptions });
      await runner.handle('bob', 'hi');
      await runner.handle('bob', 'Bob');
      expect((await runner.inspect('bob'))?.dialogue).toBeUndefined();
      expect(await data('bob')).toEqual({ name: 'Bob' });
      ends.now = 'gives';
      expect(texts((await runner.handle('bob', 'hello?')).replies)).toEqual(['Your name?']);
      expect(texts((await runner.handle('bob', 'Bob')).replies)).toEqual(['One moment.', 'Done.']);
    },
  );

  it('does so too if it ends late', async () => {
    ends.now = end;
    const { runner, said } = createWorld(working({ cancel: false }), { onError: () => 'Sorry.' });
    await runner.handle('bob', 'hi');
    await runner.handle('bob', 'Bob', { awaitServices: false });
    await runner.idle('bob');
    expect(said).toEqual(['bob: Sorry.']);
    expect((await runner.inspect('bob'))?.dialogue).toBeUndefined();
  });
});

it('a timer whose turn throws does not leave a state that nothing else ends', async () => {
  const dialogue = words.createDialogue({
    id: 'waiting',
    context: {},
    initial: 'waiting',
    states: {
      waiting: {
        entry: words.reply('Wait a minute.'),
        after: {
          60_000: {
            target: 'over',
            actions: words.assign(() => {
              throw new Error('no');
            }),
          },
        },
      },
      over: {},
    },
  });
  const { runner, clock } = createWorld(dialogue);
  await runner.handle('bob', 'hi');
  await clock.advance({ minutes: 1 });
  expect((await runner.inspect('bob'))?.dialogue).toBeUndefined();
  expect(texts((await runner.handle('bob', 'hi')).replies)).toEqual(['Wait a minute.']);
});

it('a service result that cannot be committed yet leaves its message pending, and comes later', async () => {
  ends.now = 'gives';
  const clock = createManualClock();
  let saves = 0;
  const persister = faulty(memory(createDisk()), {
    clock,
    choose: ({ method }) => {
      if (method === 'save') saves += 1;
      return method === 'save' && saves === 3 ? { outcome: 'refused' } : undefined;
    },
  });
  const store = createContextStore({ clock, persister });
  onTestFinished(() => store.close());
  const runner = createRunner(working({ cancel: false }), { store });
  const said: string[] = [];
  runner.on('error', () => {});
  runner.on('reply', ({ reply }) => said.push(...texts([reply])));
  await runner.handle('bob', 'hi');
  const turn = await runner.handle('bob', 'Bob');
  expect([turn.outcome, texts(turn.replies), turn.uncommitted]).toEqual([
    'pending',
    ['One moment.'],
    undefined,
  ]);
  await clock.advance({ minutes: 2 });
  expect(said).toEqual(['Done.']);
});
