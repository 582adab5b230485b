import {
  ColloquyError,
  type ConflictError,
  type ErrorCode,
  type PersistError,
  type UsageError,
} from 'colloquy';
import { expectTypeOf } from 'vitest';

declare const caught: unknown;

if (ColloquyError.is(caught)) {
  expectTypeOf(caught).toEqualTypeOf<ColloquyError>();
  expectTypeOf(caught.code).toEqualTypeOf<ErrorCode | (string & {})>();
  expectTypeOf(caught.code).toExtend<string>();
  expectTypeOf(caught.retryable).toEqualTypeOf<boolean>();
  expectTypeOf(caught.openid).toEqualTypeOf<string | undefined>();
  // @ts-expect-error an error is a fact: its code cannot be changed
  caught.code = 'another';
} else {
  expectTypeOf(caught).toEqualTypeOf<unknown>();
}

if (ColloquyError.is(caught, 'conflict')) expectTypeOf(caught).toEqualTypeOf<ColloquyError>();

// A persister or a channel of an application may have its own codes.
expectTypeOf(new ColloquyError('my_code', 'text')).toEqualTypeOf<ColloquyError>();
expectTypeOf<'conflict'>().toExtend<ErrorCode>();
expectTypeOf<'my_code'>().not.toExtend<ErrorCode>();

// @ts-expect-error without the check, nothing is known of it
export const code: unknown = caught.code;

// @ts-expect-error a code is a string, so that it survives a log
ColloquyError.is(caught, 7);

expectTypeOf<ConflictError>().toExtend<PersistError>();
expectTypeOf<UsageError>().toExtend<ColloquyError>();
