import { ColloquyError } from '../../errors.ts';

let last: ColloquyError | undefined;

/** Keeps an error that a guard is about to throw: XState passes on its text alone, without its code. */
export function keepFault(error: unknown): void {
  if (ColloquyError.is(error)) last = error;
}

/** The error whose text XState passed on in `cause`, or `cause` itself. */
export function faultIn(cause: unknown): unknown {
  const kept = last;
  last = undefined;
  if (kept === undefined || !(cause instanceof Error)) return cause;
  return cause.message.endsWith(kept.message) ? kept : cause;
}
