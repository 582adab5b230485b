import { setupDialogue } from 'colloquy';
import { converse, createManualClock } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { atRest } from '../../src/internal/async.ts';

describe('a manual clock', () => {
  it('stays at the time that it was given', async () => {
    expect(createManualClock().now()).toBe(Date.UTC(2026, 0, 1));
    const clock = createManualClock({ now: 5 });
    await atRest();
    expect(clock.now()).toBe(5);
  });

  it('starts at a number only, also under a conversation', () => {
    const wrong = [new Date(), '2026-01-01', Number.NaN, Number.POSITIVE_INFINITY, null];
    for (const now of wrong as number[]) {
      const refusal = expect.objectContaining({ code: 'bad_option' });
      expect(() => createManualClock({ now })).toThrow(refusal);
      expect(() =>
        converse(setupDialogue({ types: {} }).createDialogue({ id: 'a' }), { now }),
      ).toThrow(refusal);
    }
  });

  it('moves by milliseconds and durations', async () => {
    const clock = createManualClock({ now: 0 });
    await clock.advance(5);
    await clock.advance({ hours: 2 });
    expect(clock.now()).toBe(7_200_005);
  });

  it('refuses to go back, and what is no duration', async () => {
    const clock = createManualClock();
    for (const wrong of [-1, Number.NaN, {}]) {
      await expect(clock.advance(wrong)).rejects.toMatchObject({ code: 'bad_duration' });
    }
  });

  it('calls each wake-up once, at its moment, in order, those of one moment as they were set', async () => {
    const clock = createManualClock({ now: 0 });
    const woken: [string, number][] = [];
    for (const [name, at] of Object.entries({
      late: 30,
      first: 10,
      second: 10,
      mid: 20,
      far: 99,
    })) {
      clock.wake(at, () => woken.push([name, clock.now()]));
    }
    await clock.advance(50);
    expect(woken).toEqual([
      ['first', 10],
      ['second', 10],
      ['mid', 20],
      ['late', 30],
    ]);
    await clock.advance(49);
    expect(woken.at(-1)).toEqual(['far', 99]);
    expect(woken).toHaveLength(5);
  });

  it('calls what is set on the way, and waits for all other work before time passes again', async () => {
    const clock = createManualClock({ now: 0 });
    const woken: number[] = [];
    clock.wake(10, () => {
      void atRestOfPromises().then(() => {
        clock.wake(clock.now() + 5, () => woken.push(clock.now()));
      });
    });
    await clock.advance(20);
    expect([woken, clock.now()]).toEqual([[15], 20]);

    async function atRestOfPromises(): Promise<void> {
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    }
  });

  it('calls what is due already without being moved, but not from within the call', async () => {
    const clock = createManualClock({ now: 10 });
    let woken = 0;
    clock.wake(10, () => (woken += 1));
    clock.wake(3, () => (woken += 1));
    expect(woken).toBe(0);
    await Promise.resolve();
    expect(woken).toBe(2);
    await clock.advance(10);
    expect(woken).toBe(2);
  });

  it('forgets what is cancelled, due or not', async () => {
    const clock = createManualClock({ now: 10 });
    let woken = 0;
    for (const at of [10, 15]) {
      const cancel = clock.wake(at, () => (woken += 1));
      cancel();
      cancel();
    }
    const cancelSecond = clock.wake(20, () => (woken += 1));
    clock.wake(19, cancelSecond);
    await clock.advance(20);
    expect(woken).toBe(0);
  });

  it('never goes back, also where two advances overlap', async () => {
    const clock = createManualClock({ now: 0 });
    await Promise.all([clock.advance(20), clock.advance(10)]);
    expect(clock.now()).toBe(20);
  });
});
