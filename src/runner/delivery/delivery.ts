import type { Clock } from '../../clock.ts';
import type { HeldCall } from '../../context/held-calls.ts';
import { checkLaneRoom } from '../../context/lane-room.ts';
import type { StoreCore } from '../../context/store-core.ts';
import { historyWith } from '../../context/record/history.ts';
import { OfferChanges } from '../../context/record/offers.ts';
import { dueNow, outboxWith } from '../../context/record/outbox.ts';
import { type ConversationRecord, NONE, bareRecord } from '../../context/record/record.ts';
import { recall, remember } from '../../context/record/seen-log.ts';
import { ColloquyError, DeliveryError, isRetryable } from '../../errors.ts';
import type { Events } from '../../internal/emitter.ts';
import { type MaybePromise, attempt, chain } from '../../internal/maybe.ts';
import { checkOpenid } from '../../message.ts';
import type { Reply } from '../../reply.ts';
import { type Plan, type PlanContext, resultId } from '../commit-plan.ts';
import type { Reporter, RunnerEvents } from '../events.ts';
import { type Said, type SayOptions, checkId, toReplies } from '../options.ts';
import { Outbox } from './outbox.ts';

const MAX_ATTEMPTS = 20;
const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 60_000;

interface DeliveryOptions {
  readonly core: StoreCore;
  readonly events: Events<RunnerEvents>;
  readonly reporter: Reporter;
  readonly context: PlanContext;
}

interface Undelivered {
  /** The replies that are in no answer, and that no commit has put into the outbox. */
  readonly owed: readonly Reply[];
  /** The message that they answer: a redelivery does not get them again. */
  readonly answered?: string | undefined;
  /** The replies to it that a caller got before: a redelivery gets them. */
  readonly given?: readonly Reply[] | undefined;
  /** Whether the turn has deleted everything of its user, and so left no record for an outbox. */
  readonly isForgotten?: boolean;
  /** Whether they are left in the outbox for the answer to a message. */
  readonly isLeft?: boolean;
}

/** The result of a service whose commit had no clear end. */
interface UnclearResult {
  readonly openid: string;
  readonly token: string;
  /** The message that started the service: a record that does not know it is of a later conversation. */
  readonly message: string | undefined;
}

/**
 * What a record says about the result of a service. After `running`, a write may still be on its way; after `over`, no one can
 * know what became of it.
 */
type ResultTrace = 'written' | 'running' | 'gone' | 'over' | 'unreadable';

/** What is added to an outbox. */
export interface Addition {
  readonly replies: readonly Reply[];
  /** Their ids. Default: new ones. */
  readonly ids?: readonly string[];
  /** If a message with this id is remembered, nothing is added. */
  readonly once?: string | undefined;
  readonly answered?: string | undefined;
  readonly given?: readonly Reply[] | undefined;
  readonly isLeft?: boolean;
  /** What the record remembers of broadcasts from then on. */
  readonly told?: readonly string[];
}

/** What is added to the outbox of a record, if anything is. */
type AdditionTo = (record: ConversationRecord | undefined, now: number) => Addition | undefined;

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
   * Delivers the replies of a turn that no caller takes. No other place decides how. It is the last act of the turn in the
   * lane, so that they come before the replies of the next turn. Never throws.
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
   * Delivers the replies of overdue timers that were left for the answer to a message, if the answer has not taken them. Other
   * processes leave them to this one. Never throws.
   */
  flushLeft(openid: string): void {
    const { records } = this.#core;
    void attempt<void>(
      () =>
        chain(records.cached(openid)?.record ?? records.read(openid), (record) =>
          record === undefined ? undefined : this.outbox.flush(record),
        ),
      (error) => this.#reporter.error(error, openid),
    );
  }

  /**
   * Says something that no turn has said. Takes the lane.
   * @param options with an `id`, the replies are said only once, for as long as ids of messages are remembered
   * @returns false if replies were said under this `id` before
   * @throws MessageError `bad_openid`, `bad_id`; StepError `bad_reply`, `too_many_unsent`
   * @throws DeliveryError `no_reply_listener`; ColloquyError `lane_full`; PersistError
   */
  async say(
    openid: string,
    said: Said,
    { id }: SayOptions,
    call: HeldCall | undefined,
  ): Promise<boolean> {
    checkOpenid(openid);
    checkId(id);
    const replies = toReplies(said);
    if (replies.length === 0) return true;
    this.checkHeard(openid);
    const once = id === undefined ? id : `say:${id}`;
    const { seen } = this.#context;
    return this.sayIf(openid, call, (found, now) =>
      once !== undefined && found && recall(found.seen, once, now, seen)
        ? undefined
        : { replies, once },
    );
  }

  /**
   * Says what `additionTo` makes for the record of a user. Takes the lane.
   * @returns whether it made something
   * @throws ColloquyError `lane_full`; StepError `too_many_unsent`; PersistError
   */
  async sayIf(
    openid: string,
    call: HeldCall | undefined,
    additionTo: AdditionTo,
  ): Promise<boolean> {
    checkLaneRoom(this.#core.lanes, openid);
    return this.#core.lanes.run(openid, async () => {
      call?.begin();
      const added = await this.#add(openid, additionTo);
      if (added !== undefined) this.#reporter.said(openid, added.replies);
      return added !== undefined;
    });
  }

  /** @throws DeliveryError `no_reply_listener` if nobody would ever take what is said */
  checkHeard(openid?: string): void {
    if (!this.#context.usesOutbox()) throw noListener(openid);
  }

  /**
   * Delivers now what waits in the outbox of a user, also what waits for their next message. It does not take the lane if
   * nothing waits.
   * @param taken ids of replies that the user has already
   * @throws MessageError `bad_openid`; PersistError
   */
  async deliver(openid: string, taken: readonly string[]): Promise<void> {
    checkOpenid(openid);
    const { records, lanes } = this.#core;
    const seen = await records.read(openid);
    if (seen === undefined || seen.outbox.length === 0) return;
    // A delivery that began before the user could be reached may leave a reply for their next message.
    await this.outbox.untilIdle(openid);
    await lanes.run(openid, () => this.#deliverNow(openid, taken));
    await this.outbox.untilIdle(openid);
  }

  async #deliverNow(openid: string, taken: readonly string[]): Promise<void> {
    const { records, clock } = this.#core;
    for (let attempt = 1; ; attempt += 1) {
      const found = await records.load(openid);
      if (found === undefined) return;
      const left = found.outbox.filter(({ id }) => !taken.includes(id));
      const outbox = dueNow(left, clock.now());
      const isSame = outbox === left && left.length === found.outbox.length;
      try {
        const next = { ...found, revision: 0, outbox };
        await this.outbox.flushDue(isSame ? found : await records.commit(next, found));
        return;
      } catch (error) {
        if (!ColloquyError.is(error, 'conflict') || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  /**
   * Finds out what became of the commit of a service's result, if the persister could not say. Runs in the lane.
   * @param isWanted whether to try again while the record cannot be read
   */
  async traceResult(
    { openid, token, message }: UnclearResult,
    isWanted: () => boolean = () => false,
  ): Promise<ResultTrace> {
    const { records, clock, processClock } = this.#core;
    const { seen } = this.#context;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= 2) {
      try {
        const now = clock.now();
        const record = await records.load(openid, now);
        if (record === undefined) return 'over';
        if (recall(record.seen, resultId(token), now, seen)) return 'written';
        if (record.services.some((service) => service.token === token)) return 'running';
        return message === undefined || recall(record.seen, message, now, seen) ? 'gone' : 'over';
      } catch (error) {
        if (!isRetryable(error)) return 'gone';
      }
      if (!isWanted()) return 'unreadable';
      await wait(processClock, pauseMs);
    }
  }

  /**
   * Delivers the replies of a service's result as soon as the record shows that its commit was written. If it was not, the
   * service runs again and says them. If the conversation has ended meanwhile, they are reported as undelivered. Never throws.
   */
  async finishLater(
    result: UnclearResult,
    undelivered: Omit<Undelivered, 'answered'>,
  ): Promise<void> {
    const { openid, message: answered } = result;
    const { processClock: clock, lanes } = this.#core;
    const endsAt = clock.now() + this.#context.seen.ageMs;
    let pauseMs = FIRST_PAUSE_MS;
    for (; clock.now() + pauseMs <= endsAt; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
      await wait(clock, pauseMs);
      const trace = await lanes.run(openid, async () => {
        const found = await this.traceResult(result);
        if (found === 'written') await this.finish(openid, { ...undelivered, answered });
        else if (found === 'over') this.outbox.loseUnclear(openid, undelivered.owed.length);
        return found;
      });
      if (trace !== 'running' && trace !== 'unreadable') return;
    }
  }

  async #enqueue(
    openid: string,
    addition: Addition & { readonly ids: readonly string[] },
  ): Promise<void> {
    const { replies, ids } = addition;
    try {
      await this.#add(openid, () => addition);
    } catch (error) {
      this.#reporter.error(error, openid);
      this.#emit(openid, replies, ids);
      // The record may have them all the same: then they must not be sent again from there.
      this.outbox.remember(openid, ids);
    }
  }

  /** Sends replies at once, and only once. */
  #emit(openid: string, replies: readonly Reply[], ids: readonly string[]): void {
    if (!this.#events.heard('reply')) {
      return this.#reporter.error(noListener(openid), openid);
    }
    for (const [index, reply] of replies.entries()) {
      this.#events.emit('reply', { openid, reply, id: ids[index] as string });
    }
  }

  async #add(openid: string, additionTo: AdditionTo): Promise<Addition | undefined> {
    const { records, clock } = this.#core;
    for (let attempt = 1; ; attempt += 1) {
      const now = clock.now();
      const found = await records.load(openid, now);
      const addition = additionTo(found, now);
      if (addition === undefined) return undefined;
      try {
        const next = this.#recordWith(openid, found, addition, now);
        const committed = await records.commit(next, found);
        if (addition.isLeft !== true) {
          void this.outbox.flush(committed, addition.replies.length);
        }
        return addition;
      } catch (error) {
        if (!ColloquyError.is(error, 'conflict') || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  #recordWith(
    openid: string,
    found: ConversationRecord | undefined,
    { replies, ids, once, answered, given = NONE, told }: Addition,
    now: number,
  ): ConversationRecord {
    const { engine, maxContextBytes, seen, dueTimes, createId } = this.#context;
    const base =
      found === undefined || found.absent === 'corrupt'
        ? bareRecord({ openid, revision: 0, savedAt: now })
        : found;
    const offers = new OfferChanges(openid, base, undefined, now);
    const said = replies.map((reply) => offers.sayOutside(reply));
    // Replies with ids are those of a turn, which has noted them.
    const limits = ids === undefined ? engine.history : undefined;
    const history = limits && historyWith(base.history ?? NONE, { replies }, limits);
    return {
      ...base,
      ...(history && { history }),
      ...offers.finishOutside(maxContextBytes),
      ...(told && { told }),
      revision: 0,
      seen: remember(base.seen, { id: once ?? answered, replies: given }, now, seen),
      outbox: outboxWith(base.outbox, said, { now, ids, dueTimes, createId }),
    };
  }

  #idsFor(replies: readonly Reply[]): string[] {
    return replies.map(() => this.#context.createId());
  }
}

function wait(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    clock.wake(clock.now() + milliseconds, resolve);
  });
}

function noListener(openid: string | undefined): DeliveryError {
  return new DeliveryError(
    'no_reply_listener',
    "There is something to say outside of a handle() call and no listener takes it: add one with runner.on('reply', …).",
    { openid },
  );
}
