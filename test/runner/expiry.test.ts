import { type AnyStateMachine, assign, emit, setup } from 'xstate';
import { describe, expect, it } from 'vitest';
import { type WordEvent, setupDialogue } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { type World, createWorld } from './world.ts';

const MINUTE = 60_000;

/** Expires as the text says: `5` in 5 minutes, `default` by the age of the store; any other text changes nothing. */
const machine = setup({
  types: {} as { context: { n: number } },
}).createMachine({
  context: { n: 0 },
  initial: 'on',
  on: {
    'message.text': {
      actions: [
        assign({ n: ({ context }) => context.n + 1 }),
        emit(({ event }): WordEvent | { type: 'nothing' } => {
          const { text } = event as { text?: string };
          if (text === 'default') return { type: 'expireIn', milliseconds: null };
          const minutes = Number(text);
          if (Number.isNaN(minutes)) return { type: 'nothing' };
          return { type: 'expireIn', milliseconds: minutes * MINUTE };
        }) as never,
      ],
    },
    'message.image': '.waiting',
  },
  states: { on: {}, waiting: { after: { [10 * MINUTE]: 'on' } } },
}) as AnyStateMachine;

const create = (disk = createDisk(), world?: World): World =>
  createWorld(machine, {
    ...(world && { clock: world.clock }),
    storeOptions: { persister: memory(disk) },
  });

describe.each([
  ['in memory', () => createWorld(machine)],
  ['over a persister', () => create()],
] as const)('expireIn %s', (_name, begin) => {
  it('ends the conversation at that moment, although the user writes before it', async () => {
    const { runner, store, clock } = begin();
    const expired: unknown[] = [];
    store.on('expire', ({ data }) => expired.push(data));
    await runner.handle('u', '5');
    await clock.advance(4 * MINUTE);
    await runner.handle('u', 'x');
    await clock.advance(MINUTE - 1);
    expect(await store.exists('u')).toBe(true);
    await clock.advance(1);
    expect([await store.exists('u'), expired]).toEqual([false, [{ n: 2 }]]);
    await runner.handle('u', 'x');
    await clock.advance(6 * MINUTE);
    expect(await store.exists('u')).toBe(true);
  });

  it('goes past the age of the store, too', async () => {
    const { runner, store, clock } = begin();
    await runner.handle('u', `${24 * 60}`);
    await clock.advance({ hours: 23 });
    expect(await store.exists('u')).toBe(true);
    await clock.advance({ hours: 1 });
    expect(await store.exists('u')).toBe(false);
  });

  it('may be repeated with another time, and null returns to the age of the store', async () => {
    const { runner, store, clock } = begin();
    await runner.handle('u', '5');
    await runner.handle('u', '30');
    await clock.advance(10 * MINUTE);
    expect(await store.exists('u')).toBe(true);
    await runner.handle('u', 'default');
    await clock.advance(119 * MINUTE);
    expect(await store.exists('u')).toBe(true);
    await clock.advance(MINUTE);
    expect(await store.exists('u')).toBe(false);
  });

  it('does not wait for a timer', async () => {
    const { runner, store, clock } = begin();
    await runner.handle('u', '5');
    await runner.handle('u', { type: 'message.image' });
    await clock.advance(5 * MINUTE);
    expect(await store.exists('u')).toBe(false);
  });

  it('of nothing ends it with the turn', async () => {
    const { runner, store } = begin();
    expect((await runner.handle('u', '0')).outcome).toBe('silent');
    expect(await store.exists('u')).toBe(false);
  });

  it('is what setExpiry sees and sets', async () => {
    const { runner, store } = begin();
    await runner.handle('u', '5');
    expect((await store.open('u')).getExpiryAge()).toBe(300);
    await store.update('u', (context) => context.setExpiry(null));
    expect((await store.open('u')).getExpiryAge()).toBe(7200);
  });
});

it('expireIn holds over a restart', async () => {
  const disk = createDisk();
  const before = create(disk);
  await before.runner.handle('u', '5');
  const { store, runner, clock } = create(disk, before);
  await runner.start();
  await clock.advance(5 * MINUTE - 1);
  expect(await store.exists('u')).toBe(true);
  await clock.advance(1);
  expect([await store.exists('u'), disk.records.size]).toEqual([false, 0]);
});

it('expireIn of what is no time fails the turn and changes nothing', async () => {
  const bad = setup({}).createMachine({
    on: { 'message.text': { actions: emit({ type: 'expireIn', milliseconds: -1 }) as never } },
  });
  const { runner, store, errors } = createWorld(bad as AnyStateMachine);
  expect((await runner.handle('u', 'x')).outcome).toBe('failed');
  expect(errors).toMatchObject([{ name: 'StepError', code: 'bad_expiry' }]);
  expect(await store.exists('u')).toBe(false);
});

/** Takes texts alone; `wait` sets a timer of three hours, and `quit` leaves it. */
const { createDialogue, reply } = setupDialogue({ types: {} as { context: object } });
const texting = createDialogue({
  id: 'texting',
  context: {},
  initial: 'on',
  states: {
    on: {
      on: {
        'message.text': [
          { guard: ({ event }) => event.text === 'wait', target: 'waiting' },
          { actions: reply('Yes?') },
        ],
      },
    },
    waiting: {
      after: { [180 * MINUTE]: { target: 'on', actions: reply('Now.') } },
      on: { 'message.text': 'on' },
    },
  },
});

describe.each([
  ['in memory', () => ({})],
  ['over a persister', () => ({ persister: memory(createDisk()) })],
])('what no state takes does not put the expiry off, %s', (_name, storeOptions) => {
  const begin = (): World =>
    createWorld(texting, { onUnhandled: () => 'What?', storeOptions: storeOptions() });

  it.each([
    ['a message', { type: 'message.image', mediaId: 'x' }],
    ['an event by which the user spoke', { type: 'event.enter' }],
    ['an unspoken event', { type: 'event.location' }],
  ] as const)('%s, however often it comes', async (_what, message) => {
    const { runner, store, clock } = begin();
    const expired: string[] = [];
    store.on('expire', ({ openid }) => expired.push(openid));
    await runner.handle('u', 'hi');
    for (let hour = 1; hour < 4; hour += 1) {
      await clock.advance(30 * MINUTE);
      expect((await runner.handle('u', message)).outcome).toBe('unhandled');
    }
    await clock.advance(30 * MINUTE - 1);
    expect([await store.exists('u'), expired]).toEqual([true, []]);
    await clock.advance(1);
    expect([await store.exists('u'), expired]).toEqual([false, ['u']]);
  });

  it('and it counts once all the same, with what was said to it', async () => {
    const { runner, clock } = begin();
    await runner.handle('u', 'hi');
    await clock.advance(MINUTE);
    const message = { type: 'message.image', mediaId: 'x' } as const;
    const first = await runner.handle('u', message, { id: 'm1' });
    const second = await runner.handle('u', message, { id: 'm1' });
    expect([first.replies, second.outcome, second.replies]).toEqual([
      [{ type: 'text', text: 'What?' }],
      'duplicate',
      first.replies,
    ]);
  });

  it('where it begins the dialogue, the age counts from then', async () => {
    const { runner, store, clock } = begin();
    expect((await runner.handle('u', { type: 'message.image' })).outcome).toBe('unhandled');
    await clock.advance(120 * MINUTE - 1);
    expect(await store.exists('u')).toBe(true);
    await clock.advance(1);
    expect(await store.exists('u')).toBe(false);
  });

  it('a timer holds the expiry back as ever, and what it says is a beginning', async () => {
    const { runner, store, clock, said } = begin();
    await runner.handle('u', 'wait');
    for (let hour = 0; hour < 5; hour += 1) {
      await clock.advance(30 * MINUTE);
      await runner.handle('u', { type: 'message.image' });
    }
    await clock.advance(30 * MINUTE);
    expect(said).toEqual(['u: Now.']);
    await clock.advance(120 * MINUTE - 1);
    expect(await store.exists('u')).toBe(true);
    await clock.advance(1);
    expect(await store.exists('u')).toBe(false);
  });

  it('a message that a state takes puts the expiry off, also after others that no state took', async () => {
    const { runner, store, clock } = begin();
    await runner.handle('u', 'hi');
    await clock.advance(100 * MINUTE);
    await runner.handle('u', { type: 'message.image' });
    await runner.handle('u', 'still here');
    await runner.handle('u', { type: 'message.image' });
    await clock.advance(119 * MINUTE);
    expect(await store.exists('u')).toBe(true);
    await clock.advance(MINUTE);
    expect(await store.exists('u')).toBe(false);
  });
});

it('what no state takes leaves the due index of a persister as it was, over a restart, too', async () => {
  const disk = createDisk();
  const before = createWorld(texting, { storeOptions: { persister: memory(disk) } });
  await before.runner.handle('u', 'hi');
  const wakeAt = disk.records.get('u')?.wakeAt;
  await before.clock.advance(100 * MINUTE);
  await before.runner.handle('u', { type: 'message.image' }, { id: 'm1' });
  expect([disk.records.get('u')?.wakeAt, disk.records.get('u')?.revision]).toEqual([wakeAt, 2]);
  const { store, runner, clock } = createWorld(texting, {
    clock: before.clock,
    storeOptions: { persister: memory(disk) },
  });
  await runner.start();
  await clock.advance(20 * MINUTE);
  expect([await store.exists('u'), disk.records.size]).toEqual([false, 0]);
});
