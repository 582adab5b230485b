import { DeliveryError } from '../../errors.ts';
import type { Reply } from '../../reply.ts';
import { asideTo } from '../asides.ts';

/**
 * Whether a page can be given a reply: what is for another channel alone, it does not know, and what is for another person,
 * its person must not see.
 */
export function isSayable(reply: Reply, user: string): boolean {
  if (asideTo(reply, user, '') !== undefined) return false;
  return reply.type !== 'raw' || reply.channel === 'web';
}

export function unsayableHere(openid: string): DeliveryError {
  return new DeliveryError(
    'unsayable_reply',
    'A page has no way to say a reply of the dialogue: it is for another person, or a `raw` reply of another channel. It will not be tried again; say it in another way there.',
    { openid, details: { channel: 'web' } },
  );
}
