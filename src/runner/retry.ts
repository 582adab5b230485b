import { NONE, type UnsentReply } from '../context/record/record.ts';
import { ColloquyError } from '../errors.ts';

/** A reply that could not be handed over is tried again after a second, then after twice that, and so on up to this. */
const LONGEST_PAUSE_MS = 300_000;
const FIRST_PAUSE_MS = 1000;
/**
 * A platform that says when it wants to be asked again is not asked before, though within a day: a wait of weeks is some
 * mistake, and the conversation would be over by then.
 */
export const LONGEST_WAIT_MS = 86_400_000;

/** Whether a listener says that it will never take this reply. */
export function isRefusal(fault: unknown): boolean {
  return ColloquyError.is(fault) && fault.name === 'DeliveryError' && !fault.retryable;
}

/** The longest that one of those who refused a reply wants to be left alone. */
export function waitIn(faults: readonly unknown[] = NONE): number {
  let longest = 0;
  for (const fault of faults) {
    const asked = ColloquyError.is(fault) ? fault.details['retryAfterMs'] : undefined;
    if (typeof asked === 'number' && Number.isFinite(asked)) longest = Math.max(longest, asked);
  }
  return Math.min(longest, LONGEST_WAIT_MS);
}

export function putOff(
  { notBefore: _over, ...unsent }: UnsentReply,
  now: number,
  waitMs: number,
): UnsentReply {
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** unsent.tries, LONGEST_PAUSE_MS);
  return {
    ...unsent,
    tries: unsent.tries + 1,
    dueAt: now + Math.max(pause, waitMs),
    ...(waitMs > pause && { notBefore: now + waitMs }),
  };
}

export function waiting(unsent: UnsentReply, until: number): UnsentReply {
  return unsent.dueAt >= until ? unsent : { ...unsent, dueAt: until };
}
