import { expect, it } from 'vitest';
import { setupDialogue } from 'colloquy';
import { createWorld } from './world.ts';

const words = setupDialogue({ types: {} as { context: object } });
const echo = words.createDialogue({
  id: 'echo',
  context: {},
  initial: 'on',
  states: { on: { on: { 'message.text': { actions: words.reply(({ event }) => event.text) } } } },
});

function heapUsed(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
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
  const few = await bytesOfUser(16, letters(10), 1000);
  const many = await bytesOfUser(216, letters(10), 1000);
  expect(few).toBeLessThan(2800);
  expect((many - few) / 216).toBeLessThan(16);
});
