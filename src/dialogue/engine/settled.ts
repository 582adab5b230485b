import { StepError } from '../../errors.ts';
import { NO_WAITING } from '../../internal/closed.ts';
import { abandon, isThenable } from '../../internal/maybe.ts';
import { keepGuardError } from './guard-error.ts';

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
