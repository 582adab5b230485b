import type { DeliveredReplies } from '../../context/delivered-replies.ts';
import type { Habit } from '../../context/holders.ts';
import {
  LONGEST_LISTENING_MS,
  isRefusal,
  listenerTimeout,
  waitIn,
} from '../../context/record/outbox.ts';
import type { StoreCore } from '../../context/store-core.ts';
import { ColloquyError } from '../../errors.ts';
import { withDeadline } from '../../internal/async.ts';
import type { Events } from '../../internal/emitter.ts';
import { type MaybePromise, chain, isPromise } from '../../internal/maybe.ts';
import type { RunnerEvents } from '../events.ts';
import type { Reporter } from '../reporting/reporter.ts';

/** What becomes of a reply that was offered. */
export interface ReplyFate {
  /**
   * Remove it from the outbox, try it again after it failed, leave it to the answer to the user's next message, or try it when
   * the platform has room for it.
   */
  readonly action: 'remove' | 'retry' | 'defer' | 'pace';
  /** Milliseconds for which it must not be tried. */
  readonly waitMs: number;
}

/** The listeners of `reply` events, and what they took. */
export interface Listening {
  readonly core: StoreCore;
  readonly events: Events<RunnerEvents>;
  readonly reporter: Reporter;
  /** Gets the id of a reply that was taken too late. */
  readonly delivered: DeliveredReplies;
  readonly habit: Habit;
}

/** Offers a reply to the listeners. If one of them may take it later, it is tried again for all. */
export function offerReply(
  listening: Listening,
  event: RunnerEvents['reply'],
): MaybePromise<ReplyFate> {
  return chain(deliver(listening, event), (faults) => {
    return { action: judge(listening.reporter, faults, event.openid), waitMs: waitIn(faults) };
  });
}

/**
 * @returns what they threw; undefined if there is no listener. A listener that does not end in time has not taken the reply,
 * unless it ends before the next try
 */
function deliver(
  { core, events, delivered, habit }: Listening,
  event: RunnerEvents['reply'],
): MaybePromise<readonly unknown[] | undefined> {
  const { openid, id } = event;
  const taken = core.holders.hold({ openid, kind: 'listener', habit }, () =>
    events.deliver('reply', event),
  );
  if (!isPromise(taken)) return taken;
  const { processClock: clock } = core;
  let isLate = false;
  void taken.then((faults) => {
    if (isLate && faults?.length === 0) delivered.remember(openid, [id]);
  });
  return withDeadline(taken, {
    clock,
    at: clock.now() + LONGEST_LISTENING_MS,
    holdsProcess: false,
    onPass: () => {
      isLate = true;
      return [listenerTimeout(openid)];
    },
  });
}

function judge(
  reporter: Reporter,
  faults: readonly unknown[] | undefined,
  openid: string,
): ReplyFate['action'] {
  if (faults === undefined) return 'retry';
  const withCode = (code: string): unknown[] =>
    faults.filter((fault) => ColloquyError.is(fault, code));
  const closed = withCode('push_closed');
  const paced = withCode('paced');
  const others = faults.filter((fault) => ![...closed, ...paced].includes(fault));
  for (const fault of others) reporter.error(fault, openid);
  if (others.some((fault) => !isRefusal(fault))) return 'retry';
  if (closed.length > 0) return 'defer';
  // It was not tried: it waits for room at the platform, and no try of it has failed.
  return paced.length > 0 ? 'pace' : 'remove';
}
