import type { HeldCall } from '../../context/held-calls.ts';
import { checkLaneRoom } from '../../context/lane-room.ts';
import type { StoreCore } from '../../context/store-core.ts';
import { dueNow } from '../../context/record/outbox.ts';
import type { ConversationRecord } from '../../context/record/record.ts';
import { recall } from '../../context/record/seen-log.ts';
import { ColloquyError, DeliveryError } from '../../errors.ts';
import type { Events } from '../../internal/emitter.ts';
import { given as ifGiven } from '../../internal/given.ts';
import { type MaybePromise, attempt, chain } from '../../internal/maybe.ts';
import { checkOpenid } from '../../openid.ts';
import type { Reply } from '../../reply.ts';
import { type Said, type SayOptions, checkId, toReplies } from '../calls.ts';
import type { OutboxFlush, Plan, PlanContext } from '../commit-plan.ts';
import type { LeftReplies } from './left-replies.ts';
import type { RunnerEvents } from '../events.ts';
import type { Reporter } from '../reporting/reporter.ts';
import { type Addition, recordWithAddition } from './addition.ts';
import type { Exchange } from './exchange.ts';
import { Outbox } from './outbox.ts';

const MAX_ATTEMPTS = 20;

interface DeliveryOptions {
  readonly core: StoreCore;
  readonly events: Events<RunnerEvents>;
  readonly reporter: Reporter;
  readonly context: PlanContext & {
    readonly flushes: Map<string, OutboxFlush>;
    readonly left: LeftReplies;
  };
}

export interface Undelivered {
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
  /** What the platform wants back with them, where the message that they answer brought it. */
  readonly replyToken?: string | undefined;
}

/** What is added to the outbox of a record, if anything is. */
type AdditionTo = (record: ConversationRecord | undefined, now: number) => Addition | undefined;

/** Delivers every reply that is in no answer, as `reply` events: through the outbox of the record if there can be one. */
export class ReplyDelivery {
  readonly outbox: Outbox;
  readonly #core: StoreCore;
  readonly #events: Events<RunnerEvents>;
  readonly #reporter: Reporter;
  readonly #context: DeliveryOptions['context'];

  constructor({ core, events, reporter, context }: DeliveryOptions) {
    this.outbox = new Outbox({ core, events, reporter, flushes: context.flushes });
    this.#core = core;
    this.#events = events;
    this.#reporter = reporter;
    this.#context = context;
  }

  /**
   * Delivers the replies of a turn that no caller takes. No other place decides how. It is the last act of the turn in the
   * lane, so that they come before the replies of the next turn. Never throws.
   */
  finish(
    openid: string,
    { owed, isForgotten, replyToken, ...about }: Undelivered,
  ): MaybePromise<void> {
    if (owed.length === 0) return;
    const ids = this.#idsFor(owed);
    if (isForgotten === true || !this.#context.usesOutbox()) {
      return this.#emit(openid, owed, { ids, replyToken });
    }
    return this.#enqueue(openid, { ...about, replyToken, replies: owed, ids });
  }

  /** Delivers what the commit of a turn has put into the outbox. */
  flush({ record, enqueued }: Plan): void {
    void this.outbox.flush(record, enqueued);
  }

  /**
   * Delivers the replies of overdue timers that were left for the answer to a message, if the answer has not taken them. Other
   * processes leave them to this one. Never throws.
   */
  flushLeft(exchange: Exchange): void {
    const { records } = this.#core;
    const { openid } = exchange;
    void attempt<void>(
      () =>
        chain(records.cached(openid)?.record ?? records.read(openid), (record) =>
          record !== undefined && exchange.answers(record) ? this.outbox.flush(record) : undefined,
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

  /** @throws DeliveryError `no_reply_listener` if no listener would ever take the reply */
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

  async #enqueue(
    openid: string,
    addition: Addition & { readonly ids: readonly string[] },
  ): Promise<void> {
    const { replies, ids } = addition;
    try {
      await this.#add(openid, () => addition);
    } catch (error) {
      this.#reporter.error(error, openid);
      this.#emit(openid, replies, addition);
      // The record may have them all the same: then they must not be sent again from there.
      this.outbox.remember(openid, ids);
    }
  }

  /** Sends replies at once, and only once. */
  #emit(
    openid: string,
    replies: readonly Reply[],
    {
      ids,
      replyToken,
    }: { readonly ids: readonly string[]; readonly replyToken?: string | undefined },
  ): void {
    if (!this.#events.heard('reply')) {
      return this.#reporter.error(noListener(openid), openid);
    }
    for (const [index, reply] of replies.entries()) {
      const id = ids[index] as string;
      this.#events.emit('reply', { openid, reply, id, ...ifGiven({ replyToken }) });
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
        const next = recordWithAddition(this.#context, { openid, found }, addition, now);
        const committed = await records.commit(next, found);
        const { length } = addition.replies;
        if (addition.isLeft === true) this.#context.left.add(openid, committed.outbox, length);
        else void this.outbox.flush(committed, length);
        return addition;
      } catch (error) {
        if (!ColloquyError.is(error, 'conflict') || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  #idsFor(replies: readonly Reply[]): string[] {
    return replies.map(() => this.#context.createId());
  }
}

function noListener(openid: string | undefined): DeliveryError {
  return new DeliveryError(
    'no_reply_listener',
    "There is something to say outside of a handle() call and no listener takes it: add one with runner.on('reply', …).",
    { openid },
  );
}
