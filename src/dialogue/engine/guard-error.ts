import { ColloquyError, StepError } from '../../errors.ts';
import { NO_WAITING } from '../../internal/closed.ts';
import { abandon, isThenable } from '../../internal/maybe.ts';
import { currentStep } from '../text/current-step.ts';

/** Keeps an error that a guard, or a function that has to answer at once, throws: XState passes on only its message. */
export function keepGuardError(error: unknown): void {
  const step = currentStep();
  if (step !== undefined && ColloquyError.is(error)) step.guardError = error;
}

/** The error that XState reports as `cause`, or `cause` itself if no guard threw that. */
export function guardErrorOf(cause: unknown): unknown {
  const step = currentStep();
  const kept = step?.guardError;
  if (step === undefined || kept === undefined) return cause;
  step.guardError = undefined;
  return cause instanceof Error && cause.message.endsWith(kept.message) ? kept : cause;
}

/**
 * The result of a function of the author that has to answer at once. A promise would count as its value, so that a guard would
 * say yes, and its rejection would end the process.
 * @param what the function, as the error names it
 * @throws StepError `step_failed` if the result is a promise
 */
export function settled<T>(result: T, what: string): T {
  if (!isThenable(result)) return result;
  abandon(result);
  const error = new StepError('step_failed', `${what} returned a promise. ${NO_WAITING}`);
  keepGuardError(error);
  throw error;
}
