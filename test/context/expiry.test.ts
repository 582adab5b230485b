import { type ExpirySetting, UsageError } from 'colloquy';
import { describe, expect, it } from 'vitest';
import { expiresAt, toExpiry } from '../../src/context/record/expiry.ts';
import { createBench, hear, put } from './support.ts';

const NOW = Date.UTC(2026, 0, 1);
const later = (seconds: number): Date => new Date(NOW + seconds * 1000);

describe('setExpiry', () => {
  const cases: [what: string, setting: ExpirySetting, age: number, date: Date][] = [
    ['a number of seconds', 10, 10, later(10)],
    ['a fraction of a second', 1.5, 1, later(1.5)],
    ['a negative number', -5, -5, later(-5)],
    ['a date', later(60), 60, later(60)],
    ['a past date', later(-60), -60, later(-60)],
    ['a duration', { seconds: 10 }, 10, later(10)],
    ['a duration in parts', { minutes: 1, seconds: 30 }, 90, later(90)],
    ['zero', 0, 7200, later(7200)],
    ['null', null, 7200, later(7200)],
  ];
  it.each(cases)('takes %s', async (_what, setting, age, date) => {
    const { store } = createBench();
    const context = await store.open('ann');
    context.setExpiry(999);
    context.setExpiry(setting);
    expect([context.getExpiryAge(), context.getExpiryDate()]).toEqual([age, date]);
  });

  const wrong: [what: string, setting: unknown][] = [
    ['NaN', Number.NaN],
    ['an infinite number', Number.POSITIVE_INFINITY],
    ['an invalid date', new Date(Number.NaN)],
    ['a string', '10'],
    ['undefined', undefined],
    ['a duration of nothing', {}],
    ['an unknown unit', { fortnights: 1 }],
    ['a duration in strings', { seconds: '1' }],
    ['a list', [10]],
  ];
  it.each(wrong)('refuses %s', async (_what, setting) => {
    const { store } = createBench();
    const context = await store.open('ann');
    const act = (): void => context.setExpiry(setting as ExpirySetting);
    expect(act).toThrow(UsageError);
    expect(act).toThrow(expect.objectContaining({ code: 'bad_expiry' }));
  });

  it('counts seconds from each save, and keeps a fixed moment', async () => {
    const { store, clock } = createBench();
    const sliding = await store.open('sliding');
    sliding.setExpiry(10);
    await sliding.save();
    const fixed = await store.open('fixed');
    fixed.setExpiry({ seconds: 10 });
    await fixed.save();
    await clock.advance({ seconds: 6 });
    for (const openid of ['sliding', 'fixed']) await store.update(openid, () => undefined);
    await clock.advance({ seconds: 6 });
    expect([await store.exists('sliding'), await store.exists('fixed')]).toEqual([true, false]);
    await clock.advance({ seconds: 4 });
    expect(await store.exists('sliding')).toBe(false);
  });

  it('stays with the record of this user until it is reset', async () => {
    const { store, clock } = createBench();
    const ann = await store.open('ann');
    ann.setExpiry(100_000);
    await ann.save();
    await put(store, 'bob');
    await clock.advance({ seconds: 7200 });
    expect([await store.exists('ann'), await store.exists('bob')]).toEqual([true, false]);
    await store.update('ann', (context) => context.setExpiry(null));
    await clock.advance({ seconds: 7200 });
    expect(await store.exists('ann')).toBe(false);
  });

  it('with a past moment expires the record at its save, with an event', async () => {
    const { store, clock } = createBench();
    const expired = hear(store, 'expire');
    const context = await store.open('ann');
    context.set('a', 1).setExpiry(-1);
    await context.save();
    expect(await store.exists('ann')).toBe(false);
    await clock.advance(1000);
    expect(expired).toEqual([{ openid: 'ann', data: { a: 1 } }]);
  });
});

describe('getExpiryAge and getExpiryDate', () => {
  const modification = later(-100);
  const cases: [string, Parameters<typeof expiryOf>[0], age: number, date: Date][] = [
    ['by default', {}, 30, later(30)],
    ['from a modification', { modification }, 30, later(-70)],
    ['by a number', { expiry: 7 }, 7, later(7)],
    ['by a date', { expiry: later(7) }, 7, later(7)],
    ['by a duration', { expiry: { minutes: 1 } }, 60, later(60)],
    ['by null', { expiry: null }, 7200, later(7200)],
    ['by zero', { expiry: 0 }, 7200, later(7200)],
    ['by both, sliding', { modification, expiry: 7 }, 7, later(-93)],
    ['by both, fixed', { modification, expiry: later(7) }, 107, later(7)],
  ];
  it.each(cases)('%s', async (_what, basis, age, date) => {
    expect(await expiryOf(basis)).toEqual([age, date]);
  });

  async function expiryOf(
    basis: Parameters<Awaited<ReturnType<typeof opened>>['getExpiryAge']>[0],
  ): Promise<[number, Date]> {
    const context = await opened();
    context.setExpiry(30);
    return [context.getExpiryAge(basis), context.getExpiryDate(basis)];
  }

  async function opened(): ReturnType<ReturnType<typeof createBench>['store']['open']> {
    return createBench().store.open('ann');
  }

  it('use the age of the store by default', async () => {
    const { store } = createBench({ age: 60 });
    expect((await store.open('ann')).getExpiryAge()).toBe(60);
    expect((await createBench().store.open('ann')).getExpiryAge()).toBe(7200);
  });
});

describe('an expiry as data', () => {
  it('is undefined for the default, seconds or a moment otherwise', () => {
    expect([toExpiry(0, NOW), toExpiry(null, NOW)]).toEqual([undefined, undefined]);
    expect(toExpiry(5, NOW)).toEqual({ seconds: 5 });
    expect(toExpiry({ seconds: 5 }, NOW)).toEqual({ at: NOW + 5000 });
  });

  it('returns the moment', () => {
    expect(expiresAt(undefined, NOW, 7200)).toBe(NOW + 7_200_000);
    expect(expiresAt({ seconds: 5 }, NOW, 7200)).toBe(NOW + 5000);
    expect(expiresAt({ at: 7 }, NOW, 7200)).toBe(7);
  });
});
