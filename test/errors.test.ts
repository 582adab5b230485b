import {
  ColloquyError,
  ConflictError,
  DeliveryError,
  MessageError,
  PersistError,
  StepError,
  UsageError,
} from 'colloquy';
import { describe, expect, it, vi } from 'vitest';

const kinds = { ColloquyError, UsageError, MessageError, StepError, PersistError, DeliveryError };

describe('an error', () => {
  it.each(Object.entries(kinds))(
    'of the class %s has its code, its openid, its details and whether to retry',
    (name, Kind) => {
      const cause = new Error('below');
      const options = { retryable: true, openid: 'ann', details: { limit: 1 }, cause };
      const error = new Kind('some_code', 'What to do.', options);
      expect(error).toMatchObject({ ...options, name, code: 'some_code', message: 'What to do.' });
      expect(error).toBeInstanceOf(Error);
      expect(error).toBeInstanceOf(ColloquyError);
      expect(String(error)).toBe(`${name}: What to do.`);
    },
  );

  it('by default is not retryable and has no openid, details or cause', () => {
    const error = new ColloquyError('code', 'text');
    expect(error).toMatchObject({ retryable: false, openid: undefined, details: {} });
    expect('cause' in error).toBe(false);
  });

  it('keeps a cause of any type, even undefined', () => {
    for (const cause of [undefined, null, 'no']) {
      const error = new PersistError('code', 'text', { cause });
      expect(['cause' in error, error.cause]).toEqual([true, cause]);
    }
  });

  it('of a conflict is a retryable PersistError', () => {
    const error = new ConflictError('ann', { attempt: 2 });
    expect(error).toBeInstanceOf(PersistError);
    expect(error).toMatchObject({
      name: 'ConflictError',
      code: 'conflict',
      retryable: true,
      openid: 'ann',
      details: { attempt: 2 },
    });
  });
});

describe('ColloquyError.is', () => {
  it.each<[what: string, error: unknown, code: string | undefined, is: boolean]>([
    ['one of ours', new StepError('a', 'text'), undefined, true],
    ['one of ours by its code', new StepError('a', 'text'), 'a', true],
    ['one of ours by another code', new StepError('a', 'text'), 'b', false],
    ['another error', new Error('text'), undefined, false],
    ['an error that looks alike', Object.assign(new Error('text'), { code: 'a' }), 'a', false],
    ['a string', 'a', undefined, false],
    ['null', null, undefined, false],
    ['undefined', undefined, undefined, false],
  ])('recognises %s', (_what, error, code, is) => {
    expect(ColloquyError.is(error, code)).toBe(is);
  });

  it('recognises an error of another copy of the package, for which instanceof fails', async () => {
    vi.resetModules();
    const other = await import('../src/errors.ts');
    const error = new other.ConflictError('ann');
    expect(error).not.toBeInstanceOf(ColloquyError);
    expect([ColloquyError.is(error, 'conflict'), ColloquyError.is(error, 'other')]).toEqual([
      true,
      false,
    ]);
  });

  it('uses a brand that is neither enumerable nor in JSON', () => {
    const error = new ColloquyError('code', 'text');
    expect(Object.getOwnPropertySymbols(Object.assign({}, error))).toEqual([]);
    expect(JSON.parse(JSON.stringify(error))).not.toHaveProperty('brand');
  });
});
