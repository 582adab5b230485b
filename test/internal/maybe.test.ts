import { describe, expect, it } from 'vitest';
import { attempt, chain, isPromise } from '../../src/internal/maybe.ts';

describe('a value now or later', () => {
  it.each<[what: string, value: unknown, is: boolean]>([
    ['a promise', Promise.resolve(), true],
    ['an object', {}, false],
    ['null', null, false],
    ['a function', () => undefined, false],
  ])('is recognised: %s', (_what, value, is) => {
    expect(isPromise(value)).toBe(is);
  });

  it('is gone on with at once where it is there, and after it where it is promised', async () => {
    expect(chain(1, (n) => n + 1)).toBe(2);
    const later = chain(Promise.resolve(1), (n) => n + 1);
    expect(later).toBeInstanceOf(Promise);
    expect(await later).toBe(2);
  });

  it('is recovered from what it threw, now or later', async () => {
    const recover = (error: unknown): string => (error as Error).message;
    expect(attempt(() => 'fine', recover)).toBe('fine');
    expect(
      attempt<string>(() => {
        throw new Error('now');
      }, recover),
    ).toBe('now');
    expect(await attempt<string>(() => Promise.reject(new Error('later')), recover)).toBe('later');
  });

  it('is not recovered from what the recovery throws', () => {
    const act = (): unknown =>
      attempt<unknown>(
        () => {
          throw new Error('first');
        },
        () => {
          throw new Error('second');
        },
      );
    expect(act).toThrow('second');
  });
});
