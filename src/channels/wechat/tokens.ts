import { UsageError } from '../../errors.ts';

/** One, or several while one takes over from another. */
export type Secret = string | readonly string[];

/** @throws UsageError `bad_token`, without a character of it */
export function toTokens(owner: string, token: Secret): readonly [string, ...string[]] {
  const given: unknown = token;
  const all: readonly unknown[] = Array.isArray(given) ? given : [given];
  const [first, ...others] = all.filter(
    (each): each is string => typeof each === 'string' && each !== '',
  );
  if (first !== undefined && others.length + 1 === all.length) return [first, ...others];
  throw new UsageError(
    'bad_token',
    `${owner}() needs the token of the message push settings as a non-empty string, or a list of them; without one, anybody could write to it.`,
  );
}
