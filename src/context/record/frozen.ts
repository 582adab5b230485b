import type { Data } from '../../internal/plain-data.ts';
import { type FrozenData, freezeCopy, freezeInPlace } from '../../internal/frozen-copy.ts';
import { ColloquyError, StepError } from '../../errors.ts';

/** A frozen copy of the context, as a record holds it. */
export function freezeContext(context: object, maxBytes: number): FrozenData {
  try {
    return freezeCopy(withoutUndefined(context as Data), maxBytes);
  } catch (error) {
    throw asStepError(error);
  }
}

/** Freezes the context that a step made, in place. @param base the context that it was made from */
export function freezeNewContext(
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

/** A frozen copy of another value of a record: an event, an input. It has to be plain data, too. */
export function freezeValue<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  try {
    return freezeCopy({ value }, Number.POSITIVE_INFINITY).data['value'] as T;
  } catch (error) {
    throw asStepError(error);
  }
}

/** Setting a key of the dictionary to undefined is the only way in which a dialogue can delete it. */
function withoutUndefined(context: Data): Data {
  for (const key in context) {
    if (context[key] !== undefined) continue;
    return Object.fromEntries(Object.entries(context).filter(([, value]) => value !== undefined));
  }
  return context;
}

function asStepError(error: unknown): unknown {
  if (!ColloquyError.is(error)) return error;
  return new StepError(error.code, error.message, { details: error.details });
}
