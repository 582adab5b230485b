import { createContextStore, createRunner, jsonCodec, sealed, setupDialogue } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import { expect, it, onTestFinished } from 'vitest';
import { texts } from './world.ts';

const DAY = 86_400_000;
const { createDialogue, forget, reply } = setupDialogue({ types: {} as { context: object } });

/** It forgets who sends a link, and reminds the others after a minute. */
const dialogue = createDialogue({
  id: 'd',
  context: {},
  initial: 'open',
  states: {
    open: {
      on: {
        'message.text': { target: 'open', reenter: true, actions: reply('The secret.') },
        'message.link': { actions: [forget(), reply('Forgotten.')] },
      },
      after: { 60_000: { actions: reply('Now.') } },
    },
  },
});

const link = { type: 'message.link', url: 'https://example.com', title: 't' } as never;

it('forget() keeps the ids of messages for the window of redelivery, and of the replies only its own', async () => {
  const disk = createDisk();
  const clock = createManualClock();
  const store = createContextStore({ clock, persister: memory(disk), age: 7 * 86_400 });
  onTestFinished(() => store.close());
  const runner = createRunner(dialogue, { store, due: 'elsewhere' });
  // As a webhook of Telegram, Slack or JSON does.
  runner.expectRedelivery(DAY);
  await runner.handle('ann', 'hi', { id: 'm1' });
  await runner.handle('ann', link, { id: 'm2' });
  const body = disk.records.get('ann')?.body ?? '';
  expect([body.includes('secret'), body.includes('Forgotten.')]).toEqual([false, true]);
  await clock.advance(DAY - 1);
  expect(await runner.handle('ann', 'hi', { id: 'm1' })).toMatchObject({
    outcome: 'duplicate',
    replies: [],
  });
  const again = await runner.handle('ann', link, { id: 'm2' });
  expect([again.outcome, texts(again.replies)]).toEqual(['duplicate', ['Forgotten.']]);
  await clock.advance(1);
  expect(disk.records.size).toBe(0);
});

it.each([
  ['earlier', -50_000, 60_000],
  ['later', 50_000, 110_000],
])(
  'a sealed record whose `wakeAt` was changed to %s fires no timer before its time',
  async (_way, changeMs, firesMs) => {
    const disk = createDisk();
    const start = createManualClock().now();
    const open = (now: number) => {
      const clock = createManualClock({ now });
      const codec = sealed(jsonCodec, {
        keys: [{ id: 'k', secret: Buffer.alloc(32, 1).toString('base64') }],
        mode: 'sign',
      });
      const store = createContextStore({ clock, persister: memory(disk), codec, age: 86_400 });
      onTestFinished(() => store.close());
      const runner = createRunner(dialogue, { store, due: 'elsewhere' });
      const firedAt: number[] = [];
      runner.on('reply', () => void firedAt.push(clock.now() - start));
      return { clock, runner, firedAt };
    };
    await open(start).runner.handle('ann', 'hi');
    const [record] = disk.records.values();
    if (record === undefined) throw new Error('There is no record.');
    disk.records.set('ann', { ...record, wakeAt: record.wakeAt + changeMs });
    const { clock, runner, firedAt } = open(start);
    await runner.start();
    await clock.advance({ minutes: 5 });
    expect(firedAt).toEqual([firesMs]);
  },
);
