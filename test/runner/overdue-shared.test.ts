import { expect, it } from 'vitest';
import { type Message, setupDialogue } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock, faulty } from 'colloquy/testing';
import { createWorld, texts } from './world.ts';

const words = setupDialogue({ types: {} as { context: object } });
/** Rings ten seconds after it was set. */
const bell = words.createDialogue({
  id: 'bell',
  context: {},
  initial: 'quiet',
  states: {
    quiet: { on: { 'message.text': { target: 'set', actions: words.reply('set') } } },
    set: { after: { 10_000: { target: 'rung', actions: words.reply('ring') } } },
    rung: { on: { 'message.image': { actions: words.reply('a picture') } } },
  },
});
/** Answers texts that come within twelve seconds as one. */
const gatherer = words.createDialogue({
  id: 'gatherer',
  context: {},
  initial: 'on',
  states: {
    on: {
      meta: { gather: { quietMs: 12_000, maxMs: 12_000 } },
      on: {
        'message.text': { actions: words.reply('heard') },
        'message.image': { actions: words.reply('a picture') },
      },
    },
  },
});

const picture: Message = { type: 'message.image', mediaId: 'p' };

it.each([
  ['an overdue timer', bell, 'ring', 11_000],
  ['a burst that is over', gatherer, 'heard', 13_000],
])(
  'what another process says for %s is not in the answer to a message, if this one was suspended',
  async (_what, dialogue, said, dueMs) => {
    const [disk, clock, suspendedClock] = [createDisk(), createManualClock(), createManualClock()];
    const lease = { ttlMs: 5000, patrolMs: 1000 };
    const persister = () => memory(disk, { shared: true, clock });
    const former = createWorld(dialogue, {
      clock,
      storeOptions: { persister: persister(), lease },
    });
    // The dialogue begins with the first text; a second one is the first part of a burst.
    void former.runner.handle('u', 'go', { id: '1' });
    void former.runner.handle('u', 'on', { id: '2' });
    await clock.advance(0);
    await former.runner.stop();
    await former.store.close();
    await clock.advance(dueMs);
    await suspendedClock.advance(dueMs);

    // Its clock stands still, and what it has just written arrives when its lease is over.
    const suspended = faulty(persister(), {
      clock: suspendedClock,
      choose: ({ method }) => (method === 'lease.save' ? { beforeMs: 1 } : undefined),
    });
    const one = createWorld(dialogue, {
      clock: suspendedClock,
      due: 'elsewhere',
      storeOptions: { persister: suspended, lease },
    });
    const answering = one.runner.handle('u', picture, { id: '3' });
    await suspendedClock.advance(0);
    const other = createWorld(dialogue, { clock, storeOptions: { persister: persister(), lease } });
    let endDelivery = (): void => {};
    const delivery = new Promise<void>((resolve) => {
      endDelivery = resolve;
    });
    other.runner.on('reply', () => delivery);
    await other.runner.start();
    await clock.advance(10_000);
    expect(other.said).toEqual([`u: ${said}`]);

    await suspendedClock.advance(3000);
    expect(texts((await answering).replies)).toEqual(['a picture']);
    endDelivery();
    await clock.advance(60_000);
    await suspendedClock.advance(60_000);
    expect([...one.said, ...other.said]).toEqual([`u: ${said}`]);
  },
);
