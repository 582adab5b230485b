import {
  type Data,
  type FrozenData,
  freezeCopy,
  freezeInPlace,
} from '../../internal/plain-data.ts';
import { ColloquyError, StepError } from '../../errors.ts';

/** A frozen copy of the context, as a record holds it. */
export function freezeContext(context: object, maxBytes: number): FrozenData {
  return asStepError(() => freezeCopy(withoutUndefined(context as Data), maxBytes));
}

/** Freezes the context that a step made, in place. @param base the context that it was made from */
export function freezeNewContext(
  context: object,
  maxBytes: number,
  base: Data | undefined,
): FrozenData {
  return asStepError(() => freezeInPlace(withoutUndefined(context as Data), maxBytes, base));
}

/** A frozen copy of another value of a record: an event, an input. It has to be plain data, too. */
export function freezeValue<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  return asStepError(() => freezeCopy({ value }, Number.POSITIVE_INFINITY).data['value'] as T);
}

/** Setting a key of the dictionary to undefined is the only way in which a dialogue can delete it. */
function withoutUndefined(context: Data): Data {
  for (const key in context) {
    if (context[key] !== undefined) continue;
    return Object.fromEntries(Object.entries(context).filter(([, value]) => value !== undefined));
  }
  return context;
}

function asStepError<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!ColloquyError.is(error)) throw error;
    throw new StepError(error.code, error.message, { details: error.details });
  }
}
