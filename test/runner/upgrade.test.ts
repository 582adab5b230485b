import fc from 'fast-check';
import { type AnyStateMachine, assign, createMachine, emit, fromPromise } from 'xstate';
import {
  type Persister,
  type RunnerEvents,
  type RunnerOptions,
  createRunner,
  formatReply,
  jsonCodec,
} from 'colloquy';
import { type ManualClock, createManualClock } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { type Disk, createDisk, memory } from '../../src/persist/memory.ts';
import { type World, createWorld, texts } from './world.ts';

const say = (text: string) => emit({ type: 'reply', reply: text }) as never;
const text = 'message.text';
const ask = (question: string, more: object = {}): object => ({ entry: say(question), ...more });

function machineOf(version: string, config: object, actors: object = {}): AnyStateMachine {
  const machine = createMachine({ id: 'shop', version, context: { n: 0 }, ...config } as never);
  return machine.provide({ actors } as never) as AnyStateMachine;
}

interface Place extends World {
  readonly told: RunnerEvents['incompatible'][];
  readonly saves: () => number;
  hear(message: string): Promise<string[]>;
}

/** A process: a runner of one version of a dialogue, on a disk that outlives it. */
function boot(
  dialogue: AnyStateMachine,
  disk: Disk,
  clock: ManualClock,
  options: RunnerOptions = {},
): Place {
  const inner = memory(disk);
  let saves = 0;
  const persister: Persister = {
    ...inner,
    save: (record, expected) => {
      saves += 1;
      return inner.save(record, expected);
    },
  };
  const world = createWorld(dialogue, { ...options, clock, storeOptions: { persister } });
  const told: RunnerEvents['incompatible'][] = [];
  world.runner.on('incompatible', (event) => told.push(event));
  return {
    ...world,
    told,
    saves: () => saves,
    async hear(message) {
      const turn = await world.runner.handle('u', message);
      expect(turn.error).toBeUndefined();
      return texts(turn.replies);
    },
  };
}

interface Change {
  readonly from: AnyStateMachine;
  readonly to: AnyStateMachine;
  readonly say?: readonly string[];
  readonly options?: RunnerOptions;
}

/** Talks to the one version, stops it, and boots the other on the same disk. */
async function change({
  from,
  to,
  say = ['hi'],
  options = {},
}: Change): Promise<Place & { disk: Disk }> {
  const disk = createDisk();
  const clock = createManualClock();
  const before = boot(from, disk, clock);
  for (const message of say) await before.hear(message);
  await before.runner.stop();
  await before.store.close();
  return { ...boot(to, disk, clock, options), disk };
}

function stored(disk: Disk): Record<string, unknown> {
  return jsonCodec.decode(disk.records.get('u')?.body ?? 'null') as Record<string, unknown>;
}

const count = { on: { [text]: { actions: assign({ n: ({ context }) => context.n + 1 }) } } };

const one = machineOf('1', {
  initial: 'shop',
  states: {
    shop: {
      entry: say('shop?'),
      initial: 'cart',
      after: { 60_000: { actions: say('still there?') } },
      states: { cart: { on: { [text]: 'pay' } }, pay: ask('pay?', count) },
    },
  },
});

/** Without `pay`, but with the state around it. */
const two = machineOf('2', {
  initial: 'shop',
  states: {
    shop: {
      entry: say('shop?'),
      initial: 'bill',
      after: { 60_000: { actions: say('still there?') } },
      states: { bill: ask('bill?', { on: { [text]: { target: 'end' } } }), end: ask('thanks') },
    },
  },
});

describe('a dialogue that has changed', () => {
  it('continues without a report when its state still exists', async () => {
    const same = machineOf('1', {
      initial: 'shop',
      states: {
        shop: {
          entry: say('shop?'),
          initial: 'cart',
          after: { 60_000: { actions: say('still there?') } },
          states: { cart: { on: { [text]: 'pay' } }, pay: ask('pay?', count), more: {} },
        },
      },
    });
    const { hear, told, errors, disk, data } = await change({
      from: one,
      to: same,
      say: ['hi', 'x', 'y'],
    });
    const { structure } = stored(disk)['dialogue'] as { structure: string };
    expect(await hear('z')).toEqual([]);
    expect([told, errors, await data('u')]).toEqual([[], [], { n: 2 }]);
    const { dialogue } = stored(disk) as { dialogue: { structure: string } };
    expect(dialogue.structure).toMatch(/^\w+$/u);
    expect(dialogue.structure).not.toBe(structure);
  });

  it('starts again over the context when its state is gone, and reports it', async () => {
    const { hear, told, data } = await change({ from: one, to: two, say: ['hi', 'x', 'y'] });
    expect(await hear('z')).toEqual(['shop?', 'bill?']);
    expect(await data('u')).toEqual({ n: 1 });
    expect(told).toEqual([
      {
        openid: 'u',
        found: { id: 'shop', version: '1', structure: expect.any(String) },
        outcome: 'restart',
        dropped: { timers: ['xstate.after.60000.shop.shop'], services: [] },
      },
    ]);
  });

  it('starts again if the stored conversation belongs to another dialogue', async () => {
    const other = createMachine({ id: 'other', initial: 'shop', states: { shop: ask('other?') } });
    const { hear, told } = await change({ from: one, to: other as AnyStateMachine });
    expect(await hear('x')).toEqual(['other?']);
    expect(told).toMatchObject([{ found: { id: 'shop' }, outcome: 'restart' }]);
  });

  it('starts again without a report if it had ended', async () => {
    const ended = machineOf('1', {
      initial: 'a',
      states: { a: { on: { [text]: 'z' } }, z: { entry: say('bye'), type: 'final' } },
    });
    const { hear, told } = await change({ from: ended, to: two });
    expect(await hear('x')).toEqual(['shop?', 'bill?']);
    expect(told).toEqual([]);
  });
});

describe('a dialogue that has changed within a process', () => {
  it.each<[what: string, options: RunnerOptions, said: string[]]>([
    ['starts again', {}, ['shop?', 'bill?']],
    [
      'continues as migrated',
      {
        migrate: {
          1: (conversation) => ({
            ...conversation,
            version: '2',
            snapshot: { ...conversation.snapshot, value: { shop: 'bill' } },
          }),
        },
      },
      ['thanks'],
    ],
  ])('%s, without a persister, too', async (_what, options, said) => {
    const { runner, store, clock } = createWorld(one);
    await runner.handle('u', 'hi');
    await runner.handle('u', 'x');
    await runner.stop();
    const after = createRunner(two, { ...options, store });
    const late: string[] = [];
    after.on('reply', ({ reply }) => late.push(formatReply(reply)));
    expect(texts((await after.handle('u', 'x')).replies)).toEqual(said);
    await clock.advance({ minutes: 2 });
    expect(late).toEqual(['still there?']);
    await after.stop();
  });
});

describe('onIncompatible', () => {
  it('receives the stored conversation, and returns the snapshot to continue from', async () => {
    const seen: unknown[] = [];
    const options: RunnerOptions = {
      onIncompatible: (about) => {
        seen.push(about);
        return { ...about.snapshot, value: { shop: 'end' } };
      },
    };
    const { hear, told, data } = await change({
      from: one,
      to: two,
      say: ['hi', 'x', 'y'],
      options,
    });
    expect(await hear('z')).toEqual([]);
    expect(seen).toMatchObject([
      {
        openid: 'u',
        found: { version: '1' },
        snapshot: { value: { shop: 'pay' } },
        context: { n: 1 },
      },
    ]);
    expect(told).toMatchObject([{ outcome: 'replaced' }]);
    expect(await data('u')).toEqual({ n: 1 });
  });

  it.each<[what: string, answer: () => unknown, heard: string[], errors: object[]]>([
    ['returns restart', () => 'restart', ['shop?', 'bill?'], []],
    ['throws', () => 'not reached', ['shop?', 'bill?'], [{}]],
    [
      'returns a snapshot that does not fit either',
      () => ({ status: 'active', value: 'x', children: null, history: null }),
      ['shop?', 'bill?'],
      [{ code: 'bad_snapshot' }],
    ],
    [
      'returns a snapshot that is not plain',
      () => ({ value: () => 1 }),
      ['shop?', 'bill?'],
      [{ code: 'context_not_plain' }],
    ],
    ['returns nothing', () => undefined, ['shop?', 'bill?'], []],
    ['returns another word', () => 'what', ['shop?', 'bill?'], [{ code: 'bad_snapshot' }]],
  ])('lets the dialogue start again if it %s', async (what, answer, heard, errors) => {
    const onIncompatible = (): never => {
      if (what === 'throws') throw new Error('broken');
      return answer() as never;
    };
    const place = await change({
      from: one,
      to: two,
      say: ['hi', 'x'],
      options: { onIncompatible },
    });
    expect(await place.hear('z')).toEqual(heard);
    expect(place.errors).toMatchObject(errors);
    expect(place.told.length).toBe(1);
  });
});

describe('a pending timer or service of a changed dialogue', () => {
  const waiting = machineOf('1', {
    initial: 'wait',
    states: { wait: ask('wait', { after: { 3_600_000: 'over' } }), over: ask('over') },
  });
  const without = machineOf('2', { initial: 'new', states: { new: ask('new?') } });

  it('is dropped once when it is due, and never returns', async () => {
    const { runner, clock, told, errors, saves, disk, said } = await change({
      from: waiting,
      to: without,
    });
    await runner.start();
    await clock.advance({ minutes: 61 });
    expect(told).toMatchObject([
      { outcome: 'restart', dropped: { timers: ['xstate.after.3600000.shop.wait'] } },
    ]);
    expect([saves(), stored(disk)['timers']]).toEqual([1, undefined]);
    await clock.advance({ minutes: 10 });
    expect([saves(), told.length, errors, said]).toEqual([1, 1, [], []]);
  });

  it('does not change the stored state before the user writes, so that the old version may return', async () => {
    const { runner, clock, disk } = await change({ from: waiting, to: without });
    await runner.start();
    await clock.advance({ minutes: 61 });
    await runner.stop();
    expect(await boot(waiting, disk, clock).hear('x')).toEqual([]);
    expect(stored(disk)).toMatchObject({ dialogue: { snapshot: { value: 'wait' } } });
  });

  it('does not keep a record from expiring', async () => {
    const { runner, clock, disk } = await change({ from: waiting, to: without });
    await runner.start();
    await clock.advance({ hours: 4 });
    expect(disk.records.size).toBe(0);
  });

  it('is dropped and reported also if its state still exists, but without the delay', async () => {
    const patient = machineOf('1', {
      initial: 'wait',
      states: { wait: ask('wait'), over: ask('over') },
    });
    const { runner, clock, told, said, saves, hear } = await change({ from: waiting, to: patient });
    await runner.start();
    await clock.advance({ minutes: 90 });
    expect(told).toMatchObject([{ outcome: 'fits', dropped: { timers: [expect.any(String)] } }]);
    expect([saves(), said, await hear('x')]).toEqual([1, [], []]);
  });

  const echo = fromPromise(async () => 'done');
  const serving = (src: string, version: string, service: unknown = echo): AnyStateMachine =>
    machineOf(
      version,
      {
        initial: 'a',
        states: {
          a: { on: { [text]: 'load' } },
          load: { invoke: { src, onDone: 'b' } },
          b: ask('loaded'),
        },
      },
      { [src]: service },
    );
  const never = fromPromise(() => new Promise(() => {}));

  /** The first process dies while its service runs. */
  const crash = async (
    to: AnyStateMachine,
    options: RunnerOptions = {},
  ): Promise<Place & { disk: Disk }> => {
    const disk = createDisk();
    const clock = createManualClock();
    const before = boot(serving('load', '1', never), disk, clock);
    const turn = before.runner.handle('u', 'x');
    await clock.advance({ seconds: 5 });
    await turn;
    await before.runner.stop();
    await before.store.close();
    return { ...boot(to, disk, clock, options), disk };
  };

  it('starts again if it is a service that still exists', async () => {
    const { runner, clock, said, told } = await crash(serving('load', '2'));
    await runner.start();
    await clock.advance({ seconds: 1 });
    expect([said, told]).toEqual([['u: loaded'], []]);
  });

  it('is dropped if it is a service that is gone', async () => {
    const { runner, clock, said, told, disk, saves } = await crash(serving('fetch', '2'));
    await runner.start();
    await clock.advance({ minutes: 5 });
    expect([said, stored(disk)['services'], saves()]).toEqual([[], undefined, 1]);
    expect(told).toMatchObject([{ outcome: 'restart', dropped: { services: ['load'] } }]);
  });

  it('is dropped from the newest record after another writer commits first', async () => {
    const disk = createDisk();
    const clock = createManualClock();
    const before = boot(waiting, disk, clock);
    await before.hear('hi');
    await before.runner.stop();
    await before.store.close();
    const after = boot(without, disk, clock);
    const conflicts: unknown[] = [];
    after.runner.on('conflict', (event) => conflicts.push(event));
    await after.store.open('u');
    const elsewhere = memory(disk);
    const record = await elsewhere.load('u');
    if (record !== undefined) await elsewhere.save(record, record.revision);
    await after.runner.start();
    await clock.advance({ minutes: 61 });
    expect([stored(disk)['timers'], conflicts.length]).toEqual([undefined, 1]);
  });
});

describe('for any two versions', () => {
  const states = fc.dictionary(
    fc.constantFrom('a', 'b', 'c', 'd'),
    fc.record({
      inner: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.boolean(), { maxKeys: 3 }),
      parallel: fc.boolean(),
      after: fc.constantFrom(undefined, 1000, 2000),
      service: fc.constantFrom(undefined, 's', 't'),
      target: fc.constantFrom('a', 'b', 'c', 'd'),
    }),
    { minKeys: 1 },
  );
  type States = typeof states extends fc.Arbitrary<infer T> ? T : never;

  const build = (version: string, all: States): AnyStateMachine => {
    const has = (key: string): string => (key in all ? key : (Object.keys(all)[0] ?? ''));
    const config = Object.fromEntries(
      Object.entries(all).map(([key, { inner, parallel, after, service, target }]) => {
        const within = Object.keys(inner);
        const shape = parallel ? { type: 'parallel' } : { initial: within[0] };
        return [
          key,
          {
            entry: say(`in ${key}`),
            on: { [text]: has(target) },
            ...(after && { after: { [after]: has(target) } }),
            ...(service && { invoke: { src: service, onDone: has(target) } }),
            ...(within.length > 0 && {
              ...shape,
              states: Object.fromEntries(
                within.map((each) => [each, { entry: say(`in ${each}`) }]),
              ),
            }),
          },
        ];
      }),
    );
    const hang = fromPromise(() => new Promise(() => {}));
    return machineOf(
      version,
      { initial: Object.keys(all)[0], states: config },
      { s: hang, t: hang },
    );
  };

  it('no turn fails, and nothing stays due forever', async () => {
    await fc.assert(
      fc.asyncProperty(states, states, fc.nat(3), async (from, to, messages) => {
        const disk = createDisk();
        const clock = createManualClock();
        const before = boot(build('1', from), disk, clock, { deadlineMs: 0 });
        for (let each = 0; each <= messages; each += 1) await before.runner.handle('u', 'x');
        await before.runner.stop();
        await before.store.close();
        const after = boot(build('2', to), disk, clock, { deadlineMs: 0 });
        await after.runner.start();
        await clock.advance(500);
        const turn = await after.runner.handle('u', 'x');
        expect(turn.error).toBeUndefined();
        await clock.advance({ seconds: 10 });
        expect([after.errors, after.told.length < 3]).toEqual([[], true]);
        await after.runner.stop();
      }),
      { numRuns: 100 },
    );
  });
});
