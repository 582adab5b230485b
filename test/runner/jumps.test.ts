import { createContextStore, createRunner, setupDialogue } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { texts } from './world.ts';

const HOUR = 3_600_000;
const { createDialogue, reply } = setupDialogue({ types: {} as { context: object } });

/** It says something after a minute. */
const reminder = createDialogue({
  id: 'reminder',
  context: {},
  initial: 'open',
  states: {
    open: { on: { 'message.text': { target: 'waiting', actions: reply('Later.') } } },
    waiting: { after: { 60_000: { target: 'open', actions: reply('Now.') } } },
  },
});

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe.each([
  ['in memory', () => ({})],
  ['over a persister', () => ({ persister: memory() })],
  [
    'over a persister that is shared',
    () => ({ persister: memory(createDisk(), { shared: true }) }),
  ],
])('while the clock on the wall is set, %s', (_where, options) => {
  async function open() {
    const store = createContextStore({ ...options(), age: 86_400 });
    const runner = createRunner(reminder, { store });
    const said: string[] = [];
    runner.on('reply', ({ reply: each }) => void said.push(...texts([each])));
    await runner.start();
    await runner.handle('ann', 'hi');
    return { said, close: () => store.close() };
  }

  it('a timer that is past after a jump of an hour fires within seconds', async () => {
    const { said, close } = await open();
    const start = Date.now();
    await vi.advanceTimersByTimeAsync(1000);
    expect(said).toEqual([]);
    vi.setSystemTime(start + 1000 + HOUR);
    await vi.advanceTimersByTimeAsync(5000);
    expect(said).toEqual(['Now.']);
    await close();
  });

  it('a timer waits for its moment where the clock goes back, and fires once', async () => {
    const { said, close } = await open();
    const start = Date.now();
    await vi.advanceTimersByTimeAsync(30_000);
    vi.setSystemTime(start);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(said).toEqual([]);
    await vi.advanceTimersByTimeAsync(2000);
    expect(said).toEqual(['Now.']);
    await vi.advanceTimersByTimeAsync(2 * HOUR);
    expect(said).toEqual(['Now.']);
    await close();
  });
});
