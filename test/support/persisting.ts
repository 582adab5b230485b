import { inspect } from 'node:util';
import { ColloquyError, type StoredRecord } from 'colloquy';
import { expect } from 'vitest';

/** A record to be stored. */
export const record = (openid: string, body = 'body', wakeAt = 100): StoredRecord => ({
  openid,
  body,
  wakeAt,
});

export const persistError = (code: string, retryable: boolean): Error =>
  expect.objectContaining({ name: 'PersistError', code, retryable }) as Error;

/** What a call is refused with, after a look at what it tells. */
export async function refusalOf(call: Promise<unknown> | undefined): Promise<ColloquyError> {
  const error: unknown = await Promise.resolve(call).then(
    (answer) => new Error(`It was answered with ${inspect(answer)}.`),
    (thrown: unknown) => thrown,
  );
  if (!ColloquyError.is(error)) throw error;
  return error;
}
