import { createManualClock } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/clock.ts';
import { type Deadline, Deadlines } from '../../src/context/storage/deadlines.ts';

/**
 * Deadlines by a manual clock, with the time at which each passed, and the number of wake-ups that were and are armed.
 */
function createDeadlines(): {
  readonly clock: ReturnType<typeof createManualClock>;
  readonly deadlines: Deadlines;
  readonly passed: [name: string, at: number][];
  readonly armed: { ever: number; now: number };
  add(name: string, at: number, onPass?: () => void): Deadline;
} {
  const clock = createManualClock({ now: 1000 });
  const armed = { ever: 0, now: 0 };
  const counting: Clock = {
    now: () => clock.now(),
    wake(at, callback, options) {
      expect(options).toEqual({ holdsProcess: true });
      armed.ever += 1;
      armed.now += 1;
      const cancel = clock.wake(at, callback);
      return () => {
        armed.now -= 1;
        cancel();
      };
    },
  };
  const deadlines = new Deadlines(counting, { holdsProcess: true });
  const passed: [string, number][] = [];
  return {
    clock,
    deadlines,
    passed,
    armed,
    add(name, at, onPass) {
      const deadline = {
        at,
        onPass: () => {
          passed.push([name, clock.now()]);
          onPass?.();
        },
      };
      deadlines.add(deadline);
      return deadline;
    },
  };
}

describe('deadlines', () => {
  it('pass each at its moment, in any order of setting', async () => {
    const { clock, add, passed, deadlines, armed } = createDeadlines();
    add('b', 1020);
    add('c', 1030);
    add('a', 1010);
    add('late', 900);
    await clock.advance(25);
    expect(passed).toEqual([
      ['late', 1000],
      ['a', 1010],
      ['b', 1020],
    ]);
    expect(deadlines.size).toBe(1);
    await clock.advance(25);
    expect([passed.at(-1), deadlines.size, armed.now]).toEqual([['c', 1030], 0, 0]);
  });

  it('that were cancelled do not pass, and hold nothing', async () => {
    const { clock, add, passed, deadlines, armed } = createDeadlines();
    const [one, two] = [add('one', 1010), add('two', 1020)];
    expect(deadlines.delete(one)).toBe(true);
    expect(armed.now).toBe(1);
    expect([deadlines.delete(two), deadlines.delete(two), armed.now]).toEqual([true, false, 0]);
    await clock.advance(100);
    expect(passed).toEqual([]);
  });

  it('share one wake-up', () => {
    const { add, armed, deadlines } = createDeadlines();
    const many = Array.from({ length: 100 }, (_, index) => add(`${index}`, 1010 + index));
    for (const each of many) deadlines.delete(each);
    expect(armed).toEqual({ ever: 1, now: 0 });
  });

  it('may be cancelled, and set, by one that passes', async () => {
    const { clock, add, passed, deadlines } = createDeadlines();
    add('first', 1010, () => {
      deadlines.delete(second);
      add('third', 1015);
    });
    const second = add('second', 1010);
    await clock.advance(10);
    await clock.advance(10);
    expect(passed).toEqual([
      ['first', 1010],
      ['third', 1015],
    ]);
  });
});
