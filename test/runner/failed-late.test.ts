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

/** A world whose persister fails at the calls that `faults` lists. */
function troubled(faults: readonly [method: PersisterCall['method'], nth: number, Fault][]) {
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
  return createWorld(tracking, { clock, storeOptions: { persister } });
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

  it('follows when the service has run again, if it was not written', async () => {
    const { runner, clock, said } = troubled([['save', 2, { outcome: 'refused' }]]);
    const { outcome, replies } = await runner.handle('ann', 'hi', { id: '1' });
    expect([outcome, texts(replies)]).toEqual(['pending', ['Let me see.']]);
    await clock.advance({ minutes: 1 });
    expect(said).toEqual(['ann: It is on its way.']);
  });
});
