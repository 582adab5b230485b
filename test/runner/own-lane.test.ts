import { ColloquyError, setupDialogue } from 'colloquy';
import { memory } from 'colloquy/persist/memory';
import { describe, expect, it } from 'vitest';
import { fromPromise } from 'xstate';
import { atRest } from '../../src/internal/async.ts';
import { type World, createWorld, deferred, texts } from './world.ts';

/** What the program does inside of one of its functions, for the user whose turn or update runs that function. */
type Act = (world: World) => unknown;

/** What became of a promise by now: the test waits for the event loop only, and no virtual time passes. */
async function byNow(promise: Promise<unknown>): Promise<unknown> {
  let state: unknown = 'open';
  promise.then(
    (value) => (state = value),
    (error: unknown) => (state = ColloquyError.is(error) ? error.code : error),
  );
  for (let round = 0; round < 12; round += 1) await atRest();
  return state;
}

/** A bot that looks something up, listens with an async recognizer, and echoes. */
function createDesk(work: () => Promise<unknown>, understand: () => Promise<unknown>) {
  const words = setupDialogue({
    types: {} as { context: { heard?: string[]; n?: number } },
    actors: {
      look: fromPromise(async () => {
        await Promise.resolve();
        return (await work()) ?? 'it';
      }),
    },
    intents: { ask: async ({ type }) => type === 'message.voice' && (await understand()) === true },
  });
  const hear = words.assign({
    heard: ({ context, event }) => [
      ...(context.heard ?? []),
      'text' in event ? event.text : event.type,
    ],
  });
  return words.createDialogue({
    id: 'desk',
    context: {},
    initial: 'on',
    on: {
      'message.text': { actions: [hear, words.reply(({ event }) => `You said ${event.text}.`)] },
      'message.voice': { actions: [hear, words.reply('I heard you.')] },
      'intent.ask': { actions: words.reply('You asked.') },
      'event.payment': { actions: [hear, words.reply('Paid.')] },
      'event.join': '.looking',
    },
    states: {
      on: { on: { 'message.image': 'looking' } },
      looking: {
        entry: words.reply('Looking.'),
        invoke: {
          src: 'look',
          onDone: {
            target: 'on',
            actions: words.reply(({ event }) => `Found ${event.output as string}.`),
          },
          onError: { target: 'on', actions: words.reply('Not found.') },
        },
      },
    },
  });
}

interface Result {
  /** What the act gave, or the code that it threw. */
  readonly act: unknown;
  /** What the surrounding call gave: the outcome of a turn, `done`, or a code. */
  readonly around: unknown;
  readonly world: World;
}

const IMAGE = { type: 'message.image', mediaId: 'x' } as const;
const VOICE = { type: 'message.voice', mediaId: 'x' } as const;

const never = (): Promise<never> => Promise.reject(new Error('not called'));

/** Runs an act inside a function of each kind, and awaits it there. */
async function inside(
  kind: Kind,
  act: Act,
  persister?: ReturnType<typeof memory>,
): Promise<Result> {
  const acted = deferred<unknown>();
  const run = async (): Promise<unknown> => {
    try {
      const given = await act(world);
      acted.resolve(given);
      return 'it';
    } catch (error) {
      acted.reject(error);
      throw error;
    }
  };
  const storeOptions = persister === undefined ? {} : { persister };
  const world: World = createWorld(createDesk(run, run), { storeOptions });
  await world.runner.handle('ann', 'hi');
  const around = byNow(KINDS[kind](world, run).then(outcomeOf));
  const ends = await Promise.all([byNow(acted.promise), around]);
  return { act: nameOf(ends[0]), around: ends[1], world };
}

const KINDS = {
  'a service that an answer waits for': ({ runner }: World) => runner.handle('ann', IMAGE),
  'a service that no answer waits for': ({ runner }: World) =>
    runner.send('ann', { type: 'event.join' }),
  'a recognizer': ({ runner }: World) => runner.handle('ann', VOICE),
  'an update': ({ store }: World, run: () => Promise<unknown>) =>
    store.update('ann', async () => {
      await Promise.resolve();
      await run();
    }),
  'a listener of replies': async ({ runner }: World, run: () => Promise<unknown>) => {
    const off = runner.on('reply', async () => {
      off();
      await Promise.resolve();
      await run();
    });
    return runner.say('ann', 'News.');
  },
} as const;
type Kind = keyof typeof KINDS;

function outcomeOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'outcome' in value ? value.outcome : value;
}

function nameOf(value: unknown): unknown {
  const outcome = outcomeOf(value);
  return typeof outcome === 'object' && outcome !== null ? 'something' : outcome;
}

const CALLS: Record<string, Act> = {
  'runner.handle()': ({ runner }) => runner.handle('ann', 'yes'),
  'runner.send()': ({ runner }) => runner.send('ann', { type: 'event.payment' }),
  'runner.say()': ({ runner }) => runner.say('ann', 'Wait.'),
  'runner.standing()': ({ runner }) => runner.standing('ann', []),
  'runner.move()': ({ runner }) => runner.move('ann', 'bob'),
  'runner.idle()': ({ runner }) => runner.idle('ann'),
  'runner.stop()': ({ runner }) => runner.stop(),
  'runner.inspect()': ({ runner }) => runner.inspect('ann'),
  'store.update()': ({ store }) => store.update('ann', (context) => void context.set('n', 1)),
  'store.erase()': ({ store }) => store.erase('ann'),
  'store.move()': ({ store }) => store.move('ann', 'bob'),
  'store.close()': ({ store }) => store.close(),
  'store.open()': ({ store }) => store.open('ann'),
  'store.exists()': ({ store }) => store.exists('ann'),
  'store.delete()': ({ store }) => store.delete('ann'),
  'store.export()': ({ store }) => store.export('ann'),
};

/** What a call gives where nothing holds it up. */
const GIVES: Record<string, unknown> = {
  'runner.handle()': 'replied',
  'runner.send()': 'replied',
  'runner.say()': true,
  'runner.standing()': 'something',
  'runner.move()': true,
  'runner.idle()': undefined,
  'runner.stop()': undefined,
  'runner.inspect()': 'something',
  'store.update()': undefined,
  'store.erase()': true,
  'store.move()': true,
  'store.close()': undefined,
  'store.open()': 'something',
  'store.exists()': true,
  'store.delete()': true,
  'store.export()': 'something',
};

const OF_THE_LANE = [
  'runner.handle()',
  'runner.send()',
  'runner.say()',
  'runner.standing()',
  'runner.move()',
  'store.update()',
  'store.erase()',
  'store.move()',
];
const OF_THE_END = ['runner.stop()', 'store.close()'];
/** What the surrounding call gives if nothing holds it up. */
const AROUND: Record<Kind, unknown> = {
  'a service that an answer waits for': 'replied',
  'a service that no answer waits for': 'replied',
  'a recognizer': 'replied',
  'an update': undefined,
  'a listener of replies': true,
};

/** The table of docs/running.md: what becomes of a call for the own user that is awaited in a function of each kind. */
const REFUSED: Record<Kind, readonly string[]> = {
  'a service that an answer waits for': ['runner.idle()'],
  'a service that no answer waits for': ['runner.idle()'],
  'a recognizer': [...OF_THE_LANE, 'runner.idle()', 'store.close()'],
  'an update': [...OF_THE_LANE, ...OF_THE_END, 'runner.idle()'],
  'a listener of replies': ['runner.idle()', 'runner.stop()'],
};

describe.each([
  ['in memory', () => undefined],
  ['over a persister', () => memory()],
])('%s', (_where, place) => {
  describe.each(Object.keys(KINDS) as Kind[])('inside %s', (kind) => {
    it.each(Object.keys(CALLS))(
      'an awaited %s for the same user has its end at once',
      async (name) => {
        const { act } = await inside(kind, CALLS[name] as Act, place());
        expect(act).toBe(REFUSED[kind].includes(name) ? 'would_deadlock' : GIVES[name]);
      },
    );

    it('a call that is not awaited changes nothing for the function, and has its turn', async () => {
      const { act, around, world } = await inside(
        kind,
        ({ store, runner }) => {
          void runner.send('ann', { type: 'event.payment' });
          store.update('ann', (context) => void context.set('n', 1)).catch(() => undefined);
          return 'done';
        },
        place(),
      );
      expect([act, around]).toEqual(['done', AROUND[kind]]);
      expect(world.said).toContain('ann: Paid.');
      expect(await world.data('ann')).toMatchObject({ n: 1 });
      expect(world.errors).toEqual([]);
    });

    it('a call for another user waits as usual', async () => {
      const { act, around } = await inside(
        kind,
        ({ runner }) => runner.handle('bob', 'hi'),
        place(),
      );
      expect([act, around]).toEqual(['replied', AROUND[kind]]);
    });
  });
});

describe('a service that awaits a call for its own user', () => {
  it('is not waited for in the answer; what it gives is said later, and other messages keep their order', async () => {
    const world: World = createWorld(
      createDesk(
        async () => texts((await world.runner.handle('ann', 'inner')).replies).join(),
        () => Promise.resolve(false),
      ),
    );
    const { runner } = world;
    await runner.handle('ann', 'hi');
    const [image, other] = [runner.handle('ann', IMAGE), runner.handle('ann', 'other')];
    expect(await image).toMatchObject({ outcome: 'pending', replies: [{ text: 'Looking.' }] });
    expect(texts((await other).replies)).toEqual(['You said other.']);
    await runner.idle('ann');
    expect(world.said).toEqual(['ann: Found You said inner..']);
    expect(await world.data('ann')).toMatchObject({ heard: ['hi', 'other', 'inner'] });
  });

  it('may bring the very message that is being answered: it gets the answer, too', async () => {
    const world: World = createWorld(
      createDesk(
        async () => (await world.runner.handle('ann', IMAGE, { id: 'm1' })).outcome,
        () => Promise.resolve(false),
      ),
    );
    await world.runner.handle('ann', 'hi');
    const turn = await world.runner.handle('ann', IMAGE, { id: 'm1' });
    await world.runner.idle('ann');
    expect([turn.outcome, world.said]).toEqual(['pending', ['ann: Found pending.']]);
  });

  it('and deletes it is not waited for', async () => {
    const { around, world } = await inside('a service that an answer waits for', ({ store }) =>
      store.delete('ann'),
    );
    expect([around, await world.store.exists('ann')]).toEqual(['replied', false]);
  });
});

describe('a refused call', () => {
  it('says what was called, where, and what to do, and never happens', async () => {
    const { world } = await inside('a recognizer', ({ runner }) => runner.handle('ann', 'inner'));
    const [failure] = world.errors as ColloquyError[];
    expect(failure?.code).toBe('recognizer_failed');
    expect(failure?.cause).toMatchObject({
      code: 'would_deadlock',
      openid: 'ann',
      retryable: false,
      details: { call: 'runner.handle()', inside: 'recognizer' },
      message:
        'runner.handle() was awaited in a recognizer, and each would wait for the end of the other. It was refused and did nothing. Return what the message means, and let the dialogue or the program that calls handle() do the rest; or do not await the call.',
    });
    expect(await world.data('ann')).toEqual({ heard: ['hi', 'message.voice'] });
    expect(world.runner.stats()).toMatchObject({ inFlight: 0, busyLanes: 0, waiting: 0 });
  });

  it.each<[string, Act]>([
    ['send()', ({ runner }) => runner.send('ann', { type: 'event.payment' })],
    ['say()', ({ runner }) => runner.say('ann', 'Wait.')],
    ['update()', ({ store }) => store.update('ann', (context) => void context.set('n', 1))],
    ['erase()', ({ store }) => store.erase('ann')],
    ['move()', ({ store }) => store.move('ann', 'bob')],
  ])('of %s never happens', async (_name, act) => {
    const { around, world } = await inside('an update', act);
    expect([around, await world.data('ann')]).toEqual(['would_deadlock', { heard: ['hi'] }]);
    expect(world.said).toEqual([]);
    expect(world.runner.stats()).toMatchObject({ inFlight: 0, busyLanes: 0, waiting: 0 });
  });

  it('that ends a runner or a store has begun, and goes on', async () => {
    const { act, world } = await inside('an update', ({ runner }) => runner.stop());
    expect(act).toBe('would_deadlock');
    await expect(world.runner.handle('ann', 'hi')).rejects.toMatchObject({
      code: 'runner_stopped',
    });
  });
});

describe('a function that is over', () => {
  it('holds nothing: what it began and does not wait for may wait for the lane', async () => {
    const world = createWorld(createDesk(never, never));
    const { store, runner } = world;
    const later: Promise<unknown>[] = [];
    const begin = async (): Promise<void> => {
      await runner.handle('ann', 'later');
      await runner.idle('ann');
    };
    await store.update('ann', (context) => {
      later.push(begin());
      context.set('n', 1);
    });
    await store.update('ann', async (context) => {
      later.push(begin());
      context.set('n', 2);
    });
    expect(await byNow(Promise.all(later))).toEqual([undefined, undefined]);
    expect(await world.data('ann')).toEqual({ n: 2, heard: ['later', 'later'] });
  });

  it('as a recognizer after its time limit, may wait for the lane', async () => {
    const gate = deferred();
    const acted = deferred<unknown>();
    const world: World = createWorld(
      createDesk(never, async () => {
        await gate.promise;
        await world.runner.handle('ann', 'late').then(acted.resolve, acted.reject);
      }),
    );
    const { clock, runner } = world;
    await runner.handle('ann', 'hi');
    const voice = runner.handle('ann', VOICE);
    await clock.advance(4500);
    expect((await voice).outcome).toBe('replied');
    gate.resolve();
    expect(outcomeOf(await acted.promise)).toBe('replied');
  });
});

describe('crossed calls', () => {
  const update = ({ store }: World, openid: string, inner?: () => Promise<unknown>) =>
    store.update(openid, async (context) => {
      await Promise.resolve();
      await inner?.();
      context.set('n', 1);
    });

  it('of two updates that wait for each other, one is refused at once and the other one ends', async () => {
    const world = createWorld(createDesk(never, never));
    const both = [
      update(world, 'ann', () => update(world, 'bob')),
      update(world, 'bob', () => update(world, 'ann')),
    ];
    const ends = await Promise.all(both.map(byNow));
    expect(new Set(ends)).toEqual(new Set(['would_deadlock', undefined]));
  });

  it('of an update in an update of another user, whose function waits for the first, the inner one is refused', async () => {
    const world = createWorld(createDesk(never, never));
    const inner = deferred<unknown>();
    const outer = update(world, 'ann', () =>
      update(world, 'bob', () => {
        const innermost = update(world, 'ann');
        innermost.then(inner.resolve, inner.reject);
        return innermost;
      }),
    );
    const ends = await Promise.all([byNow(outer), byNow(inner.promise)]);
    expect(ends).toEqual(['would_deadlock', 'would_deadlock']);
  });

  it('of a ring of three users, one is refused', async () => {
    const world = createWorld(createDesk(never, never));
    const ring = [
      update(world, 'ann', () => update(world, 'bob')),
      update(world, 'bob', () => update(world, 'cid')),
      update(world, 'cid', () => update(world, 'ann')),
    ];
    const ends = await Promise.all(ring.map(byNow));
    expect(ends.filter((end) => end === 'would_deadlock')).toHaveLength(1);
    expect(ends.filter((end) => end === undefined)).toHaveLength(2);
  });

  it('of a chain that ends are not refused', async () => {
    const world = createWorld(createDesk(never, never));
    const chain = [
      update(world, 'ann', () => update(world, 'bob')),
      update(world, 'bob', () => update(world, 'cid')),
      update(world, 'cid'),
    ];
    expect(await Promise.all(chain.map(byNow))).toEqual([undefined, undefined, undefined]);
  });

  it('of two services that wait for the answer of the other user: the answers no longer wait for them', async () => {
    const others = ['bob', 'ann'];
    const world: World = createWorld(
      createDesk(
        async () => (await world.runner.handle(others.shift() as string, 'inner')).outcome,
        () => Promise.resolve(false),
      ),
    );
    const { runner } = world;
    await runner.handle('ann', 'hi');
    await runner.handle('bob', 'hi');
    const turns = [runner.handle('ann', IMAGE), runner.handle('bob', IMAGE)];
    const outcomes = await Promise.all(turns.map(async (turn) => outcomeOf(await byNow(turn))));
    expect(outcomes).toContain('pending');
    expect(outcomes).not.toContain('open');
    expect(await byNow(Promise.all([runner.idle('ann'), runner.idle('bob')]))).not.toBe('open');
  });

  it('of an update, and of a service of another user that waits for it, the answer does not wait', async () => {
    const world: World = createWorld(
      createDesk(
        async () => String(await update(world, 'ann')),
        () => Promise.resolve(false),
      ),
    );
    await world.runner.handle('bob', 'hi');
    const outer = update(world, 'ann', () => world.runner.handle('bob', IMAGE));
    expect(await byNow(outer)).toBe(undefined);
  });
});
