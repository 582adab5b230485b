import type { DueTimes } from './due-time.ts';
import { ColloquyError, DeliveryError, StepError } from '../../errors.ts';
import { backoff } from '../../internal/async.ts';
import type { Reply } from '../../reply.ts';
import { NONE, type UnsentReply } from './record.ts';
import { bytesOfReplies } from './reply-bytes.ts';

/** The maximum of replies that wait in the outbox of one conversation. */
export const MAX_UNSENT = 256;
/** The maximum of their bytes, with two for each character. The replies of one turn to an empty outbox may have more. */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024;
/** The maximum of the wait that a platform may ask for. A conversation would have expired in weeks of waiting. */
export const LONGEST_WAIT_MS = 86_400_000;

/**
 * Milliseconds that listeners have for one reply. A push of a channel first waits for the answers that are being made for the
 * user, and then takes a maximum of ten seconds.
 */
export const LONGEST_LISTENING_MS = 60_000;

const pauseMs = backoff({ firstMs: 1000, longestMs: 300_000 });

/**
 * The outbox of a record with more replies behind those that wait.
 * @throws StepError `too_many_unsent`
 */
export function outboxWith(
  outbox: readonly UnsentReply[],
  replies: readonly Reply[],
  about: {
    readonly now: number;
    /** Default: new ones. */
    readonly ids?: readonly string[] | undefined;
    readonly dueTimes: Pick<DueTimes, 'replyDueAt'>;
    readonly createId: () => string;
  },
): readonly UnsentReply[] {
  if (outbox.length + replies.length > MAX_UNSENT) throw tooMany(`${MAX_UNSENT} replies`);
  if (outbox.length > 0 && isOver(outbox, replies)) {
    throw tooMany(`${MAX_UNSENT_BYTES} bytes of replies`);
  }
  const dueAt = about.dueTimes.replyDueAt(about.now);
  return outbox.concat(
    replies.map((reply, index) => ({
      id: about.ids?.[index] ?? about.createId(),
      reply,
      dueAt,
      tries: 0,
    })),
  );
}

function tooMany(what: string): StepError {
  return new StepError(
    'too_many_unsent',
    `Over ${what} of one conversation wait for delivery; see why listeners of runner.on('reply', …) do not take them.`,
  );
}

function isOver(outbox: readonly UnsentReply[], replies: readonly Reply[]): boolean {
  let bytes = bytesOfReplies(replies);
  for (const { reply } of outbox) bytes += bytesOfReplies([reply]);
  return bytes > MAX_UNSENT_BYTES;
}

/** The error for a listener that does not settle. It counts as thrown by that listener. */
export function listenerTimeout(openid: string): DeliveryError {
  return new DeliveryError(
    'listener_timeout',
    `A listener of runner.on('reply', …) did not settle within ${LONGEST_LISTENING_MS} ms; the reply is sent again. Give what the listener awaits a time limit.`,
    { openid, retryable: true },
  );
}

/** Whether a listener says that it will never take this reply. */
export function isRefusal(fault: unknown): boolean {
  return ColloquyError.is(fault) && fault.name === 'DeliveryError' && !fault.retryable;
}

/** The longest wait, in ms, that one of the listeners asks for. */
export function waitIn(faults: readonly unknown[] = NONE): number {
  let longest = 0;
  for (const fault of faults) {
    const asked = ColloquyError.is(fault) ? fault.details['retryAfterMs'] : undefined;
    if (typeof asked === 'number' && Number.isFinite(asked)) longest = Math.max(longest, asked);
  }
  return Math.min(longest, LONGEST_WAIT_MS);
}

/** A reply after a failed try: due again after a pause that doubles with each try, and not before the wait is over. */
export function putOff(
  { notBefore: _over, ...unsent }: UnsentReply,
  now: number,
  waitMs: number,
): UnsentReply {
  const pause = pauseMs(unsent.tries);
  return {
    ...unsent,
    tries: unsent.tries + 1,
    dueAt: now + Math.max(pause, waitMs),
    ...(waitMs > pause && { notBefore: now + waitMs }),
  };
}

/** A reply that is due no earlier than at `until`. */
export function dueNotBefore(unsent: UnsentReply, until: number): UnsentReply {
  return unsent.dueAt >= until ? unsent : { ...unsent, dueAt: until };
}

/** An outbox that may be tried now, unless a platform asked for a pause: also if it waited for the user's next message. */
export function dueNow(outbox: readonly UnsentReply[], now: number): readonly UnsentReply[] {
  const [first, ...others] = outbox;
  if (first === undefined || (first.kept !== true && (first.tries === 0 || first.dueAt <= now))) {
    return outbox;
  }
  const { kept: _kept, ...unsent } = first;
  return [{ ...unsent, dueAt: Math.min(first.dueAt, now) }, ...others];
}
