import { fromPromise } from 'xstate';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Persister, setupDialogue } from 'colloquy';
import { type Disk, createDisk, memory } from 'colloquy/persist/memory';
import { type ManualClock, createManualClock, faulty } from 'colloquy/testing';
import { type World, createWorld, deferred, texts } from './world.ts';

const words = setupDialogue({
  types: {} as { context: { n: number } },
  actors: { wait: fromPromise(({ input }: { input: Promise<void> }) => input) },
});
const counter = words.createDialogue({
  id: 'counter',
  context: { n: 0 },
  initial: 'on',
  states: {
    on: {
      on: {
        'message.text': {
          actions: [
            words.assign({ n: ({ context }) => context.n + 1 }),
            words.reply(({ context }) => `n ${context.n}`),
            words.reply(({ event }) => `text of ${event.text.length}`),
          ],
        },
        'message.image': {},
      },
    },
  },
});

const forgetter = words.createDialogue({
  id: 'forgetter',
  context: { n: 0 },
  initial: 'on',
  states: {
    on: {
      on: {
        'message.text': [
          {
            guard: ({ event }) => event.text === 'forget me',
            actions: [words.reply('gone'), words.forget()],
          },
          { actions: words.reply('hi') },
        ],
      },
    },
  },
});

describe('the same message id', () => {
  it('runs once and has the same answer three times', async () => {
    const { runner, data } = createWorld(counter);
    const first = await runner.handle('u', 'x', { id: 'm' });
    const others = [
      await runner.handle('u', 'x', { id: 'm' }),
      await runner.handle('u', 'x', { id: 'm' }),
    ];
    expect(first.outcome).toBe('replied');
    for (const other of others) {
      expect(other).toMatchObject({ outcome: 'duplicate', id: 'm' });
      expect(other.replies).toEqual(first.replies);
    }
    expect(await data('u')).toEqual({ n: 1 });
  });

  it('runs once and has the same answer three times also while the first turn still runs', async () => {
    const gate = deferred();
    let starts = 0;
    const slow = setupDialogue({
      types: {} as { context: object },
      actors: {
        wait: fromPromise(() => {
          starts += 1;
          return gate.promise;
        }),
      },
    });
    const { runner } = createWorld(
      slow.createDialogue({
        id: 'slow',
        context: {},
        initial: 'on',
        states: {
          on: { on: { 'message.text': 'busy' } },
          busy: {
            entry: slow.reply('one moment'),
            invoke: { src: 'wait', onDone: { target: 'on', actions: slow.reply('done') } },
          },
        },
      }),
    );
    const turns = [1, 2, 3].map(() => runner.handle('u', 'x', { id: 'm' }));
    gate.resolve();
    const [first, ...others] = await Promise.all(turns);
    expect(texts(first?.replies ?? [])).toEqual(['one moment', 'done']);
    for (const other of others) expect(other).toEqual({ ...first, outcome: 'duplicate' });
    expect(starts).toBe(1);
    expect(await runner.handle('u', 'x', { id: 'm' })).toEqual({ ...first, outcome: 'duplicate' });
  });

  it('gets the recorded answer, also if that was silence or the text of onUnhandled', async () => {
    const { runner } = createWorld(counter, { onUnhandled: () => 'Pardon?' });
    for (const [type, outcome, said] of [
      ['message.image', 'silent', []],
      ['message.voice', 'unhandled', ['Pardon?']],
    ] as const) {
      const first = await runner.handle('u', { type }, { id: type });
      expect(first.outcome).toBe(outcome);
      const again = await runner.handle('u', { type }, { id: type });
      expect([again.outcome, texts(again.replies)]).toEqual(['duplicate', said]);
    }
  });

  it('counts for each user', async () => {
    const { runner } = createWorld(counter);
    await runner.handle('a', 'x', { id: 'm' });
    expect(texts((await runner.handle('b', 'x', { id: 'm' })).replies)).toEqual([
      'n 1',
      'text of 1',
    ]);
  });

  it('is known after a restart, since it is committed with the turn', async () => {
    const disk = createDisk();
    const before = createWorld(counter, { storeOptions: { persister: memory(disk) } });
    const first = await before.runner.handle('u', 'x', { id: 'm' });
    const after = createWorld(counter, { storeOptions: { persister: memory(disk) } });
    expect(await after.runner.handle('u', 'x', { id: 'm' })).toEqual({
      ...first,
      outcome: 'duplicate',
    });
  });

  it('is remembered for ten minutes, and the last `max` of them', async () => {
    const { runner, clock } = createWorld(counter, { seen: { max: 20 } });
    for (let n = 0; n < 21; n += 1) await runner.handle('u', 'x', { id: `m${n}` });
    expect((await runner.handle('u', 'x', { id: 'm1' })).outcome).toBe('duplicate');
    expect((await runner.handle('u', 'x', { id: 'm0' })).outcome).toBe('replied');
    await clock.advance({ minutes: 10, seconds: 1 });
    expect((await runner.handle('u', 'x', { id: 'm20' })).outcome).toBe('replied');
  });

  it('does not count if the limits keep no ids', async () => {
    const { runner } = createWorld(counter, { seen: { max: 0 } });
    await runner.handle('u', 'x', { id: 'm' });
    expect((await runner.handle('u', 'x', { id: 'm' })).outcome).toBe('replied');
  });
});

/** Where conversations are, and what the next process on them is. */
interface Place {
  readonly name: string;
  create(options?: WorldOptions): World;
  next(before: World, options?: WorldOptions): World;
}

type WorldOptions = Parameters<typeof createWorld>[1];

function over(name: string, persisterOn: (disk: Disk, clock: ManualClock) => Persister): Place {
  const disks = new WeakMap<World, Disk>();
  const open = (disk: Disk, clock: ManualClock, options: WorldOptions): World => {
    const storeOptions = { ...options?.storeOptions, persister: persisterOn(disk, clock) };
    const world = createWorld(counter, { ...options, clock, storeOptions });
    disks.set(world, disk);
    return world;
  };
  return {
    name,
    create: (options) => open(createDisk(), createManualClock(), options),
    next: (before, options) => open(disks.get(before) as Disk, before.clock, options),
  };
}

const places: readonly Place[] = [
  { name: 'in memory', create: (options) => createWorld(counter, options), next: (same) => same },
  over('over a persister', (disk) => memory(disk)),
  over('over one that processes share', (disk, clock) => memory(disk, { shared: true, clock })),
];

describe.each(places.map((place) => [place.name, place] as const))(
  'a late redelivery, %s',
  (_name, { create, next }) => {
    it('counts once behind hundreds of newer messages, also in the next process and under another openid', async () => {
      const before = create();
      for (let n = 0; n < 300; n += 1) await before.runner.handle('u', 'x', { id: `m${n}` });
      for (const n of [0, 100, 283]) {
        expect(await before.runner.handle('u', 'x', { id: `m${n}` })).toMatchObject({
          outcome: 'duplicate',
          replies: [],
        });
      }
      const { runner, data } = next(before);
      for (let n = 0; n < 300; n += 1) {
        expect((await runner.handle('u', 'x', { id: `m${n}` })).outcome).toBe('duplicate');
      }
      await runner.handle('u', 'x', { id: 'm300' });
      await runner.move('u', 'v');
      for (const n of [0, 150, 299, 300]) {
        expect((await runner.handle('v', 'x', { id: `m${n}` })).outcome).toBe('duplicate');
      }
      expect(await data('v')).toEqual({ n: 301 });
    });

    it('of one of the last sixteen messages gets its replies, though many others got none', async () => {
      const before = create();
      const first = await before.runner.handle('u', 'x', { id: 'm' });
      for (let n = 0; n < 60; n += 1) {
        await before.runner.handle('u', { type: 'message.image' }, { id: `i${n}` });
        await before.runner.say('u', 'news', { id: `n${n}` });
        await before.clock.advance({ seconds: 1 });
      }
      const { runner } = next(before);
      expect(await runner.handle('u', 'x', { id: 'm' })).toEqual({
        ...first,
        outcome: 'duplicate',
      });
      expect((await runner.handle('u', 'x', { id: 'i0' })).outcome).toBe('duplicate');
      expect(await runner.say('u', 'news', { id: 'n0' })).toBe(false);
      expect(before.said.filter((text) => text === 'u: news').length).toBe(60);
    });

    it('counts once for as long as a channel expects it', async () => {
      const before = create();
      before.runner.expectRedelivery(86_400_000);
      for (let n = 0; n < 40; n += 1) {
        await before.runner.handle('u', 'x', { id: `m${n}` });
        await before.clock.advance({ minutes: 35 });
      }
      const { runner } = next(before);
      runner.expectRedelivery(86_400_000);
      expect((await runner.handle('u', 'x', { id: 'm0' })).outcome).toBe('duplicate');
      await before.clock.advance({ minutes: 40 });
      expect((await runner.handle('u', 'x', { id: 'm0' })).outcome).toBe('replied');
      expect((await runner.handle('u', 'x', { id: 'm39' })).outcome).toBe('duplicate');
    });

    it('of a message with a longer answer than is kept is a duplicate without replies', async () => {
      const { runner } = create({ seen: { replyBytes: 20 } });
      await runner.handle('u', 'x', { id: 'm' });
      expect(await runner.handle('u', 'x', { id: 'm' })).toMatchObject({
        outcome: 'duplicate',
        replies: [],
      });
    });
  },
);

describe('what a record keeps for redeliveries', () => {
  const echo = setupDialogue({ types: {} as { context: object } });
  const parrot = echo.createDialogue({
    id: 'parrot',
    context: {},
    initial: 'on',
    states: { on: { on: { 'message.text': { actions: echo.reply(({ event }) => event.text) } } } },
  });

  it('counts once in a conversation that moves to the openid of a user who was forgotten', async () => {
    const { runner } = createWorld(forgetter);
    await runner.handle('new', 'x', { id: 'm1' });
    await runner.handle('new', 'forget me', { id: 'm2' });
    await runner.handle('old', 'x', { id: 'm3' });
    expect(await runner.move('old', 'new')).toBe(true);
    for (const id of ['m1', 'm2', 'm3']) {
      expect((await runner.handle('new', 'x', { id })).outcome).toBe('duplicate');
    }
    expect((await runner.handle('new', 'x', { id: 'm4' })).outcome).toBe('replied');
  });

  it('is bounded in bytes where it is stored, for answers of any size', async () => {
    const disk = createDisk();
    const { runner } = createWorld(parrot, { storeOptions: { persister: memory(disk) } });
    const largest = async (length: number): Promise<number> => {
      let bytes = 0;
      for (let n = 0; n < 20; n += 1) {
        await runner.handle(`u${length}`, 'x'.repeat(length), { id: `m${length}-${n}` });
        bytes = Math.max(bytes, disk.records.get(`u${length}`)?.body.length ?? 0);
      }
      return bytes;
    };
    for (const length of [1, 1000, 10_000, 30_000, 60_000, 1_000_000]) {
      expect(await largest(length)).toBeLessThan(65_536 / 2 + 1500);
    }
  });

  it('counts for `maxWeight`, with the replies that wait, and refuses no user', async () => {
    const { runner, store } = createWorld(parrot, { storeOptions: { maxWeight: 50_000 } });
    for (let n = 0; n < 20; n += 1) await runner.handle(`u${n}`, 'x'.repeat(5000), { id: 'm' });
    expect(store.size).toBe(4);
    for (let n = 0; n < 20; n += 1) await runner.handle('u', 'x'.repeat(3000), { id: `m${n}` });
    expect(store.size).toBe(1);
    expect((await runner.handle('u', 'x', { id: 'm0' })).outcome).toBe('duplicate');
    const disk = createDisk();
    const { runner: other, store: waiting } = createWorld(parrot, {
      storeOptions: { maxWeight: 50_000, persister: memory(disk) },
    });
    other.on('reply', () => {
      throw new Error('closed');
    });
    other.on('error', () => {});
    for (let n = 0; n < 20; n += 1) await other.say(`u${n}`, 'x'.repeat(10_000));
    expect(waiting.size).toBe(4);
  });
});

describe('a redelivery of a message whose turn is late', () => {
  it('takes the answer that its own deadline still reaches, and nothing is said twice', async () => {
    const gate = deferred();
    const { runner, store, clock, said } = createWorld(counter);
    const busy = store.update('u', () => gate.promise);
    const first = runner.handle('u', 'x', { id: 'm' });
    await clock.advance({ milliseconds: 4600 });
    expect(await first).toMatchObject({ outcome: 'pending', replies: [] });
    const retry = runner.handle('u', 'x', { id: 'm' });
    gate.resolve();
    await busy;
    expect(texts((await retry).replies)).toEqual(['n 1', 'text of 1']);
    expect(said).toEqual([]);
  });

  it('does not hold up the lane when it is late itself', async () => {
    const gate = deferred();
    const service = deferred<string>();
    const slow = setupDialogue({
      types: {} as { context: object },
      actors: { wait: fromPromise(() => service.promise) },
    });
    const { runner, store, clock, said } = createWorld(
      slow.createDialogue({
        id: 'slow',
        context: {},
        initial: 'on',
        states: {
          on: { on: { 'message.text': 'busy' } },
          busy: {
            entry: slow.reply('one moment'),
            invoke: { src: 'wait', onDone: { target: 'on', actions: slow.reply('done') } },
          },
        },
      }),
    );
    const busy = store.update('u', () => gate.promise);
    const turns = [runner.handle('u', 'x', { id: 'm' })];
    await clock.advance({ seconds: 4 });
    turns.push(runner.handle('u', 'x', { id: 'm' }));
    await clock.advance({ seconds: 1 });
    gate.resolve();
    await busy;
    await clock.advance({ seconds: 4 });
    for (const turn of turns) expect(await turn).toMatchObject({ outcome: 'pending', replies: [] });
    expect(said).toEqual(['u: one moment']);
    const next = runner.handle('u', 'y');
    await clock.advance(0);
    expect(await next).toMatchObject({ outcome: 'unhandled' });
    service.resolve('');
    await clock.advance(0);
    expect(said).toEqual(['u: one moment', 'u: done']);
  });

  describe('that comes while the runner writes a reply that no caller waited for', () => {
    /** Says the same at first and in the end; what it says first is posted, and what it says last is answered. */
    async function joined() {
      const clock = createManualClock();
      let isSlow = true;
      const persister = faulty(memory(), {
        clock,
        choose: () => (isSlow ? { beforeMs: 10 } : undefined),
      });
      const service = deferred();
      const slow = setupDialogue({
        types: {} as { context: object },
        actors: { wait: fromPromise(() => service.promise) },
      });
      const { runner, said } = createWorld(
        slow.createDialogue({
          id: 'slow',
          context: {},
          initial: 'on',
          states: {
            on: { on: { 'message.text': 'busy' } },
            busy: {
              entry: slow.reply('one moment'),
              invoke: {
                src: 'wait',
                onDone: {
                  target: 'on',
                  actions: [slow.reply('done'), slow.reply('one moment')],
                },
              },
            },
          },
        }),
        { clock, storeOptions: { persister } },
      );
      onTestFinished(() => void (isSlow = false));
      const first = runner.handle('u', 'x', { id: 'm', deadlineMs: 5 });
      await clock.advance({ milliseconds: 15 });
      expect(await first).toMatchObject({ outcome: 'pending', replies: [] });
      const joining = runner.handle('u', 'x', { id: 'm' });
      await clock.advance({ milliseconds: 100 });
      expect(said).toEqual(['u: one moment']);
      service.resolve();
      await clock.advance({ milliseconds: 100 });
      return { runner, clock, said, answer: texts((await joining).replies) };
    }

    it('is answered with all replies that are not delivered yet, also if one has the text of an earlier reply', async () => {
      const { answer, said } = await joined();
      expect(answer).toEqual(['done', 'one moment']);
      expect(said).toEqual(['u: one moment']);
    });

    it('is answered like every later one', async () => {
      const { runner, clock, said, answer } = await joined();
      const later = runner.handle('u', 'x', { id: 'm' });
      await clock.advance({ milliseconds: 100 });
      expect(texts((await later).replies)).toEqual(answer);
      expect(said).toEqual(['u: one moment']);
    });
  });

  it('is not needed: without it, reply events deliver the answer', async () => {
    const gate = deferred();
    const { runner, store, clock, said } = createWorld(counter);
    const busy = store.update('u', () => gate.promise);
    const first = runner.handle('u', 'x', { id: 'm' });
    await clock.advance({ milliseconds: 4600 });
    await first;
    gate.resolve();
    await busy;
    await clock.advance(0);
    expect(said).toEqual(['u: n 1', 'u: text of 1']);
  });
});
