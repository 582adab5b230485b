import { expect, it } from 'vitest';
import { setupDialogue } from 'colloquy';
import { memory } from 'colloquy/persist/memory';
import { createManualClock, faulty } from 'colloquy/testing';
import { createWorld } from './world.ts';

const words = setupDialogue({ types: {} as { context: object } });
const echo = words.createDialogue({
  id: 'echo',
  context: {},
  initial: 'on',
  states: { on: { on: { 'message.text': { actions: words.reply(({ event }) => event.text) } } } },
});

/** With the numbers of ids, which are outside of the heap. */
function heapUsed(): number {
  globalThis.gc?.();
  const { heapUsed: heap, arrayBuffers } = process.memoryUsage();
  return heap + arrayBuffers;
}

/** The bytes of a user after messages with ids, each echoed. The text of each message is one of its own. */
async function bytesOfUser(
  messages: number,
  textOf: (n: number) => string,
  users = 200,
): Promise<number> {
  const { runner } = createWorld(echo);
  await runner.handle('first', textOf(0), { id: 'first' });
  const before = heapUsed();
  for (let user = 0; user < users; user += 1) {
    for (let n = 0; n < messages; n += 1) {
      await runner.handle(`u${user}`, textOf(user * messages + n), { id: `m${n}` });
    }
  }
  const bytes = (heapUsed() - before) / users;
  expect(await runner.inspect('u0')).toBeDefined();
  return bytes;
}

const letters = (length: number) => (n: number) => String(n).padStart(length, 'x');
const characters = (length: number) => (n: number) => String(n).padStart(length, '字');

it.each([
  ['60 000 letters', letters(60_000), 8 * 1024],
  ['10 000 letters', letters(10_000), 48 * 1024],
  ['1000 letters', letters(1000), 24 * 1024],
  ['60 000 Chinese characters', characters(60_000), 8 * 1024],
  ['5000 Chinese characters', characters(5000), 72 * 1024],
])('an echo of %s, sixteen times, leaves a bounded memory of a user', async (_, textOf, most) => {
  expect(globalThis.gc).toBeTypeOf('function');
  expect(await bytesOfUser(16, textOf)).toBeLessThan(most);
});

it('an id that is remembered behind sixteen newer ones takes few bytes', async () => {
  // What an earlier test has left is collected while these messages are taken.
  await bytesOfUser(16, letters(10), 1000);
  const few = await bytesOfUser(16, letters(10), 1000);
  const many = await bytesOfUser(216, letters(10), 1000);
  expect(few).toBeLessThan(2800);
  expect((many - few) / 216).toBeLessThan(16);
});

it('the ids of replies that were taken and cannot be removed from the record take few bytes', async () => {
  const clock = createManualClock();
  const state = { canSave: true, isTaken: false };
  const persister = faulty(memory(), {
    clock,
    choose: ({ method }) =>
      method === 'save' && !state.canSave ? { outcome: 'refused' } : undefined,
  });
  const { runner, errors } = createWorld(echo, { clock, storeOptions: { persister } });
  runner.on('reply', () => {
    if (!state.isTaken) throw new Error('503');
  });
  for (let n = 0; n < 200; n += 1) await runner.say('u', `${n}`);
  Object.assign(state, { canSave: false, isTaken: true });
  await clock.advance({ minutes: 6 });
  errors.length = 0;
  const before = heapUsed();
  // It is tried again each second.
  await clock.advance({ minutes: 20 });
  expect(errors.length).toBeGreaterThan(1000);
  errors.length = 0;
  expect(heapUsed() - before).toBeLessThan(1024 * 1024);
});

it.each([
  ['60 000 letters, which are not kept', letters(60_000), 400, 400],
  ['30 000 letters, of which one is kept', letters(30_000), 160, 180],
])(
  '400 users with sixteen answers of %s, stay within ten MiB of `maxWeight`',
  async (_what, textOf, least, most) => {
    const maxWeight = 10 * 1024 * 1024;
    const { runner, store } = createWorld(echo, { storeOptions: { maxWeight } });
    await runner.handle('first', textOf(0), { id: 'first' });
    const before = heapUsed();
    for (let n = 0; n < 400 * 16; n += 1) {
      await runner.handle(`u${n % 400}`, textOf(n), { id: `m${n}` });
    }
    expect(heapUsed() - before).toBeLessThan(maxWeight * 1.2);
    expect(store.size).toBeGreaterThanOrEqual(least);
    expect(store.size).toBeLessThanOrEqual(most + 1);
  },
);
