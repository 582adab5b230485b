import { createManualClock } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { recordDueAt, recordExpiresAt } from '../../src/context/record/record.ts';
import { recordOf, timerAt } from './support.ts';

const clock = createManualClock();
const now = clock.now();
const NEVER = Number.POSITIVE_INFINITY;

describe('a record becomes due', () => {
  const cases: [string, Parameters<typeof recordOf>[2], expires: number, due: number][] = [
    ['at the age of the store', {}, now + 60_000, now + 60_000],
    ['at the age that it sets', { expiry: { seconds: 5 } }, now + 5000, now + 5000],
    ['at a fixed moment', { expiry: { at: 7 } }, 7, 7],
    ['by its last save', { savedAt: 1000 }, 61_000, 61_000],
    ['at its first timer', { timers: [timerAt(9), timerAt(8)] }, NEVER, 8],
    ['at its timer, not its age', { timers: [timerAt(8)], expiry: { seconds: 5 } }, NEVER, 8],
    ['at its timer before a moment', { timers: [timerAt(6)], expiry: { at: 7 } }, 7, 6],
    ['at its moment before a timer', { timers: [timerAt(8)], expiry: { at: 7 } }, 7, 7],
  ];
  it.each(cases)('%s', (_what, parts, expires, due) => {
    const record = recordOf('a', clock, parts);
    expect([recordExpiresAt(record, 60), recordDueAt(record, 60)]).toEqual([expires, due]);
  });
});
