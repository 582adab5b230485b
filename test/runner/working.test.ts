import { createContextStore, createRunner, setupDialogue } from 'colloquy';
import { type Disk, createDisk, memory } from 'colloquy/persist/memory';
import { type ManualClock, createManualClock } from 'colloquy/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fromPromise } from 'xstate';
import { deferred } from './world.ts';

const { createDialogue, reply } = setupDialogue({
  types: {} as { context: object },
  actors: { work: fromPromise<string>(() => new Promise(() => {})) },
});

/**
 * `one` runs a service, `two` runs two of them at a time, `chain` one after the other; an image leaves the state.
 * Services end when the test ends them, in the order in which they started.
 */
const worker = createDialogue({
  id: 'worker',
  context: {},
  initial: 'ready',
  states: {
    ready: {
      on: {
        'message.text': [
          { guard: ({ event }) => event.text === 'one', target: 'one' },
          { guard: ({ event }) => event.text === 'two', target: 'two' },
          { guard: ({ event }) => event.text === 'chain', target: 'first' },
          { actions: reply('hi') },
        ],
      },
    },
    one: {
      invoke: {
        src: 'work',
        onDone: { target: 'ready', actions: reply('done') },
        onError: { target: 'ready', actions: reply('failed') },
      },
      on: { 'message.image': { target: 'ready', actions: reply('cancelled') } },
    },
    two: {
      type: 'parallel',
      onDone: { target: 'ready', actions: reply('both done') },
      on: { 'message.image': { target: 'ready', actions: reply('cancelled') } },
      states: {
        left: {
          initial: 'busy',
          states: { busy: { invoke: { src: 'work', onDone: 'over' } }, over: { type: 'final' } },
        },
        right: {
          initial: 'busy',
          states: { busy: { invoke: { src: 'work', onDone: 'over' } }, over: { type: 'final' } },
        },
      },
    },
    first: { invoke: { src: 'work', onDone: 'one' } },
  },
});

function open({
  disk = createDisk(),
  clock = createManualClock(),
  work,
}: {
  readonly disk?: Disk;
  readonly clock?: ManualClock;
  readonly work?: () => Promise<string>;
} = {}) {
  const results: ReturnType<typeof deferred<string>>[] = [];
  const hangs = (): Promise<string> => {
    const result = deferred<string>();
    results.push(result);
    return result.promise;
  };
  const store = createContextStore({ clock, persister: memory(disk) });
  const dialogue = worker.provide({ actors: { work: fromPromise(work ?? hangs) } });
  const runner = createRunner(dialogue, { store });
  /** What the runner emitted, as `ann works`, `ann rests` and `ann: message replied`. */
  const told: string[] = [];
  runner.on('working', ({ openid, isWorking }) =>
    told.push(`${openid} ${isWorking ? 'works' : 'rests'}`),
  );
  runner.on('turn', ({ openid, cause, outcome }) => told.push(`${openid}: ${cause} ${outcome}`));
  onTestFinished(() => store.close());
  return {
    clock,
    store,
    runner,
    told,
    /** Gives a message to the runner, and lets its deadline pass. */
    async say(openid: string, text: string) {
      const turn = runner.handle(openid, text);
      await clock.advance({ seconds: 5 });
      return turn;
    },
    /** Ends the service that started first. */
    async end() {
      expect(results).not.toEqual([]);
      results.shift()?.resolve('');
      await clock.advance(0);
    },
  };
}

/** Leaves the state of a service. */
const image = { type: 'message.image', url: 'https://a.example/b.png' } as const;

describe('the event `working`', () => {
  it('reports that a service of the user starts, and that it ended, before the turn of its result', async () => {
    const { told, say, end } = open();
    await say('ann', 'one');
    expect(told).toEqual(['ann works', 'ann: message pending']);
    await end();
    expect(told.slice(2)).toEqual(['ann rests', 'ann: service replied']);
  });

  it('is silent where no service runs', async () => {
    const { told, say } = open();
    await say('ann', 'hi');
    expect(told).toEqual(['ann: message replied']);
  });

  it.each([
    ['ends within its turn', async () => ''],
    ['fails within its turn', async () => Promise.reject(new Error('down'))],
    [
      'throws at once',
      () => {
        throw new Error('down');
      },
    ],
  ])('reports the start and the end of a service that %s', async (_what, work) => {
    const { told, runner } = open({ work });
    await runner.handle('ann', 'one');
    expect(told).toEqual(['ann works', 'ann rests', 'ann: message replied']);
  });

  it('reports the first of two services that starts, and the last that ends', async () => {
    const { told, say, end } = open();
    await say('ann', 'two');
    await end();
    expect(told).toEqual(['ann works', 'ann: message pending', 'ann: service silent']);
    await end();
    expect(told.slice(3)).toEqual(['ann rests', 'ann: service replied']);
  });

  it('reports two services that follow one another as two times of work', async () => {
    const { told, say, end } = open();
    await say('ann', 'chain');
    await end();
    expect(told.slice(2)).toEqual(['ann rests', 'ann works', 'ann: service silent']);
    await end();
    expect(told.slice(5)).toEqual(['ann rests', 'ann: service replied']);
  });

  it('reports users apart', async () => {
    const { told, say, end } = open();
    await say('ann', 'one');
    await say('bob', 'one');
    await end();
    expect(told.filter((each) => !each.includes(':'))).toEqual([
      'ann works',
      'bob works',
      'ann rests',
    ]);
  });

  it.each(['one', 'two'])('reports the end where the state is left during %s', async (text) => {
    const { told, say, runner } = open();
    await say('ann', text);
    await runner.handle('ann', image);
    expect(told.slice(2)).toEqual(['ann rests', 'ann: message replied']);
  });

  it.each(['one', 'two'])('reports the end where the user is deleted during %s', async (text) => {
    const { told, say, store } = open();
    await say('ann', text);
    await store.delete('ann');
    expect(told.slice(2)).toEqual(['ann rests']);
  });

  it.each(['one', 'two'])('reports the end where the runner stops during %s', async (text) => {
    const { told, say, runner } = open();
    await say('ann', text);
    await say('bob', 'one');
    await runner.stop();
    expect(told.slice(4).toSorted()).toEqual(['ann rests', 'bob rests']);
  });

  it.each(['one', 'two'])(
    'reports the end for the old openid and the start for the new one after a move during %s',
    async (text) => {
      const { told, say, runner, end } = open();
      await say('ann', text);
      await runner.move('ann', 'anne');
      expect(told.slice(2)).toEqual(['ann rests', 'anne works']);
      if (text === 'two') await end();
      await end();
      expect(told.filter((each) => !each.includes(':')).slice(3)).toEqual(['anne rests']);
    },
  );

  it.each(['stopped', 'crashed'])(
    'reports a service that is started again after its process %s',
    async (how) => {
      const disk = createDisk();
      const clock = createManualClock();
      const before = open({ disk, clock });
      await before.say('ann', 'one');
      if (how === 'stopped') await before.runner.stop();
      const after = open({ disk, clock });
      await after.runner.start();
      await clock.advance(0);
      expect(after.told).toEqual(['ann works']);
      await after.end();
      expect(after.told).toEqual(['ann works', 'ann rests', 'ann: service replied']);
    },
  );

  it('reports nothing more for a result that waits for its turn during a move', async () => {
    const { told, say, end, runner, store, clock } = open();
    await say('ann', 'one');
    const { promise: isFree, resolve: free } = deferred();
    const blocked = store.update('ann', async () => isFree);
    const moved = runner.move('ann', 'anne');
    await end();
    free();
    await Promise.all([blocked, moved]);
    await clock.advance(0);
    expect(told.slice(2)).toEqual(['ann rests', 'anne: service replied']);
  });

  it('does not reach the dialogue if a listener throws', async () => {
    const { runner, say, end, told } = open();
    const errors: unknown[] = [];
    runner.on('error', ({ error }) => errors.push(error));
    runner.on('working', () => {
      throw new Error('a listener');
    });
    await say('ann', 'one');
    await end();
    expect(told.at(-1)).toBe('ann: service replied');
    expect(errors).toHaveLength(2);
    expect(await runner.handle('ann', image)).toMatchObject({ outcome: 'unhandled' });
  });
});
