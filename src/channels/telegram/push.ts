import type { DeliveryError } from '../../errors.ts';
import { fieldsOf, idOf, numberOf, stringOf } from '../../internal/fields.ts';
import { type RefusalCode, refused } from '../refusal.ts';
import { type ApiAnswer, type Fetch, postJson } from '../web-api.ts';
import { type TelegramPlace, destinationOf } from './address.ts';
import { type BotCall, EDITING } from './calls.ts';

/**
 * Makes a call to a place, or to the supergroup that a group has become. An edit stays in its chat: the supergroup has another
 * message under the same number.
 * @throws DeliveryError by the code of what the Bot API answered
 */
export type Send = (call: BotCall, to: TelegramPlace, signal: AbortSignal) => Promise<void>;

/** @param api the address of the Bot API, with the token of the bot */
export function createSender(api: string, fetch: Fetch): Send {
  return async ({ method, parameters }, to, signal) => {
    const sendTo = (place: TelegramPlace): Promise<ApiAnswer> =>
      postJson(fetch, {
        channel: 'telegram',
        url: `${api}/${method}`,
        body: JSON.stringify({ ...parameters, ...destinationOf(place) }),
        signal,
      });
    const first = await sendTo(to);
    const supergroup = method === EDITING ? undefined : supergroupIn(first);
    const answer = supergroup === undefined ? first : await sendTo({ chat: supergroup });
    const refusal = refusalOf(answer);
    if (refusal && !isUnchanged(method, answer)) throw refusal;
  };
}

/** An earlier try of an edit has arrived. The Bot API has no number for that, only these words. */
function isUnchanged(method: string, { data }: ApiAnswer): boolean {
  const { description } = fieldsOf(data);
  return method === EDITING && /message is not modified/i.test(stringOf(description) ?? '');
}

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
function supergroupIn({ data }: ApiAnswer): string | undefined {
  return idOf(fieldsOf(fieldsOf(data)['parameters'])['migrate_to_chat_id']);
}
