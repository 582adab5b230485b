import { type Data, type FrozenData, freezeCopy, freezeInPlace } from '../internal/plain-data.ts';
import { ColloquyError, StepError } from '../errors.ts';

/** The context as a record holds it: a frozen copy. */
export function freezeContext(context: object, maxBytes: number): FrozenData {
  try {
    return freezeCopy(withoutUndefined(context as Data), maxBytes);
  } catch (error) {
    throw asStepError(error);
  }
}

/** The same for the context that a step made, which is frozen itself. @param base the context before the step */
export function freezeNextContext(
  context: object,
  maxBytes: number,
  base: Data | undefined,
): FrozenData {
  try {
    return freezeInPlace(withoutUndefined(context as Data), maxBytes, base);
  } catch (error) {
    throw asStepError(error);
  }
}

/** Without the keys that are undefined: a dialogue deletes a key of the dictionary by setting it to undefined. */
function withoutUndefined(context: Data): Data {
  for (const key in context) {
    if (context[key] !== undefined) continue;
    return Object.fromEntries(Object.entries(context).filter(([, value]) => value !== undefined));
  }
  return context;
}

/** A frozen copy of what a record holds beside the context: it has to be plain data, too. */
export function freezePlain<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  try {
    return freezeCopy({ value }, Number.POSITIVE_INFINITY).data['value'] as T;
  } catch (error) {
    throw asStepError(error);
  }
}

function asStepError(error: unknown): unknown {
  if (!ColloquyError.is(error)) return error;
  return new StepError(error.code, error.message, { details: error.details });
}
