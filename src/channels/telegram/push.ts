import type { DeliveryError } from '../../errors.ts';
import { fieldsOf, idOf, numberOf } from '../fields.ts';
import { type RefusalCode, refused } from '../refusal.ts';
import type { ApiAnswer } from '../web-api.ts';

/**
 * Why the Bot API did not take a call; undefined where it did.
 * What it answers: https://core.telegram.org/bots/api#making-requests and #responseparameters.
 */
export function refusalOf({ status, data }: ApiAnswer): DeliveryError | undefined {
  const { ok, error_code: errorCode, parameters } = fieldsOf(data);
  if (ok === true && status < 300) return undefined;
  const reason = numberOf(errorCode) ?? status;
  return refused({
    channel: 'telegram',
    code: codeOf(reason),
    status,
    reason,
    retryAfter: fieldsOf(parameters)['retry_after'],
  });
}

function codeOf(reason: number): RefusalCode {
  if (reason === 429) return 'rate_limited';
  if (reason >= 500) return 'unavailable';
  // The token is wrong, revoked, or of no bot: the operator has to know, and a new process has a new token.
  if (reason === 401 || reason === 404) return 'unauthorized';
  // The user blocked the bot, or the chat threw it out.
  return reason === 403 ? 'blocked' : 'reply_refused';
}

/** The supergroup that the chat of a call has become; only that one takes it (https://core.telegram.org/bots/api#responseparameters). */
export function supergroupIn({ data }: ApiAnswer): string | undefined {
  return idOf(fieldsOf(fieldsOf(data)['parameters'])['migrate_to_chat_id']);
}
