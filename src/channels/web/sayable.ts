import { DeliveryError } from '../../errors.ts';
import type { Reply } from '../../reply.ts';

/** Whether a page can be given a reply: what is for another channel alone, it does not know. */
export function isSayable(reply: Reply): boolean {
  return reply.type !== 'raw' || reply.channel === 'web';
}

export function unsayableHere(openid: string): DeliveryError {
  return new DeliveryError(
    'unsayable_reply',
    'A page has no way to say a reply of the dialogue: it is a `raw` reply of another channel. It will not be tried again; say it in another way there.',
    { openid, details: { channel: 'web', reason: 'other_channel' } },
  );
}
