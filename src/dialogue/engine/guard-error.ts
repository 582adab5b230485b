import { ColloquyError } from '../../errors.ts';
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
