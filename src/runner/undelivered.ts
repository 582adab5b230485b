import { DeliveryError } from '../errors.ts';

/** Replies to be said outside of an answer, and nobody takes such. */
export function noListener(openid: string, count: number): DeliveryError {
  return new DeliveryError(
    'no_reply_listener',
    `There are ${count} replies to be said outside a handle() call and nobody listens for them: runner.on('reply', …) takes them.`,
    { openid },
  );
}

/** A reply that was tried for long enough, or whose conversation is gone. */
export function undelivered(openid: string, tries: number, reason: string): DeliveryError {
  return new DeliveryError('undelivered', `A reply was given up after ${tries} tries: ${reason}.`, {
    openid,
    details: { tries },
  });
}
