import { PersistError } from '../errors.ts';

export function noAnswer(timeoutMs: number): PersistError {
  return new PersistError(
    'timeout',
    `The persister gave no answer to a write for ${timeoutMs} ms; it is tried again.`,
    { retryable: true, details: { timeoutMs } },
  );
}

export function noRoom(openid: string, records: number): PersistError {
  return new PersistError(
    'unavailable',
    `${records} records wait to be written to the persister, and there is no room for another one; see why its writes fail or are slow. The user received no answer.`,
    { retryable: true, openid, details: { records } },
  );
}

export function leftUnwritten(records: number): PersistError {
  return new PersistError(
    'unwritten',
    `${records} records could not be written to the persister in time. They are lost if the process ends now.`,
    { retryable: true, details: { records } },
  );
}

export function overwritten(openid: string): PersistError {
  return new PersistError(
    'overwritten',
    'Another process changed a record in the persister before the commits of this process were written; they are lost. Below `writeBehind()`, no other process may use the persister.',
    { openid },
  );
}
