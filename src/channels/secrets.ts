import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { UsageError } from '../errors.ts';

/**
 * The secrets of a channel: one, or several while one takes over from another. Any of them proves a sender; the first
 * one signs.
 * @param owner the function that was given them, for the error
 * @throws UsageError `bad_secret`, without a character of it
 */
export function toSecrets(
  owner: string,
  secret: string | readonly string[],
): readonly [string, ...string[]] {
  const secrets = allGood(secret, (each) => each !== '');
  if (secrets !== undefined) return secrets;
  throw new UsageError(
    'bad_secret',
    `${owner}() needs its secret as a non-empty string, or a list of them; without one, anybody could write to it.`,
  );
}

/** One secret, or all of a list; undefined where there is none, or one of them is not good. */
export function allGood(
  given: unknown,
  isGood: (secret: string) => boolean,
): readonly [string, ...string[]] | undefined {
  const all: readonly unknown[] = [given].flat();
  const [first, ...others] = all.filter(
    (each): each is string => typeof each === 'string' && isGood(each),
  );
  return first !== undefined && others.length + 1 === all.length ? [first, ...others] : undefined;
}

/** Whether a text is one of the secrets. How long it takes says nothing about any of them. */
export function isOneOf(secrets: readonly string[], given: string): boolean {
  return matchesOne(secrets, digest(given), digest);
}

/** The HMAC-SHA-256, in hex, of what is signed with a secret. */
export function hmacHex(secret: string, ...signed: readonly (string | Uint8Array)[]): string {
  const hmac = createHmac('sha256', secret);
  for (const part of signed) hmac.update(part);
  return hmac.digest('hex');
}

/** Whether a signature in hex is that of what was signed, by one of the secrets. */
export function isSignedByOneOf(
  secrets: readonly string[],
  signature: string,
  ...signed: readonly (string | Uint8Array)[]
): boolean {
  return matchesOne(secrets, digest(signature), (secret) => digest(hmacHex(secret, ...signed)));
}

/** All of them are compared, by digests of one length: neither which one it is nor its length takes its time. */
function matchesOne(
  secrets: readonly string[],
  given: Buffer,
  expect: (secret: string) => Buffer,
): boolean {
  let matches = false;
  for (const secret of secrets) matches = timingSafeEqual(expect(secret), given) || matches;
  return matches;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/**
 * The moment, in epoch milliseconds, that a header gives in seconds. Ten digits and nothing else: what reads `1e9` or
 * ` 1` as a number would let one signature stand for two texts.
 */
export function toMoment(seconds: string | undefined): number | undefined {
  return seconds !== undefined && /^\d{10}$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}
