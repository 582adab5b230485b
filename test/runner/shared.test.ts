import {
  ConflictError,
  DeliveryError,
  type Leases,
  type Persister,
  createContextStore,
  createRunner,
  setupDialogue,
} from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fromPromise } from 'xstate';
import { type World, deferred, texts } from './world.ts';

interface Data {
  n: number;
}

/** Two processes, or more, on one persister. */
function createPlace() {
  const clock = createManualClock();
  const disk = createDisk();
  const runs: string[] = [];
  /** Who asked for a lease, each time. */
  const takes: string[] = [];
  /** Processes before whose next write another process writes. */
  const overtaken = new Set<string>();
  let service: (openid: string, signal: AbortSignal) => Promise<string> = () =>
    new Promise(() => undefined);
  let road: Promise<void> | undefined;
  function start(owner: string, lease: object = {}, more: { readonly max?: number } = {}) {
    const words = setupDialogue({
      types: {} as { context: Data; input: { openid: string } },
      actors: {
        work: fromPromise(({ input, signal }: { input: string; signal: AbortSignal }) => {
          runs.push(`${owner} ${input}`);
          return service(input, signal);
        }),
      },
    });
    const dialogue = words.createDialogue({
      id: 'counting',
      context: { n: 0 },
      initial: 'open',
      states: {
        open: {
          on: {
            'message.text': {
              actions: [
                words.assign({ n: ({ context }) => context.n + 1 }),
                words.reply(({ context, event }) => `${event.text} ${context.n}`),
              ],
            },
            'message.image': 'waiting',
            'message.video': 'working',
          },
        },
        waiting: {
          entry: words.reply('Later.'),
          after: { 60_000: { target: 'open', actions: words.reply('Now.') } },
          on: { 'message.video': 'working' },
        },
        working: {
          invoke: {
            src: 'work',
            input: 'ann',
            onDone: { target: 'open', actions: words.reply(({ event }) => event.output) },
          },
          on: { 'message.voice': { target: 'open', actions: words.reply('Stopped.') } },
        },
      },
    });
    const persister = asked(memory(disk, { shared: true, clock }), owner);
    const store = createContextStore({ clock, persister, lease: { owner, ...lease }, ...more });
    const errors: unknown[] = [];
    store.on('error', ({ error }) => errors.push(error));
    onTestFinished(() => store.close());
    const again = () => {
      const runner = createRunner(dialogue, { store });
      const said: string[] = [];
      runner.on('reply', ({ reply }) => said.push(...texts([reply])));
      runner.on('error', ({ error }) => errors.push(error));
      return { runner, said };
    };
    return { store, errors, again, ...again() };
  }
  function asked(persister: Persister, owner: string): Persister {
    const { lease } = persister;
    if (lease === undefined) return persister;
    const take: Leases['take'] = async (...about) => {
      takes.push(owner);
      await road;
      // A process that asks again and again while no time passes would keep the test from ending.
      return takes.length > 1000 ? new Promise(() => undefined) : lease.take(...about);
    };
    const save: Leases['save'] = async (record, ...more) => {
      if (overtaken.delete(owner)) throw new ConflictError(record.openid);
      return lease.save(record, ...more);
    };
    return { ...persister, lease: { ...lease, take, save } };
  }
  return {
    clock,
    disk,
    runs,
    takes,
    start,
    overtake: (owner: string) => overtaken.add(owner),
    serve: (next: typeof service) => {
      service = next;
    },
    /** From now on, a lease is taken only after that. */
    hold: (until: Promise<void>) => {
      road = until;
    },
  };
}

type Place = ReturnType<typeof createPlace>;

interface Pair {
  readonly a: ReturnType<Place['start']>;
  readonly b: ReturnType<Place['start']>;
  readonly clock: World['clock'];
}

const image = { type: 'message.image', mediaId: 'm' } as const;
const video = { type: 'message.video', mediaId: 'm' } as const;
const voice = { type: 'message.voice', mediaId: 'm' } as const;

/** Lets time pass until the work is done. */
async function run<T>(clock: World['clock'], work: Promise<T>): Promise<T> {
  const state = { done: false };
  const ended = work.finally(() => {
    state.done = true;
  });
  for (let step = 0; step < 10_000 && !state.done; step += 1) await clock.advance(5);
  return ended;
}

describe('two processes on one persister', () => {
  it('count every message once, in either process', async () => {
    const { clock, start, disk } = createPlace();
    const [a, b] = [start('a'), start('b')] as const;
    const nodes = [a, b];
    const turns = Array.from({ length: 32 }, (_, index) =>
      (index % 2 === 0 ? a : b).runner.handle('ann', `m${index}`, { id: `m${index}` }),
    );
    await run(clock, Promise.all(turns));
    const data = (await a.store.open('ann')).toJSON();
    expect(data).toEqual({ n: 32 });
    expect(nodes.flatMap(({ errors }) => errors)).toEqual([]);
    expect(disk.leases?.size).toBe(0);
  });

  it('see what the other has committed, though they remember something older', async () => {
    const { clock, start } = createPlace();
    const a = start('a');
    const b = start('b');
    for (const [index, node] of [a, b, a, a, b].entries()) {
      const turn = await run(clock, node.runner.handle('ann', 'x'));
      expect(texts(turn.replies)).toEqual([`x ${index + 1}`]);
    }
    await run(
      clock,
      a.store.update('ann', (context) => void context.set('n', 10)),
    );
    expect((await b.store.open('ann')).get('n')).toBe(10);
    await run(clock, b.store.delete('ann'));
    expect(texts((await run(clock, a.runner.handle('ann', 'x'))).replies)).toEqual(['x 1']);
  });

  it('answer a redelivery from the record, also while the other process still runs the turn', async () => {
    const { clock, start, serve } = createPlace();
    const a = start('a');
    const b = start('b');
    const working = deferred<string>();
    serve(() => working.promise);
    const first = a.runner.handle('ann', video, { id: 'v' });
    await clock.advance(10);
    const again = b.runner.handle('ann', video, { id: 'v' });
    await clock.advance(10);
    working.resolve('done');
    expect(texts((await run(clock, first)).replies)).toEqual(['done']);
    const turn = await run(clock, again);
    expect([turn.outcome, texts(turn.replies)]).toEqual(['duplicate', ['done']]);
  });

  it('deliver nothing for a redelivery that is late: the turn that counted has answered', async () => {
    const { clock, start } = createPlace();
    const a = start('a');
    const b = start('b');
    await run(clock, a.runner.handle('ann', 'x', { id: 'x' }));
    const gate = deferred();
    const busy = b.store.update('ann', () => gate.promise);
    const again = b.runner.handle('ann', 'x', { id: 'x' });
    await clock.advance({ seconds: 5 });
    expect(await again).toMatchObject({ outcome: 'pending' });
    gate.resolve();
    await busy;
    await clock.advance({ minutes: 1 });
    expect([a.said, b.said]).toEqual([[], []]);
  });

  it('say once, and at once, what comes when all who waited have left', async () => {
    const { clock, start, serve, hold, disk } = createPlace();
    const a = start('a');
    const b = start('b');
    const working = deferred<string>();
    serve(() => working.promise);
    const gate = deferred();
    const busy = a.store.update('ann', () => gate.promise);
    const first = a.runner.handle('ann', video, { id: 'v' });
    await clock.advance({ seconds: 4 });
    const second = a.runner.handle('ann', video, { id: 'v' });
    await clock.advance({ seconds: 1 });
    gate.resolve();
    await busy;
    await clock.advance(10);
    // While the turn runs again, because of what another has committed, the last one leaves.
    disk.leases?.clear();
    await run(clock, b.runner.handle('ann', 'x'));
    const road = deferred();
    hold(road.promise);
    working.resolve('done');
    await clock.advance(3600);
    expect([await first, await second]).toMatchObject([
      { outcome: 'pending' },
      { outcome: 'pending' },
    ]);
    road.resolve();
    await clock.advance({ seconds: 1 });
    expect(a.said).toEqual(['done']);
    await clock.advance({ minutes: 1 });
    expect([a.said, b.said]).toEqual([['done'], []]);
  });

  it('leave to each other the reply that the other is delivering, and those behind it', async () => {
    const { clock, start } = createPlace();
    const a = start('a');
    const b = start('b');
    await run(clock, a.runner.handle('ann', image));
    const taken = deferred();
    a.runner.on('reply', () => taken.promise);
    await clock.advance({ minutes: 1 });
    await b.runner.handle('ann', 'x', { receivedAt: clock.now() - 5000 });
    await clock.advance({ seconds: 1 });
    expect([a.said, b.said]).toEqual([['Now.'], []]);
    taken.resolve();
    await clock.advance({ seconds: 1 });
    expect([a.said, b.said]).toEqual([['Now.', 'x 1'], []]);
  });

  it('deliver what another process said and did not deliver in its time', async () => {
    const { clock, start } = createPlace();
    const a = start('a');
    const b = start('b');
    await b.runner.start();
    await run(clock, a.runner.handle('ann', image));
    a.runner.on('reply', () => new Promise(() => undefined));
    await clock.advance({ minutes: 1 });
    await b.runner.handle('ann', 'x', { receivedAt: clock.now() - 5000 });
    await clock.advance({ seconds: 35 });
    expect(b.said).toEqual(['Now.', 'x 1']);
  });

  it('deliver once what a dead process left, though both find it and the platform is slow', async () => {
    const { clock, start } = createPlace();
    const [a, b, c] = [start('a'), start('b'), start('c')] as const;
    await Promise.all([b.runner.start(), c.runner.start()]);
    await run(clock, a.runner.handle('ann', image));
    a.runner.on('reply', () => new Promise(() => undefined));
    await clock.advance({ minutes: 1 });
    for (const { runner } of [b, c]) {
      runner.on(
        'reply',
        () => new Promise<void>((resolve) => clock.wake(clock.now() + 5000, resolve)),
      );
    }
    await clock.advance({ minutes: 1 });
    expect([...b.said, ...c.said]).toEqual(['Now.']);
    expect([...b.errors, ...c.errors]).toEqual([]);
  });

  it('deliver once what is tried again, though the platform is slow then', async () => {
    const { clock, start } = createPlace();
    const [a, b] = [start('a'), start('b')] as const;
    await Promise.all([a.runner.start(), b.runner.start()]);
    await run(clock, a.runner.handle('ann', image));
    let tries = 0;
    a.runner.on('reply', () => {
      tries += 1;
      if (tries === 1) throw new Error('not now');
      return new Promise<void>((resolve) => clock.wake(clock.now() + 5000, resolve));
    });
    await clock.advance({ minutes: 3 });
    expect([tries, b.said]).toEqual([2, []]);
  });

  it('deliver once what a program has delivered now, though the platform is slow', async () => {
    const { clock, start } = createPlace();
    const [a, b] = [start('a'), start('b')] as const;
    await Promise.all([a.runner.start(), b.runner.start()]);
    await run(clock, a.runner.handle('ann', image));
    let tries = 0;
    a.runner.on('reply', () => {
      tries += 1;
      if (tries === 1) throw new DeliveryError('push_closed', 'Not until the user writes.');
      return new Promise<void>((resolve) => clock.wake(clock.now() + 5000, resolve));
    });
    await clock.advance({ minutes: 3 });
    expect(tries).toBe(1);
    await run(clock, a.runner.deliver('ann'));
    await clock.advance({ minutes: 3 });
    expect([tries, b.said]).toEqual([2, []]);
  });

  it('do not ask again and again for the lease of a conversation that another process works on', async () => {
    const { clock, start, takes } = createPlace();
    const a = start('a');
    const b = start('b');
    await run(clock, b.runner.handle('ann', image));
    await clock.advance({ seconds: 55 });
    const gate = deferred();
    const busy = a.store.update('ann', () => gate.promise);
    await clock.advance({ seconds: 1 });
    takes.length = 0;
    await clock.advance({ seconds: 8 });
    expect(takes.length).toBeLessThan(10);
    gate.resolve();
    await busy;
    await clock.advance({ seconds: 2 });
    expect([...a.said, ...b.said]).toEqual(['Now.']);
  });

  it('fire a timer once, by the process that set it', async () => {
    const { clock, start } = createPlace();
    const a = start('a');
    const b = start('b');
    await Promise.all([a.runner.start(), b.runner.start()]);
    await run(clock, a.runner.handle('ann', image));
    await clock.advance({ minutes: 2 });
    expect([a.said, b.said]).toEqual([['Now.'], []]);
  });

  it('fire the timer of a process that died', async () => {
    const { clock, start, disk } = createPlace();
    const a = start('a');
    const b = start('b');
    await b.runner.start();
    await run(clock, a.runner.handle('ann', image));
    await a.store.close();
    await clock.advance({ minutes: 1 });
    expect(b.said).toEqual([]);
    await clock.advance({ seconds: 3 });
    expect(b.said).toEqual(['Now.']);
    expect(disk.leases?.size).toBe(0);
  });

  it.each([
    ['by its next sign of life', async ({ clock }: Pair) => clock.advance({ seconds: 16 })],
    [
      'with the next message',
      async ({ a, clock }: Pair) => run(clock, a.runner.handle('ann', 'x')),
    ],
  ])('abort a service whose state the other process has left, %s', async (_when, notice) => {
    const { clock, start, serve, runs } = createPlace();
    const working = deferred<string>();
    const signals: AbortSignal[] = [];
    serve((_openid, signal) => {
      signals.push(signal);
      return working.promise;
    });
    const [a, b] = [start('a'), start('b')] as const;
    const work: boolean[] = [];
    a.runner.on('working', ({ isWorking }) => work.push(isWorking));
    await run(clock, a.runner.handle('ann', video));
    expect(texts((await run(clock, b.runner.handle('ann', voice))).replies)).toEqual(['Stopped.']);
    expect([signals[0]?.aborted, work]).toEqual([false, [true]]);
    await notice({ a, b, clock });
    expect([signals[0]?.aborted, work]).toEqual([true, [true, false]]);
    working.resolve('done');
    await clock.advance({ minutes: 2 });
    expect([a.said, b.said, runs]).toEqual([[], [], ['a ann']]);
  });

  it('abort a service of a conversation that the other process has deleted', async () => {
    const { clock, start, serve } = createPlace();
    const signals: AbortSignal[] = [];
    serve((_openid, signal) => {
      signals.push(signal);
      return new Promise(() => undefined);
    });
    const [a, b] = [start('a'), start('b')] as const;
    await run(clock, a.runner.handle('ann', video));
    await run(clock, b.store.delete('ann'));
    await clock.advance({ seconds: 16 });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(await run(clock, b.store.exists('ann'))).toBe(false);
  });

  it('leave a service to the process that runs it, as long as that process lives', async () => {
    const { clock, start, serve, runs } = createPlace();
    const working = deferred<string>();
    serve(() => working.promise);
    const a = start('a');
    const b = start('b');
    await b.runner.start();
    await run(clock, a.runner.handle('ann', video));
    await clock.advance({ minutes: 5 });
    expect(runs).toEqual(['a ann']);
    working.resolve('done');
    await clock.advance({ seconds: 1 });
    expect([a.said, b.said]).toEqual([['done'], []]);
  });

  it.each([
    [
      'that it knows of',
      async ({ a, b, clock }: Pair) => {
        await run(clock, a.runner.handle('ann', video));
        await run(clock, b.runner.handle('ann', 'x'));
      },
    ],
    [
      'that began where it remembers a timer',
      async ({ a, b, clock }: Pair) => {
        await run(clock, b.runner.handle('ann', image));
        await clock.advance({ seconds: 50 });
        await run(clock, a.runner.handle('ann', video));
      },
    ],
  ])('leave a service to the process that runs it, also one %s', async (_name, begin) => {
    const { clock, start, runs } = createPlace();
    const a = start('a');
    const b = start('b');
    await begin({ a, b, clock });
    await clock.advance({ minutes: 5 });
    expect(runs).toEqual(['a ann']);
  });

  it('take over a service from a process that died, and deliver its replies', async () => {
    const { clock, start, serve, runs } = createPlace();
    const a = start('a');
    const b = start('b');
    await b.runner.start();
    await run(clock, a.runner.handle('ann', video));
    await a.store.close();
    serve(() => Promise.resolve('done by another'));
    await clock.advance({ seconds: 60 });
    expect(runs).toEqual(['a ann', 'b ann']);
    expect(b.said).toEqual(['done by another']);
    expect(b.errors).toEqual([]);
  });

  it.each([
    [
      'takes messages',
      ({ b, clock }: Pair) =>
        run(clock, b.runner.handle('ann', { type: 'message.text', text: 'x' })),
    ],
    [
      'changes the dictionary',
      ({ b, clock }: Pair) =>
        run(
          clock,
          b.store.update('ann', (context) => void context.set('n', 7)),
        ),
    ],
    [
      'says something unasked',
      ({ b, clock }: Pair) => run(clock, b.runner.say('ann', 'Still here.')),
    ],
  ])(
    'take over a service from one that died, though another %s all the time',
    async (_name, act) => {
      const { clock, start, serve, runs } = createPlace();
      const a = start('a');
      const b = start('b');
      await b.runner.start();
      await run(clock, a.runner.handle('ann', video));
      await a.store.close();
      serve(() => Promise.resolve('done by another'));
      for (let times = 0; times < 6; times += 1) {
        await act({ a, b, clock });
        await clock.advance({ seconds: 10 });
      }
      expect(runs).toEqual(['a ann', 'b ann']);
      expect(b.said).toContain('done by another');
    },
  );

  it('wait for a lease that a dead process holds until it runs out', async () => {
    const { clock, start, disk } = createPlace();
    await memory(disk, { shared: true, clock }).lease?.take('ann', 'dead', 8000);
    const a = start('a');
    const turn = a.runner.handle('ann', 'x');
    await clock.advance({ seconds: 5 });
    expect(await turn).toMatchObject({ outcome: 'pending' });
    await clock.advance({ seconds: 4 });
    expect(a.said).toEqual(['x 1']);
  });

  it('give up waiting after a while; the message may be sent again', async () => {
    const { clock, start, disk } = createPlace();
    await memory(disk, { shared: true, clock }).lease?.take('ann', 'other', 60_000);
    const a = start('a', { waitMs: 1000 });
    const turn = await run(clock, a.runner.handle('ann', 'x', { id: 'x' }));
    expect(turn).toMatchObject({ outcome: 'failed', error: { code: 'leased', retryable: true } });
    await clock.advance({ minutes: 1 });
    expect(await run(clock, a.runner.handle('ann', 'x', { id: 'x' }))).toMatchObject({
      outcome: 'replied',
    });
  });

  it('cannot commit an update that began before the lease ran out', async () => {
    const { clock, start, disk } = createPlace();
    const a = start('a');
    const b = start('b');
    await run(clock, a.runner.handle('ann', 'x'));
    let paused = true;
    const late = a.store.update('ann', async (context) => {
      const n = context.get('n') as number;
      if (paused) {
        paused = false;
        // This process pauses past its lease; meanwhile another one takes a message.
        disk.leases?.clear();
        await b.runner.handle('ann', 'y');
      }
      context.set('n', n + 100);
    });
    await run(clock, late);
    expect((await b.store.open('ann')).get('n')).toBe(102);
  });
});

describe('services over two processes', () => {
  it('stay with the process that runs them, also when the record has left its memory', async () => {
    const { clock, start, runs } = createPlace();
    // Process a does not find the service in a patrol of what others left.
    const a = start('a', { patrolMs: 600_000 }, { max: 1 });
    const b = start('b');
    await b.runner.start();
    await run(clock, a.runner.handle('ann', video));
    // Nothing else of ann's is in the memory of a.
    await run(clock, a.runner.handle('bob', 'x'));
    expect(a.store.size).toBe(1);
    await clock.advance({ minutes: 5 });
    expect(runs).toEqual(['a ann']);
  });

  it('are taken over at once from a process that stopped properly', async () => {
    const { clock, start, serve, runs } = createPlace();
    const a = start('a');
    const b = start('b');
    await b.runner.start();
    await run(clock, a.runner.handle('ann', video));
    await run(clock, a.runner.stop());
    serve(() => Promise.resolve('done by another'));
    await clock.advance({ seconds: 3 });
    expect(runs).toEqual(['a ann', 'b ann']);
    expect(b.said).toEqual(['done by another']);
  });

  it('are taken over without an error if another process writes first', async () => {
    const { clock, start, overtake, runs } = createPlace();
    const a = start('a');
    const b = start('b');
    await b.runner.start();
    await run(clock, a.runner.handle('ann', video));
    await run(clock, a.runner.stop());
    overtake('b');
    await clock.advance({ seconds: 10 });
    expect(runs).toEqual(['a ann', 'b ann']);
    expect(b.errors).toEqual([]);
  });

  it('are given up by a runner that stops, also of records that have left its memory', async () => {
    const { clock, start, runs } = createPlace();
    const a = start('a', {}, { max: 1 });
    const b = start('b');
    await b.runner.start();
    await run(clock, a.runner.handle('ann', video));
    await run(clock, a.runner.handle('bob', 'x'));
    await run(clock, a.runner.stop());
    await clock.advance({ seconds: 3 });
    expect(runs).toEqual(['a ann', 'b ann']);
  });

  it('are started again at once by the next runner on the same store', async () => {
    const { clock, start, serve, runs } = createPlace();
    const a = start('a');
    await run(clock, a.runner.handle('ann', video));
    await run(clock, a.runner.stop());
    serve(() => Promise.resolve('done again'));
    const next = a.again();
    await run(clock, next.runner.start());
    await clock.advance(1);
    expect(runs).toEqual(['a ann', 'a ann']);
    expect(next.said).toEqual(['done again']);
  });

  it('are not taken from a process that lives when only the other one stops', async () => {
    const { clock, start, runs } = createPlace();
    const a = start('a');
    const b = start('b');
    await b.runner.start();
    await run(clock, a.runner.handle('ann', video));
    await run(clock, b.runner.handle('ann', 'x'));
    await run(clock, b.runner.stop());
    const c = start('c');
    await c.runner.start();
    await clock.advance({ minutes: 5 });
    expect(runs).toEqual(['a ann']);
  });
});
