import { DeliveryError } from '../../errors.ts';
import { fieldsOf, numberOf } from '../../internal/fields.ts';
import { refused } from '../refusal.ts';
import type { ApiAnswer } from '../web-api.ts';

/** The login has ended (https://github.com/Tencent/openclaw-weixin#getupdates). */
export const LOGIN_ENDED = -14;
/** A wrong parameter. It is what iLink answers as well to a token of a message that it takes no more. */
const BAD_PARAMETER = -2;

/** The code of an answer that says that the call failed; undefined where it succeeded. */
export function faultOf({ status, data }: ApiAnswer): number | undefined {
  const { ret, errcode } = fieldsOf(data);
  const codes = [numberOf(errcode) ?? 0, numberOf(ret) ?? 0];
  const code = codes.find((each) => each !== 0);
  if (code !== undefined) return code;
  // An answer without a code is a success: that of a message that was sent is empty.
  return status < 300 ? undefined : status;
}

/** Why iLink did not take what was said; undefined where it did. */
export function refusalOf(answer: ApiAnswer): DeliveryError | undefined {
  const fault = faultOf(answer);
  if (fault === undefined) return undefined;
  if (fault === LOGIN_ENDED || fault === BAD_PARAMETER) return closed(fault);
  const { status, headers } = answer;
  const retryAfter = headers.get('retry-after');
  const about = { channel: 'ilink', status, reason: fault, retryAfter };
  if (status === 429) return refused({ ...about, code: 'rate_limited' });
  if (status === 401 || status === 403) return refused({ ...about, code: 'unauthorized' });
  // What the other codes mean is not published. A message of ours has one form, so it is no fault of the message.
  return refused({ ...about, code: 'unavailable' });
}

/** A reply that waits for the next message of its user. @param reason undefined where the user has written nothing yet */
export function closed(reason?: number): DeliveryError {
  const why =
    reason === undefined
      ? 'no message of the user has brought what iLink wants back with a reply'
      : reason === LOGIN_ENDED
        ? 'the login of the bot has ended'
        : 'it takes nothing any more for the last message of the user';
  return new DeliveryError(
    'push_closed',
    `iLink did not take a reply: ${why}. The reply waits for the user's next message.`,
    { details: { channel: 'ilink', ...(reason !== undefined && { reason }) } },
  );
}
