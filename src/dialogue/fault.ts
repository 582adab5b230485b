import { StepError } from '../errors.ts';

let last: StepError | undefined;

/** Keeps an error that a guard is about to throw: XState passes on its text alone, without its code. */
export function keepFault(error: unknown): void {
  if (error instanceof StepError) last = error;
}

/** The error whose text XState passed on in `cause`; undefined where it is another one. */
export function faultIn(cause: unknown): StepError | undefined {
  const kept = last;
  last = undefined;
  if (kept === undefined || !(cause instanceof Error)) return undefined;
  return cause.message.endsWith(kept.message) ? kept : undefined;
}
