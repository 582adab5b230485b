import { type Turn, createRunner, setupDialogue } from 'colloquy';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { fromPromise } from 'xstate';
import { deferred, texts } from './world.ts';

/** A runner whose service ends when the test says so. */
function start() {
  const gate = deferred();
  const { createDialogue, reply } = setupDialogue({
    types: {} as { context: object },
    actors: { work: fromPromise(() => gate.promise) },
  });
  const working = createDialogue({
    id: 'working',
    context: {},
    initial: 'open',
    states: {
      open: { on: { 'message.text': 'working' } },
      working: { invoke: { src: 'work', onDone: 'done' } },
      done: { entry: reply('Done.') },
    },
  });
  const clock = createManualClock();
  let wakes = 0;
  const counted = {
    ...clock,
    wake: (...args: Parameters<typeof clock.wake>) => {
      const cancel = clock.wake(...args);
      wakes += 1;
      return () => {
        wakes -= 1;
        cancel();
      };
    },
  };
  const runner = createRunner(working, { clock: counted, deadlineMs: 60_000 });
  return { clock, runner, gate, wakes: () => wakes };
}

const outcomesOf = (turns: readonly Turn[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { outcome } of turns) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
};

describe('redeliveries of a message whose turn is running', () => {
  it('wait for its answer, a maximum of 64 callers with the first; the others are shed at once', async () => {
    const { runner, gate, clock, wakes } = start();
    const first = runner.handle('ann', 'hi', { id: 'm' });
    await clock.advance(1);
    const before = wakes();
    const shed: Turn[] = [];
    const joined: Promise<Turn>[] = [];
    for (let count = 0; count < 200_000; count += 1) {
      const turn = runner.handle('ann', 'hi', { id: 'm' });
      if (count < 63) joined.push(turn);
      else shed.push(await turn);
    }
    expect(outcomesOf(shed)).toEqual({ shed: 199_937 });
    expect(wakes() - before).toBe(63);
    gate.resolve();
    expect(texts((await first).replies)).toEqual(['Done.']);
    const turns = await Promise.all(joined);
    expect(outcomesOf(turns)).toEqual({ duplicate: 63 });
    expect(turns.every(({ replies }) => texts(replies).join() === 'Done.')).toBe(true);
    // When the turn has ended, the record answers.
    expect(await runner.handle('ann', 'hi', { id: 'm' })).toMatchObject({ outcome: 'duplicate' });
  });

  it('are to come again if they leave before the caller who gets the answer', async () => {
    const { runner, gate, clock } = start();
    const first = runner.handle('ann', 'hi', { id: 'm' });
    await clock.advance(1);
    const joined = runner.handle('ann', 'hi', { id: 'm', deadlineMs: 1000 });
    await clock.advance({ seconds: 1 });
    // Acknowledged, it would be lost with the process before the other caller has it.
    expect(await joined).toMatchObject({ outcome: 'pending', uncommitted: true });
    gate.resolve();
    expect(texts((await first).replies)).toEqual(['Done.']);
    const again = await runner.handle('ann', 'hi', { id: 'm' });
    expect([again.outcome, texts(again.replies)]).toEqual(['duplicate', ['Done.']]);
  });

  it('are answered by the outbox if they leave last', async () => {
    const { runner, gate, clock } = start();
    const said: string[] = [];
    runner.on('reply', ({ reply }) => void said.push(...texts([reply])));
    const first = runner.handle('ann', 'hi', { id: 'm', deadlineMs: 500 });
    await clock.advance(1);
    const joined = runner.handle('ann', 'hi', { id: 'm', deadlineMs: 1000 });
    await clock.advance({ seconds: 1 });
    expect(await Promise.all([first, joined])).toMatchObject([
      { outcome: 'pending' },
      { outcome: 'pending' },
    ]);
    expect([(await first).uncommitted, (await joined).uncommitted]).toEqual([undefined, undefined]);
    gate.resolve();
    await runner.idle('ann');
    expect(said).toEqual(['Done.']);
  });

  it('join in the places of callers who have left', async () => {
    const { runner, clock, gate } = start();
    const first = runner.handle('ann', 'hi', { id: 'm' });
    await clock.advance(1);
    for (let round = 0; round < 5; round += 1) {
      const turns = Array.from({ length: 64 }, () =>
        runner.handle('ann', 'hi', { id: 'm', deadlineMs: 1000 }),
      );
      await clock.advance({ seconds: 1 });
      expect(outcomesOf(await Promise.all(turns))).toEqual({ pending: 63, shed: 1 });
    }
    gate.resolve();
    expect(texts((await first).replies)).toEqual(['Done.']);
  });

  it('do not take the places of another message', async () => {
    const { runner, clock, gate } = start();
    for (let count = 0; count < 65; count += 1) void runner.handle('ann', 'hi', { id: 'm' });
    const bob = runner.handle('bob', 'hi', { id: 'm' });
    await clock.advance(1);
    gate.resolve();
    expect(texts((await bob).replies)).toEqual(['Done.']);
  });
});
