import { spawnSync } from 'node:child_process';
import { Console } from 'node:console';
import { PassThrough } from 'node:stream';
import { inspect } from 'node:util';
import {
  ColloquyError,
  ConflictError,
  DeliveryError,
  MessageError,
  PersistError,
  StepError,
  UsageError,
} from 'colloquy';
import { build } from 'esbuild';
import { describe, expect, it, vi } from 'vitest';
import { root } from './support/package.ts';

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

describe('an error that is printed', () => {
  const PIN = 'my PIN is 1234';
  const quoting = (): Error => new TypeError(`no number: ${PIN}\n    at ${PIN}`);
  const failed = (cause: unknown): StepError =>
    new StepError('step_failed', 'The guard threw.', {
      openid: 'ann',
      details: { state: 'a' },
      cause,
    });
  const printed = (...values: readonly unknown[]): string => {
    const stream = new PassThrough();
    new Console({ stdout: stream, stderr: stream }).error(...values);
    return String(stream.read());
  };

  it('shows its text, code and details, and of its cause only the class and the places', () => {
    const text = printed(failed(quoting()));
    expect(text).toMatch(/^StepError: The guard threw\.\n {4}at /u);
    for (const part of ["code: 'step_failed'", "openid: 'ann'", "details: { state: 'a' }"]) {
      expect(text).toContain(part);
    }
    expect(text).toMatch(/\[cause\]: TypeError: .*may quote a user.*\n\s+at quoting /u);
    expect(text).not.toContain('1234');
  });

  it.each<[what: string, value: () => unknown]>([
    ['in an object', () => ({ error: failed(quoting()) })],
    ['in a list of errors', () => new AggregateError([failed(quoting())], 'several')],
    ['as the cause of another', () => new Error('around', { cause: failed(quoting()) })],
    ['over one of ours', () => new PersistError('a', 'b', { cause: failed(quoting()) })],
    ['with a text as its cause', () => failed(PIN)],
    ['with an object as its cause', () => failed({ said: PIN })],
    ['with several errors as its cause', () => failed(new AggregateError([quoting()], PIN))],
    ['with a cause whose stack is another', () => failed(Object.assign(quoting(), { stack: PIN }))],
    ['with a cause that has fields', () => failed(Object.assign(quoting(), { said: PIN }))],
    ['with a cause whose name is a text', () => failed(Object.assign(quoting(), { name: PIN }))],
    ['with a cause that throws when it is read', () => failed(hostile())],
  ])('quotes no user: %s', (_what, value) => {
    const text = printed(value());
    expect(text).toContain('The guard threw.');
    expect(text).not.toContain('1234');
    expect(inspect(value(), { showHidden: true, depth: null })).not.toContain('1234');
  });

  it('shows a cause of ours as it is', () => {
    const text = printed(failed(new UsageError('bad_option', 'What to do.')));
    expect(text).toMatch(/\[cause\]: UsageError: What to do\.\n/u);
    expect(text).toContain("code: 'bad_option'");
  });

  it('shows no cause where there is none', () => {
    expect(printed(new UsageError('a', 'What to do.'))).not.toContain('cause');
  });

  it.each(['customInspect', 'showHidden', 'getters'])(
    'quotes no user for any text of %s',
    (option) => {
      for (const value of [true, false]) {
        if (option === 'getters' && value) continue; // that asks for it
        const text = inspect(failed(quoting()), { [option]: value });
        expect(text).toContain('[cause]');
        expect(text).not.toContain('1234');
      }
    },
  );

  it('quotes no user where it ends a process', async () => {
    const program = `
      import { StepError } from './src/errors.ts';
      throw new StepError('step_failed', 'The guard threw.', { cause: new Error('${PIN}') });
    `;
    const { outputFiles } = await build({
      stdin: { contents: program, resolveDir: root, loader: 'ts' },
      bundle: true,
      write: false,
      format: 'esm',
    });
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-'], {
      input: outputFiles[0]?.contents,
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stderr).toContain('StepError: The guard threw.');
    expect(stderr.replaceAll(program, '')).not.toMatch(/^(?!.*new StepError).*1234/mu);
  });

  it('shows all where a program asks for it', () => {
    expect(inspect(failed(quoting()), { customInspect: false, getters: true })).toContain(PIN);
  });

  it('leaves the cause to the program', () => {
    const cause = quoting();
    expect(failed(cause).cause).toBe(cause);
  });

  it('as JSON has its text, and no cause', () => {
    expect(JSON.parse(JSON.stringify({ error: failed(quoting()) }))).toEqual({
      error: {
        name: 'StepError',
        message: 'The guard threw.',
        code: 'step_failed',
        retryable: false,
        openid: 'ann',
        details: { state: 'a' },
      },
    });
  });

  function hostile(): object {
    const refuse = (): never => {
      throw new Error(PIN);
    };
    return new Proxy({}, { get: refuse, has: refuse, getPrototypeOf: refuse, ownKeys: refuse });
  }
});
