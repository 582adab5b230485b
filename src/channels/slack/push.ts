import type { DeliveryError } from '../../errors.ts';
import { fieldsOf, stringOf, type Fields } from '../../internal/fields.ts';
import { type RefusalCode, refused } from '../refusal.ts';
import type { ApiAnswer } from '../web-api.ts';
import type { PostedAt } from './message-id.ts';

/** Its own faults (https://docs.slack.dev/reference/methods/chat.postMessage#errors). */
const LATER: ReadonlySet<unknown> = new Set([
  'message_limit_exceeded',
  ...['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout'],
  ...['team_added_to_org', 'external_channel_migrating'],
]);

const UNAUTHORIZED: ReadonlySet<unknown> = new Set([
  ...['invalid_auth', 'not_authed', 'account_inactive', 'token_revoked', 'token_expired'],
  ...['missing_scope', 'no_permission', 'not_allowed_token_type', 'access_denied'],
  ...['org_login_required', 'ekm_access_denied', 'team_access_not_granted'],
  'two_factor_setup_required',
]);

/** The app, or its reader, is no member of the channel. */
const OUTSIDE: ReadonlySet<unknown> = new Set([
  'channel_not_found',
  'not_in_channel',
  'user_not_in_channel',
]);

/** The place is gone, or closed to the app. */
const BLOCKED: ReadonlySet<unknown> = new Set([
  ...OUTSIDE,
  ...['is_archived', 'user_not_found', 'user_disabled', 'cannot_dm_bot', 'messages_tab_disabled'],
  ...['restricted_action', 'restricted_action_thread_locked'],
  ...['restricted_action_read_only_channel', 'restricted_action_thread_only_channel'],
]);

export function isOutside({ data }: ApiAnswer): boolean {
  return OUTSIDE.has(fieldsOf(data)['error']);
}

/** Why Slack did not take a message; undefined where it did. */
export function refusalOf({ status, headers, data }: ApiAnswer): DeliveryError | undefined {
  const { ok, error } = fieldsOf(data);
  if (ok === true && status < 300) return undefined;
  const reason = stringOf(error);
  const retryAfter = headers.get('retry-after');
  return refused({ channel: 'slack', code: codeOf(status, reason), status, reason, retryAfter });
}

function codeOf(status: number, reason: string | undefined): RefusalCode {
  if (status === 429 || reason === 'ratelimited' || reason === 'rate_limited') {
    return 'rate_limited';
  }
  if (status >= 500 || LATER.has(reason)) return 'unavailable';
  if (status === 401 || UNAUTHORIZED.has(reason)) return 'unauthorized';
  return BLOCKED.has(reason) ? 'blocked' : 'reply_refused';
}
/**
 * Puts a post, with its blocks or without any, in the place of a message of the app.
 * @returns false where Slack does not change it any more: the post is to be said below
 * @throws DeliveryError where it is to be tried again
 */
export async function change(
  at: PostedAt,
  post: Fields,
  { call, signal }: { readonly call: SlackCall; readonly signal: AbortSignal },
): Promise<boolean> {
  // Without this, the buttons of before might stay (https://docs.slack.dev/reference/methods/chat.update).
  const refusal = refusalOf(await call('chat.update', { blocks: [], ...post, ...at }, signal));
  if (refusal?.retryable === true) throw refusal;
  return refusal === undefined;
}
/** Makes a call of the Web API with the token of a workspace. */

export type SlackCall = (method: string, body: Fields, signal: AbortSignal) => Promise<ApiAnswer>;
