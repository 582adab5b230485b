import { PersistError, setupDialogue } from 'colloquy';
import { memory } from 'colloquy/persist/memory';
import { type Fault, type PersisterCall, createManualClock, faulty } from 'colloquy/testing';
import { fromPromise } from 'xstate';
import { describe, expect, it } from 'vitest';
import { createWorld, texts } from './world.ts';

const words = setupDialogue({});
const echo = words.createDialogue({
  id: 'echo',
  context: {},
  on: { 'message.text': { actions: words.reply(({ event }) => `You said ${event.text}.`) } },
});

describe('a turn that fails after its callers have left', () => {
  it('does not count its message: a redelivery is taken, and answered', async () => {
    const disk = memory();
    let isSlow = true;
    const persister = {
      ...disk,
      load: (openid: string) =>
        isSlow
          ? new Promise<never>((_resolve, reject) => {
              world.clock.wake(world.clock.now() + 2000, () => {
                isSlow = false;
                reject(new PersistError('unavailable', 'It is slow today.', { retryable: true }));
              });
            })
          : disk.load(openid),
    };
    const world = createWorld(echo, { storeOptions: { persister }, onError: () => 'Sorry.' });
    const { runner, clock, said } = world;
    const first = runner.handle('ann', 'hi', { id: '1', deadlineMs: 1000 });
    await clock.advance({ seconds: 1 });
    expect((await first).outcome).toBe('pending');
    await clock.advance({ seconds: 2 });
    expect(said).toEqual(['ann: Sorry.']);
    const { outcome, replies } = await runner.handle('ann', 'hi', { id: '1' });
    expect([outcome, texts(replies)]).toEqual(['replied', ['You said hi.']]);
  });
});

const desk = setupDialogue({
  types: {} as { context: object },
  actors: { look: fromPromise(async () => 'It is on its way.') },
});
const tracking = desk.createDialogue({
  id: 'tracking',
  context: {},
  initial: 'idle',
  states: {
    idle: { on: { 'message.text': { target: 'looking', actions: desk.reply('Let me see.') } } },
    looking: {
      invoke: {
        src: 'look',
        onDone: { target: 'idle', actions: desk.reply(({ event }) => event.output) },
      },
      on: { 'message.text': { actions: desk.reply('One moment.') } },
    },
  },
});

const LARGE = 'x'.repeat(40_000);
const telling = tracking.provide({ actors: { look: fromPromise(async () => LARGE) } });

/** A world whose persister fails at the calls that `faults` lists. */
function troubled(
  faults: readonly [method: PersisterCall['method'], nth: number, Fault][],
  dialogue = tracking,
) {
  const counts = new Map<string, number>();
  const clock = createManualClock();
  const persister = faulty(memory(), {
    clock,
    choose: ({ method }) => {
      const count = (counts.get(method) ?? 0) + 1;
      counts.set(method, count);
      return faults.find(([which, nth]) => which === method && nth === count)?.[2];
    },
  });
  return createWorld(dialogue, { clock, storeOptions: { persister } });
}

describe('a reply after a service, whose write has no clear end', () => {
  it('is in the answer if it was written all the same', async () => {
    const { runner, said } = troubled([['save', 2, { outcome: 'lost' }]]);
    const { outcome, replies } = await runner.handle('ann', 'hi', { id: '1' });
    expect([outcome, texts(replies), said]).toEqual([
      'replied',
      ['Let me see.', 'It is on its way.'],
      [],
    ]);
    const again = await runner.handle('ann', 'hi', { id: '1' });
    expect([again.outcome, texts(again.replies)]).toEqual(['duplicate', texts(replies)]);
  });

  it('follows, once, when the record can be read again', async () => {
    const { runner, clock, said } = troubled([
      ['save', 2, { outcome: 'lost' }],
      ['load', 2, { outcome: 'refused' }],
      ['load', 3, { outcome: 'refused' }],
    ]);
    const first = runner.handle('ann', 'hi', { id: '1' });
    await clock.advance({ seconds: 5 });
    expect((await first).outcome).toBe('replied');
    expect(texts((await first).replies)).toEqual(['Let me see.', 'It is on its way.']);
    const again = await runner.handle('ann', 'hi', { id: '1' });
    expect([again.outcome, texts(again.replies)]).toEqual([
      'duplicate',
      ['Let me see.', 'It is on its way.'],
    ]);
    await clock.advance({ minutes: 20 });
    expect(said).toEqual([]);
  });

  it('follows, once, behind more messages than a record keeps the replies to', async () => {
    const disk = memory();
    let isDown = false;
    const persister = faulty(disk, {
      clock: createManualClock(),
      choose: ({ method, openid }) => {
        if (!isDown || openid !== 'ann') return undefined;
        if (method === 'save') return { outcome: 'lost' };
        return method === 'load' ? { outcome: 'refused' } : undefined;
      },
    });
    const { runner, store, clock, said } = createWorld(tracking, { storeOptions: { persister } });
    const other = createWorld(tracking, { clock, storeOptions: { persister: disk } });
    const off = store.on('save', () => {
      isDown = true;
      off();
    });
    const first = runner.handle('ann', 'hi', { id: '1', deadlineMs: 4000 });
    await clock.advance({ seconds: 4 });
    expect((await first).outcome).toBe('pending');
    for (let n = 0; n < 40; n += 1) await other.runner.handle('ann', 'hm', { id: `more ${n}` });
    isDown = false;
    await clock.advance({ minutes: 2 });
    expect(said).toEqual(['ann: Let me see.', 'ann: It is on its way.']);
    const again = await runner.handle('ann', 'hi', { id: '1' });
    expect([again.outcome, again.replies]).toEqual(['duplicate', []]);
  });

  it('follows when the service has run again, if it was not written', async () => {
    const { runner, clock, said } = troubled([['save', 2, { outcome: 'refused' }]]);
    const { outcome, replies } = await runner.handle('ann', 'hi', { id: '1' });
    expect([outcome, texts(replies)]).toEqual(['pending', ['Let me see.']]);
    await clock.advance({ minutes: 1 });
    expect(said).toEqual(['ann: It is on its way.']);
  });

  it.each<[string, string | undefined]>([
    ['over `seen.replyBytes`', '1'],
    ['to a message without an id', undefined],
  ])('is not lost where the record does not keep it: %s', async (_what, id) => {
    const { runner, clock, said } = troubled([['save', 2, { outcome: 'lost' }]], telling);
    const { replies } = await runner.handle('ann', 'hi', { id });
    await clock.advance({ minutes: 20 });
    expect([...texts(replies), ...said].filter((text) => text.includes(LARGE))).toHaveLength(1);
  });
});
