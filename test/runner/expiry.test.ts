import { type AnyStateMachine, assign, emit, setup } from 'xstate';
import { describe, expect, it } from 'vitest';
import type { WordEvent } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { type World, createWorld } from './world.ts';

const MINUTE = 60_000;

/** Does what an action names: `5` expires in so many minutes, `default` by the store's age, anything else nothing. */
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
  it('ends the conversation at that moment, whatever is said until then', async () => {
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

  it('may be said anew, and null goes back to the age of the store', async () => {
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
