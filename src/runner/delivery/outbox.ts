import { DeliveredReplies } from '../../context/delivered-replies.ts';
import type { StoreCore } from '../../context/store-core.ts';
import { LONGEST_WAIT_MS, dueNotBefore, putOff } from '../../context/record/outbox.ts';
import { type ConversationRecord, type UnsentReply, isKept } from '../../context/record/record.ts';
import { ColloquyError } from '../../errors.ts';
import { Barrier } from '../../internal/async.ts';
import type { Events } from '../../internal/emitter.ts';
import { given } from '../../internal/given.ts';
import { type MaybePromise, chain } from '../../internal/maybe.ts';
import type { OutboxFlush } from '../commit-plan.ts';
import type { RunnerEvents } from '../events.ts';
import type { Reporter } from '../reporting/reporter.ts';
import { type Listening, type ReplyFate, offerReply } from './listeners.ts';
import { reportGivenUp } from './lost-replies.ts';

/** After this number of tries, which take about an hour, a reply is given up and reported. */
const MAX_TRIES = 20;
/** The maximum of users whose replies are delivered at a time; those of others wait in their records. */
const MAX_FLUSHES = 10_000;
/** Milliseconds for which the end of a runner waits for listeners. */
const LONGEST_REST_MS = 5000;

/** What became of the replies of one outbox, from the first on. */
interface Flushed {
  /** Ids of the replies that were taken or refused. */
  readonly ids: ReadonlySet<string>;
  /** The first reply that was neither. */
  readonly next?: Next;
}

interface Next {
  readonly id: string;
  /** With `wait`, it waits without having been tried. */
  readonly action: Exclude<ReplyFate['action'], 'remove'> | 'wait';
  /** Milliseconds for which it must not be tried. */
  readonly waitMs: number;
  /** What it was tried with. */
  readonly replyToken?: string;
}

interface OutboxOptions {
  readonly core: StoreCore;
  readonly events: Events<RunnerEvents>;
  readonly reporter: Reporter;
  readonly flushes: Map<string, OutboxFlush>;
}

/**
 * Delivers the replies in the outboxes of records as `reply` events. A reply leaves the record only when every listener
 * has taken it: in order and, over a persister, at least once, also after a crash. A listener that fails with an error
 * with `details.retryAfterMs` gets the reply, and those behind it, no earlier.
 */
export class Outbox {
  readonly #core: StoreCore;
  readonly #reporter: Reporter;
  /** The flushes under way, by openid. */
  readonly #flushes: Map<string, OutboxFlush>;
  readonly #delivered = new DeliveredReplies();
  readonly #idle = new Barrier();
  readonly #listening: Listening;

  constructor({ core, events, reporter, flushes }: OutboxOptions) {
    this.#flushes = flushes;
    this.#core = core;
    this.#reporter = reporter;
    this.#listening = { core, events, reporter, delivered: this.#delivered, habit: {} };
  }

  /** Number of users whose outbox is being flushed. */
  get size(): number {
    return this.#flushes.size;
  }

  /**
   * Delivers what is in the outbox of a record, as far as listeners take it, and then what was added meanwhile. Never
   * throws.
   * @param own number of replies, from the last on, that this process has just added
   */
  flush(record: ConversationRecord, own: number = record.outbox.length): MaybePromise<void> {
    const { openid, outbox } = record;
    if (!this.#mayFlush(record) || this.#isOfOther(record, own)) return;
    const waitMs = this.#waitOf(outbox);
    if (waitMs > 0) return this.#wait(record, waitMs);
    const flush = this.#begin(openid);
    return chain(this.#offer(record, 0, new Set()), (flushed) => this.#remove(flush, flushed));
  }

  /**
   * Flushes an outbox that has been due. Other processes that share the record find it, too: they leave it to this one from
   * now on, since the record says so before the first reply is delivered. Runs in the lane.
   * @returns the record as it is then
   */
  flushDue(record: ConversationRecord): MaybePromise<ConversationRecord> {
    const { records, clock } = this.#core;
    const now = clock.now();
    const until = records.dueTimes.replyDueAt(now);
    if (until <= now || !this.#mayFlush(record) || this.#waitOf(record.outbox) > 0) {
      void this.flush(record);
      return record;
    }
    const outbox = record.outbox.map((unsent) => dueNotBefore(unsent, until));
    return chain(records.commit({ ...record, revision: 0, outbox }, record), (claimed) => {
      void this.flush(record);
      return claimed;
    });
  }

  /** Remembers replies that were delivered and may still be in the record. */
  remember(openid: string, ids: readonly string[]): void {
    this.#delivered.remember(openid, ids);
  }

  /**
   * Notes that a conversation has moved: the replies that are being delivered are removed from its record under the new
   * openid.
   */
  move(from: string, openid: string): void {
    const delivered = this.#delivered.of(from);
    this.#delivered.set(openid, delivered);
    this.#delivered.set(from, []);
    const flush = this.#flushes.get(from);
    if (flush === undefined) return;
    this.#flushes.delete(from);
    flush.openid = openid;
    this.#flushes.set(openid, flush);
    this.#idle.check();
  }

  /** Resolves when no flush is under way, or after a while: a listener may never end. */
  async rest(): Promise<void> {
    const { clock } = this.#core;
    const at = clock.now() + LONGEST_REST_MS;
    await this.#idle.until(() => this.#flushes.size === 0, { clock, at });
  }

  isIdle(openid: string): boolean {
    return !this.#flushes.has(openid);
  }

  /** Resolves when the outbox of this user is not being flushed. */
  async untilIdle(openid: string): Promise<void> {
    await this.#idle.until(() => this.isIdle(openid));
  }

  /** Whether there is something to flush. If there are too many flushes, the scheduler comes back to the record. */
  #mayFlush({ openid, outbox }: ConversationRecord): boolean {
    const isIdle = outbox.length > 0 && !isKept(outbox) && !this.#flushes.has(openid);
    return isIdle && this.#flushes.size < MAX_FLUSHES;
  }

  #begin(openid: string): OutboxFlush {
    const flush = { openid };
    this.#flushes.set(openid, flush);
    return flush;
  }

  /**
   * Whether another process has put the first replies there and is delivering them. Then it delivers ours, too: so
   * replies stay in order, and each is sent once.
   */
  #isOfOther({ openid, outbox }: ConversationRecord, own: number): boolean {
    const { dueTimes } = this.#core.records;
    const delivered = this.#delivered.of(openid);
    return outbox
      .slice(0, outbox.length - own)
      .some((unsent) => dueTimes.mayBeWithOther(unsent) && !delivered.includes(unsent.id));
  }

  /** Milliseconds for which no reply of an outbox may be tried: a new reply does not cause another try of the first one. */
  #waitOf([first]: readonly UnsentReply[]): number {
    const failedUntil = first !== undefined && first.tries > 0 ? first.dueAt : 0;
    const waitMs = (first?.notBefore ?? failedUntil) - this.#core.clock.now();
    // A longer wait is from a clock that was set back, or a record that was tampered with.
    return waitMs <= LONGEST_WAIT_MS ? waitMs : 0;
  }

  /** Puts off the replies behind a first one that has to wait, so that all are due at the same time. */
  #wait({ openid, outbox: [first, ...others] }: ConversationRecord, waitMs: number): void {
    const until = this.#core.clock.now() + waitMs;
    if (first === undefined || others.every(({ dueAt }) => dueAt >= until)) return;
    const next = { id: first.id, action: 'wait', waitMs } as const;
    this.#remove(this.#begin(openid), { ids: new Set(), next });
  }

  #offer(record: ConversationRecord, index: number, ids: Set<string>): MaybePromise<Flushed> {
    const unsent = record.outbox[index];
    if (unsent === undefined) return { ids };
    const { openid } = record;
    const { id, reply } = unsent;
    if (this.#delivered.of(openid).includes(id)) {
      ids.add(id);
      return this.#offer(record, index + 1, ids);
    }
    const tried = given({ replyToken: record.replyToken });
    const offered = offerReply(this.#listening, { openid, reply, id, ...tried });
    return chain(offered, ({ action, waitMs }) => {
      if (action !== 'remove') return { ids, next: { id, action, waitMs, ...tried } };
      ids.add(id);
      return this.#offer(record, index + 1, ids);
    });
  }

  /** Removes the delivered replies from the record, in the lane, and puts off the next one. */
  #remove(flush: OutboxFlush, flushed: Flushed): void {
    const { openid } = flush;
    void this.#core.lanes.run(openid, () =>
      // The conversation may have moved while this waited for the lane.
      flush.openid === openid ? this.#commit(openid, flushed, 1) : this.#remove(flush, flushed),
    );
  }

  async #commit(openid: string, flushed: Flushed, tries: number): Promise<void> {
    const { records, clock } = this.#core;
    const { ids, next } = flushed;
    try {
      const record = await records.load(openid);
      if (record === undefined) return this.#end(openid, [], undefined);
      const left = record.outbox.filter(({ id }) => !ids.has(id));
      // Who has written meanwhile can be reached again.
      const isOpen = next?.action === 'defer' && next.replyToken !== record.replyToken;
      const outbox = isOpen ? left : this.#putOff(openid, left, next, clock.now());
      const committed = await records.commit({ ...record, revision: 0, outbox }, record);
      const delivered = this.#delivered.of(openid);
      const still = delivered.filter((id) => outbox.some((unsent) => unsent.id === id));
      this.#end(openid, still, next === undefined || isOpen ? committed : undefined);
    } catch (error) {
      if (ColloquyError.is(error, 'conflict') && tries < MAX_TRIES) {
        return this.#commit(openid, flushed, tries + 1);
      }
      // The replies stay in the record, and the scheduler comes back to them. After a crash they are delivered twice.
      this.#reporter.error(error, openid);
      this.#delivered.remember(openid, [...ids]);
      this.#end(openid, this.#delivered.of(openid), undefined);
    }
  }

  #putOff(
    openid: string,
    left: readonly UnsentReply[],
    next: Next | undefined,
    now: number,
  ): readonly UnsentReply[] {
    const [first, ...others] = left;
    // The answer to a message may have taken the reply meanwhile.
    if (first === undefined || first.id !== next?.id) return left;
    if (next.action === 'defer') return [{ ...first, kept: true }, ...others];
    if (next.action === 'wait' || next.action === 'pace') {
      const until = now + next.waitMs;
      const waiting = left.map((unsent) => dueNotBefore(unsent, until));
      // A new reply behind them does not ask for room again.
      return next.action === 'wait'
        ? waiting
        : waiting.with(0, { ...first, ...waiting[0], notBefore: until });
    }
    const reason = "a listener of runner.on('reply', …) threw each time, or there was none";
    return left
      .map((unsent) => putOff(unsent, now, next.waitMs))
      .filter(
        ({ tries }) => tries < MAX_TRIES || reportGivenUp(this.#reporter, openid, tries, reason),
      );
  }

  /**
   * @param delivered ids of delivered replies that are still in the record
   * @param next the record, if more may be in its outbox
   */
  #end(openid: string, delivered: readonly string[], next: ConversationRecord | undefined): void {
    this.#flushes.delete(openid);
    this.#delivered.set(openid, delivered);
    // A listener may take long: the lane does not wait for it.
    if (next !== undefined) void this.flush(next);
    this.#idle.check();
  }
}
