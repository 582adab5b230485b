import type { ConversationRecord } from '../../context/record/record.ts';
import { DeliveryError } from '../../errors.ts';
import type { Reporter } from '../reporting/reporter.ts';

/** Reports the replies that are lost with a conversation that is gone. */
export function reportLost(reporter: Reporter, { openid, outbox }: ConversationRecord): void {
  const reason = 'the conversation ended before a listener took it';
  for (const { tries } of outbox) reportGivenUp(reporter, openid, tries, reason);
}

/** Reports replies that may or may not have been committed: the record that would say so has expired. */
export function reportUnclear(reporter: Reporter, openid: string, count: number): void {
  const reason = 'the conversation ended before the persister could say whether it was written';
  for (let left = count; left > 0; left -= 1) reportGivenUp(reporter, openid, 0, reason);
}

/**
 * Reports that a reply is not delivered any more.
 * @returns false: it is not kept
 */
export function reportGivenUp(
  reporter: Reporter,
  openid: string,
  tries: number,
  reason: string,
): false {
  const message = `A reply was given up after ${tries} tries: ${reason}.`;
  const details = { openid, details: { tries } };
  reporter.error(new DeliveryError('undelivered', message, details), openid);
  return false;
}
