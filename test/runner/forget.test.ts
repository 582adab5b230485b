import { type AnyStateMachine, assign, emit, fromPromise, setup } from 'xstate';
import { describe, expect, it } from 'vitest';
import type { ContextStore, StoreEvents, WordEvent } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { type World, createWorld, deferred, texts } from './world.ts';

const HOUR = 3_600_000;
const word = (event: WordEvent): never => emit(event) as never;
const say = (reply: string): never => word({ type: 'reply', reply });
const forget = word({ type: 'forget' });

interface Started {
  readonly signal: AbortSignal;
  end(): void;
}

/** Counts texts; an image arms a reminder, a voice starts a service, a link forgets. */
function counter(started: Started[] = []): AnyStateMachine {
  return setup({
    types: {} as { context: { n: number } },
    actors: {
      lookUp: fromPromise<string>(({ signal }) => {
        const { promise, resolve } = deferred<string>();
        started.push({ signal, end: () => resolve('found') });
        return promise;
      }),
    },
  }).createMachine({
    id: 'counter',
    context: { n: 0 },
    initial: 'on',
    on: {
      'message.text': {
        actions: [
          assign({ n: ({ context }) => context.n + 1 }),
          emit(({ context }) => ({ type: 'reply', reply: `n ${context.n}` })),
        ],
      },
      'message.image': '.waiting',
      'message.voice': '.looking',
      'message.link': { target: '.on', actions: [say('All gone.'), forget] },
      // It also asks for other effects, and the record keeps none of them.
      'message.file': {
        target: '.looking',
        actions: [assign({ n: 99 }), word({ type: 'expireIn', milliseconds: HOUR }), forget],
      },
    },
    states: {
      on: {},
      waiting: { after: { [HOUR]: { target: 'on', actions: say('reminder') } } },
      looking: {
        invoke: { src: 'lookUp', onDone: { target: 'on', actions: say('found') } },
      },
    },
  }) as AnyStateMachine;
}

const LINK = { type: 'message.link', url: 'https://x' } as const;

function hear(store: ContextStore, name: keyof StoreEvents): string[] {
  const heard: string[] = [];
  store.on(name, ({ openid }) => heard.push(openid ?? ''));
  return heard;
}

/** Everything that a store tells of, but errors, from now on. */
function hearAll(store: ContextStore): string[] {
  const heard: string[] = [];
  for (const name of ['save', 'load', 'expire', 'evict', 'flush'] as const) {
    store.on(name, () => heard.push(name));
  }
  return heard;
}

interface Place {
  readonly name: string;
  create(machine: AnyStateMachine, options?: Parameters<typeof createWorld>[1]): World;
  /** The same user in another process, where the place outlives one. */
  reload?(machine: AnyStateMachine, before: World): World;
}

function places(): Place[] {
  const disk = createDisk();
  return [
    { name: 'in memory', create: createWorld },
    {
      name: 'over a persister',
      create: (machine, options = {}) =>
        createWorld(machine, {
          ...options,
          storeOptions: { ...options.storeOptions, persister: memory(disk) },
        }),
    },
    {
      name: 'over a persister, in the next process',
      create: (machine, options = {}) =>
        createWorld(machine, {
          ...options,
          storeOptions: { ...options.storeOptions, persister: memory(disk) },
        }),
      reload: (machine, { clock }) =>
        createWorld(machine, { clock, storeOptions: { persister: memory(disk) } }),
    },
  ];
}

describe.each(places().map(({ name }, index) => [name, index] as const))(
  'forget %s',
  (_name, index) => {
    const place = (): Place => places()[index] as Place;
    const after = (at: Place, machine: AnyStateMachine, world: World): World =>
      at.reload?.(machine, world) ?? world;

    it('leaves nothing of the user: the next message starts from nothing', async () => {
      const at = place();
      const machine = counter();
      const before = at.create(machine);
      await before.runner.handle('u', 'x', { id: 'm1' });
      await before.store.update('u', (context) => context.set('other', 1));
      const turn = await before.runner.handle('u', LINK, { id: 'm2' });
      expect([turn.outcome, texts(turn.replies)]).toEqual(['replied', ['All gone.']]);

      const { runner, store, data } = after(at, machine, before);
      expect(await store.exists('u')).toBe(false);
      expect(await data('u')).toEqual({});
      expect(texts((await runner.handle('u', 'x', { id: 'm3' })).replies)).toEqual(['n 1']);
      expect(await data('u')).toEqual({ n: 1 });
      expect(await store.exists('u')).toBe(true);
    });

    it('keeps its word to the message itself: a redelivery gets the same answer, and starts nothing', async () => {
      const at = place();
      const machine = counter();
      const before = at.create(machine);
      await before.runner.handle('u', 'x', { id: 'm1' });
      const first = await before.runner.handle('u', LINK, { id: 'm2' });
      const world = after(at, machine, before);
      const { runner, store, clock } = world;
      expect(await runner.handle('u', LINK, { id: 'm2' })).toEqual({
        ...first,
        outcome: 'duplicate',
      });
      expect(await store.exists('u')).toBe(false);
      // Also when the next conversation has begun.
      await runner.handle('u', 'x', { id: 'm3' });
      expect(await runner.handle('u', LINK, { id: 'm2' })).toEqual({
        ...first,
        outcome: 'duplicate',
      });
      expect(texts((await runner.handle('u', 'x', { id: 'm4' })).replies)).toEqual(['n 2']);
      await clock.advance({ minutes: 11 });
      expect((await runner.handle('u', LINK, { id: 'm2' })).outcome).toBe('replied');
    });

    it('lets no earlier message count again, but forgets what was said to it', async () => {
      const at = place();
      const machine = counter();
      const before = at.create(machine);
      await before.runner.handle('u', 'x', { id: 'm1' });
      await before.runner.handle('u', LINK, { id: 'm2' });
      const { runner, store } = after(at, machine, before);
      expect(await runner.handle('u', 'x', { id: 'm1' })).toMatchObject({
        outcome: 'duplicate',
        replies: [],
      });
      expect(await store.exists('u')).toBe(false);
    });

    it('leaves no trace once no redelivery is to be expected, and tells of it as of a flush', async () => {
      const at = place();
      const machine = counter();
      const before = at.create(machine);
      const told = hearAll(before.store);
      await before.runner.handle('u', 'x', { id: 'm1' });
      await before.runner.handle('u', LINK, { id: 'm2' });
      expect(told).toEqual(['save', 'flush']);
      const { store, clock, runner } = after(at, machine, before);
      const later = hearAll(store);
      await store.exists('u');
      await clock.advance({ minutes: 10, seconds: 1 });
      expect([store.size, later]).toEqual([0, []]);
      expect(await store.clearExpired()).toBe(0);
      // And it is not kept longer on account of the store's own age.
      expect((await runner.handle('u', 'x', { id: 'm1' })).outcome).toBe('replied');
    });

    it('takes pending timers along', async () => {
      const at = place();
      const machine = counter();
      const before = at.create(machine);
      await before.runner.handle('u', { type: 'message.image' }, { id: 'm1' });
      await before.runner.handle('u', LINK, { id: 'm2' });
      const world = after(at, machine, before);
      await world.runner.start();
      await world.clock.advance({ hours: 3 });
      expect([before.said, world.said, world.errors]).toEqual([[], [], []]);
    });

    it('ends a running service, and what that still brings is dropped', async () => {
      const at = place();
      const started: Started[] = [];
      const machine = counter(started);
      const before = at.create(machine);
      const looking = before.runner.handle('u', { type: 'message.voice' }, { id: 'm1' });
      await before.clock.advance({ seconds: 5 });
      expect((await looking).outcome).toBe('pending');
      await before.runner.handle('u', LINK, { id: 'm2' });
      expect(started.map(({ signal }) => signal.aborted)).toEqual([true]);
      const world = after(at, machine, before);
      await world.runner.start();
      for (const service of started) service.end();
      await world.clock.advance({ seconds: 5 });
      expect([before.said, world.said, started.length]).toEqual([[], [], 1]);
      expect(await world.store.exists('u')).toBe(false);
    });

    it('wins over all other effects that the same turn asks for', async () => {
      const at = place();
      const started: Started[] = [];
      const machine = counter(started);
      const before = at.create(machine);
      await before.runner.handle('u', { type: 'message.file' }, { id: 'm1' });
      const { store, data, clock, runner } = after(at, machine, before);
      expect([await store.exists('u'), await data('u'), started.length]).toEqual([false, {}, 0]);
      await runner.handle('u', 'x', { id: 'm2' });
      await clock.advance({ minutes: 90 });
      expect(await store.exists('u')).toBe(true);
    });

    it('is not in the way of a draft: that is new, and saves over what is left', async () => {
      const at = place();
      const machine = counter();
      const before = at.create(machine);
      await before.store.update('u', (context) => context.set('a', 1).setExpiry({ minutes: 1 }));
      await before.runner.handle('u', LINK, { id: 'm1' });
      const { store, clock, runner } = after(at, machine, before);
      const loaded = hear(store, 'load');
      const draft = await store.open('u');
      expect([draft.revision, draft.toJSON(), draft.getExpiryAge()]).toEqual([undefined, {}, 7200]);
      await draft.set('b', 2).save();
      expect(loaded).toEqual([]);
      expect((await runner.handle('u', LINK, { id: 'm1' })).outcome).toBe('duplicate');
      await clock.advance({ minutes: 90 });
      expect((await store.open('u')).toJSON()).toEqual({ b: 2 });
    });

    it('outlasts a fixed expiry that the user had', async () => {
      const at = place();
      const machine = counter();
      const before = at.create(machine);
      await before.store.update('u', (context) => context.setExpiry({ minutes: 1 }));
      await before.runner.handle('u', LINK, { id: 'm1' });
      await before.clock.advance({ minutes: 2 });
      const { runner } = after(at, machine, before);
      expect((await runner.handle('u', LINK, { id: 'm1' })).outcome).toBe('duplicate');
    });
  },
);

describe('forget', () => {
  const inPlaces = (): [string, Place][] =>
    places()
      .slice(0, 2)
      .map((at) => [at.name, at]);

  it.each(inPlaces())(
    'removes the record outright where no message has an id, %s',
    async (_, at) => {
      const { runner, store, clock } = at.create(counter());
      const [flushed, saved] = [hear(store, 'flush'), hear(store, 'save')];
      await runner.handle('u', LINK);
      expect([store.size, flushed, saved]).toEqual([0, [], []]);
      await runner.handle('u', 'x');
      await runner.handle('u', LINK);
      expect([store.size, flushed, saved]).toEqual([0, ['u'], ['u']]);
      await clock.advance({ hours: 3 });
      expect(texts((await runner.handle('u', 'x')).replies)).toEqual(['n 1']);
    },
  );

  it.each(inPlaces())(
    'removes the record outright where no id is remembered, %s',
    async (_, at) => {
      const { runner, store } = at.create(counter(), { seen: { max: 0 } });
      const flushed = hear(store, 'flush');
      await runner.handle('u', 'x', { id: 'm1' });
      await runner.handle('u', LINK, { id: 'm2' });
      expect([store.size, flushed]).toEqual([0, ['u']]);
    },
  );

  it('works from a service as from a message: the id that still waits is remembered with its whole answer', async () => {
    const lookUp = deferred<string>();
    const machine = setup({
      actors: { lookUp: fromPromise(() => lookUp.promise) },
    }).createMachine({
      initial: 'on',
      states: {
        on: { on: { 'message.text': { target: 'looking', actions: say('one moment') } } },
        looking: {
          invoke: { src: 'lookUp', onDone: { target: 'on', actions: [say('gone'), forget] } },
        },
      },
    });
    const { runner, store } = createWorld(machine as AnyStateMachine);
    const turn = runner.handle('u', 'x', { id: 'm' });
    lookUp.resolve('x');
    expect(texts((await turn).replies)).toEqual(['one moment', 'gone']);
    expect(await store.exists('u')).toBe(false);
    expect(await runner.handle('u', 'x', { id: 'm' })).toEqual({
      ...(await turn),
      outcome: 'duplicate',
    });
  });

  it('said by a timer leaves the ids of messages, so that none counts again', async () => {
    const machine = setup({}).createMachine({
      initial: 'on',
      states: {
        on: {
          on: { 'message.text': { actions: say('hi') } },
          after: { [60_000]: { actions: [say('bye'), forget] } },
        },
      },
    });
    const { runner, store, clock, said } = createWorld(machine as AnyStateMachine);
    await runner.handle('u', 'x', { id: 'm' });
    await clock.advance({ minutes: 1 });
    expect([said, await store.exists('u')]).toEqual([['u: bye'], false]);
    expect((await runner.handle('u', 'x', { id: 'm' })).outcome).toBe('duplicate');
  });

  it('changes nothing where its turn fails', async () => {
    const machine = setup({ types: {} as { context: { n: number } } }).createMachine({
      context: { n: 0 },
      on: {
        'message.text': { actions: assign({ n: 1 }) },
        'message.link': {
          actions: [forget, word({ type: 'reply', reply: { type: 'fax' } as never })],
        },
      },
    });
    const { runner, data } = createWorld(machine as AnyStateMachine);
    await runner.handle('u', 'x', { id: 'm1' });
    expect((await runner.handle('u', LINK, { id: 'm2' })).outcome).toBe('failed');
    expect(await data('u')).toEqual({ n: 1 });
  });

  it('runs again on the stored record when another writer saves in between', async () => {
    const disk = createDisk();
    const inner = memory(disk);
    let between = async (): Promise<void> => {};
    const { runner, store, clock } = createWorld(counter(), {
      storeOptions: {
        persister: {
          ...inner,
          delete: async (openid, expected) => {
            await between();
            return inner.delete(openid, expected);
          },
        },
      },
    });
    const other = createWorld(counter(), { clock, storeOptions: { persister: memory(disk) } });
    const conflicts: unknown[] = [];
    runner.on('conflict', (event) => conflicts.push(event));
    await runner.handle('u', 'x');
    between = async () => {
      between = async () => {};
      await other.runner.handle('u', 'x');
    };
    expect((await runner.handle('u', LINK)).outcome).toBe('replied');
    expect(conflicts).toEqual([{ openid: 'u', attempt: 1 }]);
    expect([disk.records.size, await store.exists('u')]).toEqual([0, false]);
  });

  it('leaves nothing to tell of when what is left has to make room', async () => {
    const { runner, store } = createWorld(counter(), { storeOptions: { max: 1 } });
    const evicted = hear(store, 'evict');
    await runner.handle('u', LINK, { id: 'm1' });
    await runner.handle('v', 'x', { id: 'm1' });
    expect(evicted).toEqual([]);
    await runner.handle('u', 'x', { id: 'm2' });
    expect(evicted).toEqual(['v']);
  });

  it('leaves nothing of the user in what is stored', async () => {
    const disk = createDisk();
    const { runner, store } = createWorld(counter(), { storeOptions: { persister: memory(disk) } });
    await store.update('u', (context) => context.set('name', 'Ann Secret'));
    await runner.handle('u', 'x', { id: 'm1' });
    await runner.handle('u', LINK, { id: 'm2' });
    const body: unknown = JSON.parse(disk.records.get('u')?.body ?? '');
    expect(body).toMatchObject({ openid: 'u', data: {}, absent: 'forgotten' });
    expect(JSON.stringify(body)).not.toMatch(/Secret|n 1|counter/);
  });
});
