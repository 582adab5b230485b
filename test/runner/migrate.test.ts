import { type AnyStateMachine, assign, createMachine, emit, fromPromise } from 'xstate';
import {
  type Migrations,
  type StoredConversation,
  createContextStore,
  createRunner,
} from 'colloquy';
import { type ManualClock, createManualClock } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { type Disk, createDisk, memory } from '../../src/persist/memory.ts';
import { createWorld, texts } from './world.ts';

const say = (text: string) => emit({ type: 'reply', reply: text }) as never;
const text = 'message.text';

function machineOf(version: string, states: object, actors: object = {}): AnyStateMachine {
  const initial = Object.keys(states)[0];
  const machine = createMachine({ id: 'm', version, context: {}, initial, states } as never);
  return machine.provide({ actors } as never) as AnyStateMachine;
}

const first = machineOf('1', {
  start: {
    entry: [assign({ name: 'Ann', when: new Date(0) }), say('hi')],
    after: { 60_000: { actions: say('old reminder') } },
  },
});
const third = machineOf('3', {
  begin: { entry: say('begin') },
  middle: {
    on: { [text]: { actions: say('middle') } },
    after: { 60_000: { actions: say('reminder') } },
  },
});

/** Leaves a conversation of version 1 on a disk, and comes back as version 3. */
async function upgrade(
  migrate: Migrations | undefined,
  to = third,
): Promise<{
  hear(): Promise<string[]>;
  told: unknown[];
  errors: unknown[];
  said: string[];
  data(): Promise<object>;
  clock: ManualClock;
  start(): Promise<void>;
  disk: Disk;
}> {
  const disk = createDisk();
  const clock = createManualClock();
  const before = createWorld(first, { clock, storeOptions: { persister: memory(disk) } });
  await before.runner.handle('u', 'x');
  await before.runner.stop();
  await before.store.close();
  const { runner, errors, said, data } = createWorld(to, {
    clock,
    storeOptions: { persister: memory(disk) },
    ...(migrate && { migrate }),
  });
  const told: unknown[] = [];
  runner.on('incompatible', (event) => told.push(event));
  return {
    hear: async () => texts((await runner.handle('u', 'x')).replies),
    start: () => runner.start(),
    data: () => data('u'),
    told,
    errors,
    said,
    clock,
    disk,
  };
}

const good: Migrations = {
  1: (conversation) => {
    conversation.version = '2';
    conversation.context['first'] = conversation.context['name'];
    delete conversation.context['name'];
    (conversation.context['when'] as Date).setTime(5);
    return conversation;
  },
  2: ({ snapshot, timers, ...rest }) => ({
    ...rest,
    version: '3',
    snapshot: { ...snapshot, value: 'middle' },
    timers: timers.map((timer) => ({
      ...timer,
      id: 'xstate.after.60000.m.middle',
      event: { type: 'xstate.after.60000.m.middle' },
    })),
  }),
};

describe('a conversation of an earlier version', () => {
  it('is migrated from version to version, and continues', async () => {
    const { hear, told, errors, data, clock, start, said } = await upgrade(good);
    expect(await hear()).toEqual(['middle']);
    expect([told, errors, await data()]).toEqual([[], [], { first: 'Ann', when: new Date(5) }]);
    await start();
    await clock.advance({ minutes: 2 });
    expect(said).toEqual(['u: reminder']);
  });

  it('is migrated for what is due in it, too', async () => {
    const { start, clock, said, told, data } = await upgrade(good);
    await start();
    await clock.advance({ minutes: 2 });
    expect([said, told]).toEqual([['u: reminder'], []]);
    expect(await data()).toMatchObject({ first: 'Ann' });
  });

  it('is not committed before something comes of it, and migrated once then', async () => {
    let runs = 0;
    const migrate: Migrations = {
      ...good,
      1: (conversation, about) => {
        runs += 1;
        return good['1']?.(conversation, about);
      },
    };
    const { hear, disk } = await upgrade(migrate);
    const before = disk.records.get('u');
    expect([runs, before]).toEqual([0, disk.records.get('u')]);
    await hear();
    await hear();
    expect(runs).toBe(1);
  });

  it('is shown as it is stored, as a copy that may be changed', async () => {
    let shown: StoredConversation | undefined;
    const { hear } = await upgrade({
      1: (conversation) => {
        shown = structuredClone(conversation);
        conversation.timers.length = 0;
        return {
          ...conversation,
          version: '3',
          snapshot: { ...conversation.snapshot, value: 'middle' },
        };
      },
    });
    expect(await hear()).toEqual(['middle']);
    expect(shown).toEqual({
      version: '1',
      snapshot: { status: 'active', value: 'start', children: {}, history: {} },
      context: { name: 'Ann', when: new Date(0) },
      timers: [
        {
          actor: '',
          id: 'xstate.after.60000.m.start',
          event: { type: 'xstate.after.60000.m.start' },
          dueAt: expect.any(Number),
        },
      ],
      services: [],
      delays: [':xstate.after.60000.m.start'],
    });
  });

  it('is taken as it is where there is no function for its version', async () => {
    const { hear, told } = await upgrade(
      { 7: good['1'] as never },
      machineOf('3', { other: {}, start: { on: { [text]: { actions: say('still here') } } } }),
    );
    expect(await hear()).toEqual(['still here']);
    expect(told).toMatchObject([{ outcome: 'fits', dropped: { timers: [expect.any(String)] } }]);
  });

  it('keeps what was migrated of its context where its state is gone all the same', async () => {
    const { hear, told, data } = await upgrade({ 1: good['1'] as never });
    expect(await hear()).toEqual(['begin']);
    expect(told).toMatchObject([{ outcome: 'restart', found: { version: '1' } }]);
    expect(await data()).toEqual({ first: 'Ann', when: new Date(5) });
  });

  it('loses what it says is pending and is not', async () => {
    const { hear, told } = await upgrade({
      1: (conversation) => ({
        ...conversation,
        version: '3',
        snapshot: { ...conversation.snapshot, value: 'middle' },
        services: [{ actor: '', id: 's', src: 'gone', input: 1, token: 't' }],
      }),
    });
    expect(await hear()).toEqual(['middle']);
    expect(told).toMatchObject([{ outcome: 'migrated', dropped: { services: ['gone'] } }]);
  });

  it.each<[what: string, migrate: Migrations, errors: object[]]>([
    ['gives up', { 1: () => undefined }, []],
    [
      'gives up on the way',
      { 1: (conversation) => ({ ...conversation, version: '2', context: {} }), 2: () => undefined },
      [],
    ],
    [
      'throws',
      {
        1: () => {
          throw new Error('broken');
        },
      },
      [{ code: 'bad_migration', details: { version: '1' }, cause: { message: 'broken' } }],
    ],
    ['says no other version', { 1: (conversation) => conversation }, [{ code: 'bad_migration' }]],
    [
      'goes in circles',
      {
        1: (conversation) => ({ ...conversation, version: '2' }),
        2: (conversation) => ({ ...conversation, version: '1' }),
      },
      [{ code: 'bad_migration' }],
    ],
    ['gives no conversation', { 1: () => 'x' as never }, [{ code: 'bad_migration' }]],
    ['gives no version', { 1: () => ({}) as never }, [{ code: 'bad_migration' }]],
    ...(
      [
        ['no context', { context: undefined }],
        ['a context that is not plain', { context: { a: () => 1 } }],
        ['a context that is too big', { context: { a: 'x'.repeat(70_000) } }],
        ['a snapshot that is not plain', { snapshot: { value: Symbol('x') } }],
        ['no timers', { timers: undefined }],
        ['timers that are none', { timers: [{}] }],
        ['services that are none', { services: [null] }],
      ] as const
    ).map(([what, parts]): [string, Migrations, object[]] => [
      `gives ${what}`,
      { 1: (conversation) => ({ ...conversation, version: '3', ...(parts as object) }) },
      [{ code: 'bad_migration' }],
    ]),
  ])('starts again over the context where its migration %s', async (_what, migrate, faults) => {
    const { hear, told, errors, data } = await upgrade(migrate);
    expect(await hear()).toEqual(['begin']);
    expect(errors).toMatchObject(faults);
    expect(told).toMatchObject([{ outcome: 'restart' }]);
    expect(await data()).toEqual({ name: 'Ann', when: new Date(0) });
    expect(await hear()).toEqual([]);
    expect(told.length).toBe(1);
  });

  it('continues its service, which is recognised by its new name', async () => {
    const service = fromPromise(async () => 'x');
    const { start, clock, said } = await upgrade(
      {
        1: (conversation) => ({
          ...conversation,
          version: '3',
          snapshot: { ...conversation.snapshot, value: 'load', children: { s: { src: 'load' } } },
          timers: [],
          services: [{ actor: '', id: 's', src: 'load', input: undefined, token: 'token' }],
        }),
      },
      machineOf(
        '3',
        {
          a: {},
          load: { invoke: { id: 's', src: 'load', onDone: 'b' } },
          b: { entry: say('loaded') },
        },
        { load: service },
      ),
    );
    await start();
    // The stored record has a timer; it is what it is looked at for.
    await clock.advance({ minutes: 2 });
    expect(said).toEqual(['u: loaded']);
  });
});

describe('the options of a changed dialogue', () => {
  it.each<[what: string, options: object]>([
    ['migrations that are no functions', { migrate: { 1: 'x' } }],
    ['null for migrations', { migrate: null }],
    ['another word', { onIncompatible: 'ignore' }],
  ])('are refused with %s', async (_what, options) => {
    const store = createContextStore();
    expect(() => createRunner(third, { store, ...options })).toThrow(
      expect.objectContaining({ code: 'bad_option' }),
    );
    await store.close();
  });
});
