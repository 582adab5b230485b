import { UsageError } from '../../errors.ts';
import { allGood } from '../secrets.ts';

/** One, or several while one takes over from another. */
export type Secret = string | readonly string[];

/**
 * The console takes letters and digits. `_` and `-` pass for programs that stand in for a platform; anything else, as the end
 * of the line that a token was read from, would never prove a sender.
 */
const TOKEN = /^[\w-]{3,32}$/;

/**
 * @param owner the function that was given them, for the error
 * @throws UsageError `bad_token`, without a character of it
 */
export function toTokens(owner: string, token: Secret): readonly [string, ...string[]] {
  const tokens = allGood(token, (each) => TOKEN.test(each));
  if (tokens !== undefined) return tokens;
  throw new UsageError(
    'bad_token',
    `${owner}() needs the Token of the message push settings, 3 to 32 letters and digits without anything around them, or a list of them; without one, anybody could write to it.`,
  );
}
