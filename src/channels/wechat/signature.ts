import { hash, timingSafeEqual } from 'node:crypto';
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

/** WeChat's signature of some values: the SHA-1, in hex, of all of them in the order of their code units. */
export function signValues(values: readonly string[]): string {
  let text = '';
  for (const value of inOrder(values)) text += value;
  return hash('sha1', text);
}

/** Two to four values, which a general sort takes longer to compare than the hash takes. */
function inOrder(values: readonly string[]): readonly string[] {
  const sorted: string[] = [];
  for (const value of values) {
    let at = sorted.length;
    for (; at > 0; at -= 1) {
      const before = sorted[at - 1] as string;
      if (before <= value) break;
      sorted[at] = before;
    }
    sorted[at] = value;
  }
  return sorted;
}

/**
 * Whether a query proves that its sender knows one of the tokens. That covers neither the path nor the body.
 * A parameter that is missing, empty or there twice proves nothing: hosts disagree on which of two they mean.
 */
export function isQuerySigned(query: URLSearchParams, tokens: readonly string[]): boolean {
  return isProven(query, 'signature', tokens, []);
}

/** The same of a query that signs an encrypted payload, too. */
export function isPayloadSigned(
  query: URLSearchParams,
  tokens: readonly string[],
  encrypted: string,
): boolean {
  return isProven(query, 'msg_signature', tokens, [encrypted]);
}

function isProven(
  query: URLSearchParams,
  name: string,
  tokens: readonly string[],
  more: readonly string[],
): boolean {
  const signature = single(query, name);
  const timestamp = single(query, 'timestamp');
  const nonce = single(query, 'nonce');
  if (!signature || !timestamp || !nonce) return false;
  const given = Buffer.from(signature);
  return tokens.some((token) => {
    const expected = Buffer.from(signValues([token, timestamp, nonce, ...more]));
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

/** The value of a parameter that is there exactly once. */
export function single(query: URLSearchParams, name: string): string | undefined {
  const values = query.getAll(name);
  return values.length === 1 ? values[0] : undefined;
}
