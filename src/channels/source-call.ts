import type { Clock } from '../clock.ts';
import { PersistError } from '../errors.ts';
import { withDeadline } from '../internal/async.ts';

/** How long a call of the persister may take. */
export const CALL_MS = 4000;

/** What the persister of a source answers. @throws PersistError `timeout`, if it does not within `ms` */
export function answerInTime<T>(clock: Clock, call: Promise<T>, ms: number = CALL_MS): Promise<T> {
  return withDeadline(call, {
    clock,
    at: clock.now() + ms,
    onPass() {
      throw new PersistError(
        'timeout',
        `The persister has not answered a source within ${ms} ms. It is asked again.`,
        { retryable: true },
      );
    },
  });
}
