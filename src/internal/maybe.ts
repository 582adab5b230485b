/**
 * A value now, or a promise of it. The path of a turn is written once with `chain` and stays synchronous as long as
 * nothing on it waits: a promise per stage would cost more than the turn itself.
 */
export type MaybePromise<T> = T | Promise<T>;

/** Every promise in here is a native one: what comes from outside goes through an async function first. */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return value instanceof Promise;
}

/** Whether it is a promise of any library, for what comes from outside. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  // Guards are asked in every step: to look for a property of a boolean costs more than its type.
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { readonly then?: unknown }).then === 'function'
  );
}

/** Takes notice of a promise that will not be waited for: a rejection of it ends no process then. */
export function abandon(promise: PromiseLike<unknown>): void {
  promise.then(undefined, () => undefined);
}

/** `next(value)`, at once where the value is there, after it where it is promised. */
export function chain<T, U>(
  value: MaybePromise<T>,
  next: (value: T) => MaybePromise<U>,
): MaybePromise<U> {
  return isPromise(value) ? value.then(next) : next(value);
}

/** Runs `work` and turns what it throws, now or later, into `recover(error)`. */
export function attempt<T>(
  work: () => MaybePromise<T>,
  recover: (error: unknown) => MaybePromise<T>,
): MaybePromise<T> {
  try {
    const result = work();
    return isPromise(result) ? result.catch(recover) : result;
  } catch (error) {
    return recover(error);
  }
}
