import { checkLaneRoom } from '../context/lane-room.ts';
import type { StoreCore } from '../context/store-core.ts';
import { OfferChanges } from '../context/record/offers.ts';
import { outboxWith } from '../context/record/outbox.ts';
import { type ConversationRecord, NONE, bareRecord } from '../context/record/record.ts';
import { recall, remember } from '../context/record/seen-log.ts';
import { ColloquyError, DeliveryError, isRetryable } from '../errors.ts';
import type { Events } from '../internal/emitter.ts';
import type { MaybePromise } from '../internal/maybe.ts';
import { checkOpenid } from '../message.ts';
import type { Reply } from '../reply.ts';
import type { Plan, PlanContext } from './commit-plan.ts';
import type { Reporter, RunnerEvents } from './events.ts';
import { type Said, checkId, toReplies } from './options.ts';
import { Outbox } from './outbox.ts';

const MAX_ATTEMPTS = 20;
const MAX_PAUSE_MS = 60_000;
const MAX_PAUSE_IN_LANE_MS = 8000;

interface DeliveryOptions {
  readonly core: StoreCore;
  readonly events: Events<RunnerEvents>;
  readonly reporter: Reporter;
  readonly context: PlanContext;
}

interface Undelivered {
  /** The replies that are in no answer and that no commit has put into the outbox. */
  readonly owed: readonly Reply[];
  /** The message that they answer: a redelivery does not get them again. */
  readonly answered?: string | undefined;
  /** The replies to it that a caller got before: a redelivery gets them. */
  readonly given?: readonly Reply[] | undefined;
  /** Whether the turn has deleted everything of its user, and so left no record for an outbox. */
  readonly isForgotten?: boolean;
}

/** What is added to an outbox. */
interface Addition {
  readonly replies: readonly Reply[];
  /** Their ids. Default: new ones. */
  readonly ids?: readonly string[];
  /** If a message with this id is remembered, nothing is added. */
  readonly once?: string | undefined;
  readonly answered?: string | undefined;
  readonly given?: readonly Reply[] | undefined;
}

/** Delivers every reply that is in no answer, as `reply` events: through the outbox of the record if there can be one. */
export class ReplyDelivery {
  readonly outbox: Outbox;
  readonly #core: StoreCore;
  readonly #events: Events<RunnerEvents>;
  readonly #reporter: Reporter;
  readonly #context: PlanContext;

  constructor({ core, events, reporter, context }: DeliveryOptions) {
    this.outbox = new Outbox(core, events, reporter);
    this.#core = core;
    this.#events = events;
    this.#reporter = reporter;
    this.#context = context;
  }

  /**
   * The one place that decides how the replies of a turn leave that no caller takes. It is the last act of the turn in
   * the lane, so that they precede the replies of the next turn. Never throws.
   */
  finish(openid: string, { owed, isForgotten, ...about }: Undelivered): MaybePromise<void> {
    if (owed.length === 0) return;
    const ids = this.#idsFor(owed);
    if (isForgotten === true || !this.#context.usesOutbox()) return this.#emit(openid, owed, ids);
    return this.#enqueue(openid, { ...about, replies: owed, ids });
  }

  /** Delivers what the commit of a turn has put into the outbox. */
  flush({ record, enqueued }: Plan): void {
    void this.outbox.flush(record, enqueued);
  }

  /**
   * Says something that no turn has said. Takes the lane.
   * @param id has the replies said once only, for as long as ids of messages are remembered
   * @returns whether they are said for the first time
   * @throws MessageError `bad_openid`, `bad_id`, ColloquyError `lane_full`
   */
  async say(openid: string, said: Said, id?: string): Promise<boolean> {
    checkOpenid(openid);
    checkId(id);
    const replies = toReplies(said);
    if (replies.length === 0) return true;
    if (!this.#context.usesOutbox()) throw noListener(openid, replies.length);
    checkLaneRoom(this.#core.lanes, openid);
    const once = id === undefined ? id : `say:${id}`;
    return this.#core.lanes.run(openid, () => this.#add(openid, { replies, once }));
  }

  /**
   * The replies to a message by its record, after a commit of which it is not known whether it was written. Runs in the
   * lane.
   * @param id of the message; without one, the record does not know its replies
   * @returns undefined while the record cannot be read
   */
  async recorded(openid: string, id: string | undefined): Promise<readonly Reply[] | undefined> {
    const { records, clock } = this.#core;
    if (id === undefined) return NONE;
    try {
      const now = clock.now();
      const record = await records.load(openid, now);
      return (record && recall(record.seen, id, now, this.#context.seen)) ?? NONE;
    } catch (error) {
      return isRetryable(error) ? undefined : NONE;
    }
  }

  /**
   * The same, with further attempts for some seconds: no later message may push the replies out of the record meanwhile.
   * Runs in the lane.
   */
  async recordedSoon(
    openid: string,
    id: string | undefined,
  ): Promise<readonly Reply[] | undefined> {
    const { processClock: clock } = this.#core;
    for (let pauseMs = 1000; ; pauseMs *= 2) {
      const replies = await this.recorded(openid, id);
      if (replies !== undefined || pauseMs > MAX_PAUSE_IN_LANE_MS) return replies;
      await new Promise<void>((resolve) => {
        clock.wake(clock.now() + pauseMs, resolve);
      });
    }
  }

  /**
   * Delivers those of them that no caller got, as soon as the record can be read, for as long as it remembers the message.
   * Never throws.
   * @param said the number of replies that a caller got
   */
  async finishLater(openid: string, id: string | undefined, said: number): Promise<void> {
    const { processClock: clock, lanes } = this.#core;
    const endsAt = clock.now() + this.#context.seen.ageMs;
    for (
      let pauseMs = 1000;
      clock.now() + pauseMs <= endsAt;
      pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)
    ) {
      await new Promise<void>((resolve) => {
        clock.wake(clock.now() + pauseMs, resolve);
      });
      const isDone = await lanes.run(openid, async () => {
        const replies = await this.recorded(openid, id);
        if (replies === undefined) return false;
        const given = replies.slice(0, said);
        await this.finish(openid, { owed: replies.slice(said), answered: id, given });
        return true;
      });
      if (isDone) return;
    }
  }

  async #enqueue(
    openid: string,
    addition: Addition & { readonly ids: readonly string[] },
  ): Promise<void> {
    const { replies, ids } = addition;
    try {
      await this.#add(openid, addition);
    } catch (error) {
      this.#reporter.error(error, openid);
      this.#emit(openid, replies, ids);
      // They may have been written all the same: then they are found in the record and must not be sent again.
      this.outbox.remember(openid, ids);
    }
  }

  /** Sends replies at once, and only once. */
  #emit(openid: string, replies: readonly Reply[], ids: readonly string[]): void {
    if (!this.#events.heard('reply')) {
      return this.#reporter.error(noListener(openid, replies.length), openid);
    }
    for (const [index, reply] of replies.entries()) {
      this.#events.emit('reply', { openid, reply, id: ids[index] as string });
    }
  }

  async #add(openid: string, addition: Addition): Promise<boolean> {
    const { replies, once } = addition;
    const { records, clock } = this.#core;
    for (let attempt = 1; ; attempt += 1) {
      const now = clock.now();
      const found = await records.load(openid, now);
      const isKnown =
        once !== undefined && found && recall(found.seen, once, now, this.#context.seen);
      if (isKnown) return false;
      try {
        const next = this.#recordWith(openid, found, addition, now);
        void this.outbox.flush(await records.commit(next, found), replies.length);
        return true;
      } catch (error) {
        if (!ColloquyError.is(error, 'conflict') || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  #recordWith(
    openid: string,
    found: ConversationRecord | undefined,
    { replies, ids, once, answered, given = NONE }: Addition,
    now: number,
  ): ConversationRecord {
    const { maxContextBytes, seen, dueTimes, createId } = this.#context;
    const base =
      found === undefined || found.absent === 'corrupt'
        ? bareRecord({ openid, revision: 0, savedAt: now })
        : found;
    const offers = new OfferChanges(openid, base, undefined, now);
    const said = replies.map((reply) => offers.sayOutside(reply));
    return {
      ...base,
      ...offers.finishOutside(maxContextBytes),
      revision: 0,
      seen: remember(base.seen, { id: once ?? answered, replies: given }, now, seen),
      outbox: outboxWith(base.outbox, said, { now, ids, dueTimes, createId }),
    };
  }

  #idsFor(replies: readonly Reply[]): string[] {
    return replies.map(() => this.#context.createId());
  }
}

function noListener(openid: string, count: number): DeliveryError {
  return new DeliveryError(
    'no_reply_listener',
    `There are ${count} replies outside of a handle() call and no listener takes them: add one with runner.on('reply', …).`,
    { openid },
  );
}
