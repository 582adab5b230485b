import { UsageError } from '../errors.ts';
import { kindOf } from './closed.ts';

/** What fits into a place where a program plugs in a part. */
export interface Port {
  /** Who takes it, and as what: "`persister` of createContextStore()". */
  readonly place: string;
  readonly methods: readonly string[];
  /** What to do: "is what lmdb() or redis() returns". */
  readonly expected: string;
}

/**
 * Refuses a value without the methods of a port. It says of which kind the value is and quotes nothing of it: it may be an
 * address with a password.
 * @throws UsageError `bad_option`
 */
export function checkPort(value: unknown, { place, methods, expected }: Port): void {
  const isPart = (typeof value === 'object' && value !== null) || typeof value === 'function';
  const missing = methods.find(
    (name) => !isPart || typeof (value as Record<string, unknown>)[name] !== 'function',
  );
  if (missing === undefined) return;
  let found = kindOf(value);
  if (value instanceof Promise) found = 'a promise, which has to be awaited first';
  else if (typeof value === 'object' && value !== null) found = `an object without ${missing}()`;
  throw new UsageError('bad_option', `${place} ${expected}; it got ${found}.`);
}
