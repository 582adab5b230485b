import { type Data, type Settled, adopt, settle } from '../internal/plain-data.ts';
import { ColloquyError, StepError } from '../errors.ts';

/** The context as it is kept. */
export function keepContext(context: object, maxBytes: number): Settled {
  try {
    return settle(withoutUndefined(context as Data), maxBytes);
  } catch (error) {
    throw asStepError(error);
  }
}

/** The same for one that a step came to, and made. @param base what it was made from */
export function keepStepped(context: object, maxBytes: number, base: Data | undefined): Settled {
  try {
    return adopt(withoutUndefined(context as Data), maxBytes, base);
  } catch (error) {
    throw asStepError(error);
  }
}

/** A dialogue has no other way to delete a key of the dictionary than to set it to undefined. */
function withoutUndefined(context: Data): Data {
  for (const key in context) {
    if (context[key] !== undefined) continue;
    return Object.fromEntries(Object.entries(context).filter(([, value]) => value !== undefined));
  }
  return context;
}

/** Our own frozen copy of what is kept beside the context: it has to be plain data, too. */
export function keepPlain<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  try {
    return settle({ value }, Number.POSITIVE_INFINITY).data['value'] as T;
  } catch (error) {
    throw asStepError(error);
  }
}

function asStepError(error: unknown): unknown {
  if (!ColloquyError.is(error)) return error;
  return new StepError(error.code, error.message, { details: error.details });
}
