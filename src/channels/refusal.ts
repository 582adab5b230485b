import { DeliveryError } from '../errors.ts';
import { given } from '../internal/given.ts';

/**
 * Why a platform did not take a reply. A later try may succeed after `rate_limited` and `unavailable`, and one with another
 * token after `stale_token`. After `push_closed`, the reply waits for the user's next message. The others never succeed.
 */
export type RefusalCode =
  | 'bad_openid'
  | 'blocked'
  | 'not_authorized'
  | 'not_subscribed'
  | 'push_closed'
  | 'rate_limited'
  | 'reply_refused'
  | 'stale_token'
  | 'too_long'
  | 'too_many_articles'
  | 'unauthorized'
  | 'unavailable';

/** How a platform refused a reply, in this library's terms. */
interface Refusal {
  readonly channel: string;
  readonly code: RefusalCode;
  readonly status: number;
  /** The platform's own word or number for it. */
  readonly reason?: string | number | undefined;
  /** For how many seconds the platform asks to pause, after `rate_limited`. */
  readonly retryAfter?: unknown;
}

const RETRYABLE: ReadonlySet<RefusalCode> = new Set(['unavailable', 'rate_limited', 'stale_token']);
const SAFE_REASON = /^[\w.-]{1,64}$/;

/** A reply that the platform did not take, as an error. What the platform says in words is left out: it may quote the reply. */
export function refused({ channel, code, status, reason, retryAfter }: Refusal): DeliveryError {
  const retryable = RETRYABLE.has(code);
  const retryAfterMs = code === 'rate_limited' ? toRetryAfterMs(retryAfter) : undefined;
  const known = typeof reason !== 'string' || SAFE_REASON.test(reason) ? reason : undefined;
  const what = known === undefined ? `HTTP ${status}` : `HTTP ${status}, ${known}`;
  const remedy = retryable
    ? 'It can be tried again.'
    : 'Trying again would not help; see the platform’s list of errors.';
  return new DeliveryError(code, `${channel} did not take a reply (${what}). ${remedy}`, {
    retryable,
    details: { channel, status, ...given({ reason: known, retryAfterMs }) },
  });
}

/** A reply that a channel has no way to say. */
export function unsayable(channel: string, reason: string): DeliveryError {
  return new DeliveryError(
    'unsayable_reply',
    `${channel} has no way to say a reply of the dialogue: ${reason}. It will not be tried again; say it in another way there.`,
    { details: { channel, reason } },
  );
}

/**
 * The user of an openid, as the platform knows them.
 * @param expected what such an openid looks like
 * @throws DeliveryError `unknown_openid` for the openid of another channel, which would be another user here
 */
export function userOf(prefix: string, openid: string, expected: string): string {
  const user = openid.startsWith(prefix) ? openid.slice(prefix.length) : '';
  if (user !== '') return user;
  throw unknownOpenid(openid, expected);
}

export function unknownOpenid(openid: string, expected: string): DeliveryError {
  return new DeliveryError(
    'unknown_openid',
    `No user can be reached under this openid: expected ${expected}, as the channel makes it.`,
    { openid },
  );
}

const MAX_RETRY_AFTER_S = 86_400;

/** Milliseconds of a `Retry-After` in seconds. */
export function toRetryAfterMs(seconds: unknown): number | undefined {
  const value = typeof seconds === 'string' && seconds !== '' ? Number(seconds) : seconds;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) return undefined;
  return Math.min(value, MAX_RETRY_AFTER_S) * 1000;
}
