import type { StoreCore } from '../context/store-core.ts';
import {
  type ConversationRecord,
  NONE,
  type UnsentReply,
  bareRecord,
  isKept,
} from '../context/record/record.ts';
import { recall, remember } from '../context/record/seen-log.ts';
import { ColloquyError } from '../errors.ts';
import type { Events } from '../internal/emitter.ts';
import { type MaybePromise, chain } from '../internal/maybe.ts';
import type { Reply } from '../reply.ts';
import type { RunnerEvents } from './events.ts';
import { OfferChanges } from '../context/record/offers.ts';
import type { PlanContext } from './commit-plan.ts';
import {
  LONGEST_WAIT_MS,
  dueNotBefore,
  isRefusal,
  outboxWith,
  putOff,
  waitIn,
} from '../context/record/outbox.ts';
import { noListener, undelivered } from './undelivered.ts';

/** After so many tries, over an hour or so, a reply is given up and reported. */
const MAX_TRIES = 20;
/** Of so many openids it is remembered what was handed over while the write that says so failed; of more it is told twice. */
const MAX_TOLD = 10_000;
/** So long the end of a runner waits for listeners. */
const LONGEST_REST_MS = 5000;

/** What became of the replies of an outbox that were offered, from the first on. */
interface Offered {
  /** Of those that were taken, or given up. */
  readonly ids: ReadonlySet<string>;
  /** The first that was not, and how it goes on with it and those behind it. */
  readonly next?: Next;
}

/** The replies of one openid, which may become another one while they are handed over. */
interface Sending {
  openid: string;
}

interface Next {
  readonly id: string;
  /** Tried again, said with the answer to the user's next message, or, untried, no earlier than was asked for. */
  readonly way: 'later' | 'keep' | 'wait';
  /** For so long, in ms, it is not to be tried again. */
  readonly waitMs: number;
}

/**
 * Hands over what was said while nobody waited for it. It was committed with the turn that said it, and leaves the
 * record only when every listener has taken it: in order, and over a persister at least once, also over a crash. What a
 * listener refuses with an error that has `details.retryAfterMs`, milliseconds, is not told again before, whatever is said
 * in between.
 */
export class Outbox {
  readonly #core: StoreCore;
  readonly #events: Events<RunnerEvents>;
  readonly #context: PlanContext;
  readonly #report: (error: unknown, openid: string) => void;
  /** The openids whose replies are being handed over. */
  readonly #sending = new Map<string, Sending>();
  /** The ids of what was handed over and is still in the record, because it could not be written. */
  readonly #told = new Map<string, readonly string[]>();
  #waiting: { readonly openid: string | undefined; readonly resolve: () => void }[] = [];

  constructor(
    core: StoreCore,
    events: Events<RunnerEvents>,
    context: PlanContext,
    report: (error: unknown, openid: string) => void,
  ) {
    this.#core = core;
    this.#events = events;
    this.#context = context;
    this.#report = report;
  }

  /** Of how many openids replies are being handed over. */
  get size(): number {
    return this.#sending.size;
  }

  /**
   * Puts replies into the outbox of a user by a commit of their own, and sends them. Takes the lane.
   * @param id makes it happen once, for as long as ids of messages are remembered
   * @returns whether this is the first time
   */
  async add(openid: string, replies: readonly Reply[], id?: string): Promise<boolean> {
    return this.#run(openid, { replies, once: id === undefined ? id : `say:${id}` });
  }

  async #run(openid: string, addition: Addition): Promise<boolean> {
    const { length } = addition.replies;
    if (length === 0) return true;
    if (!this.#context.posts()) throw noListener(openid, length);
    const result = await this.#core.lanes.run(openid, async () => {
      try {
        return await this.#add(openid, addition, 1);
      } catch (error) {
        return { error };
      }
    });
    if (typeof result === 'boolean') return result;
    throw result.error;
  }

  /**
   * The same for what a turn left unsaid; where it cannot be kept, it is told at once. Never rejects.
   * @param answered the message that it was said to: delivered again, it is not told the same
   * @param inLane whether the caller holds the lane
   */
  async catchUp(
    openid: string,
    replies: readonly Reply[],
    answered?: string,
    inLane = false,
  ): Promise<void> {
    if (replies.length === 0) return;
    if (!this.#context.posts()) return this.tell(openid, replies);
    const ids = replies.map(() => this.#context.createId());
    try {
      if (inLane) await this.#add(openid, { replies, ids, answered }, 1);
      else await this.#run(openid, { replies, ids, answered });
    } catch (error) {
      this.#report(error, openid);
      this.tell(openid, replies, ids);
      // It may have been written all the same: then it is found in the record, and is not told again.
      this.#remember(openid, [...this.#toldOf(openid), ...ids]);
    }
  }

  /** Hands replies over at once, and only once: for a user of whom nothing is to be kept. Never throws. */
  tell(
    openid: string,
    replies: readonly Reply[],
    ids: readonly string[] = replies.map(() => this.#context.createId()),
  ): void {
    if (replies.length === 0) return;
    if (!this.#events.heard('reply')) {
      return this.#report(noListener(openid, replies.length), openid);
    }
    for (const [index, reply] of replies.entries()) {
      this.#events.emit('reply', { openid, reply, id: ids[index] as string });
    }
  }

  /**
   * Sends what is in the outbox of a record, as far as it goes; what is added meanwhile is sent after it. Never throws.
   * @param own how many of the last have just been put there by this process
   */
  send(record: ConversationRecord, own: number = record.outbox.length): MaybePromise<void> {
    const { openid, outbox } = record;
    if (outbox.length === 0 || isKept(outbox) || this.#sending.has(openid)) return;
    if (this.#isWithOther(record, own)) return;
    const waitMs = this.#waitOf(outbox);
    if (waitMs > 0) return this.#wait(record, waitMs);
    const sending = this.#begin(openid);
    return chain(this.#offer(record, 0, new Set()), (offered) => this.#settle(sending, offered));
  }

  #begin(openid: string): Sending {
    const sending = { openid };
    this.#sending.set(openid, sending);
    return sending;
  }

  /** A conversation has another openid: what is being handed over is taken out of its record there. */
  move(from: string, openid: string): void {
    const told = this.#toldOf(from);
    this.#remember(openid, told);
    this.#remember(from, []);
    const sending = this.#sending.get(from);
    if (sending === undefined) return;
    this.#sending.delete(from);
    sending.openid = openid;
    this.#sending.set(openid, sending);
    this.#tellRested();
  }

  /** Resolves when nothing is being handed over any more, or after a while: a listener may never come to its end. */
  async rest(): Promise<void> {
    if (this.#sending.size === 0) return;
    const { clock } = this.#core;
    await new Promise<void>((done) => {
      const cancel = clock.wake(clock.now() + LONGEST_REST_MS, done, { holdsProcess: true });
      const resolve = (): void => {
        cancel();
        done();
      };
      this.#waiting.push({ openid: undefined, resolve });
    });
  }

  /** Resolves when what is being handed over to this user is; undefined where there is nothing. */
  busyWith(openid: string): Promise<void> | undefined {
    if (!this.#sending.has(openid)) return undefined;
    return new Promise((resolve) => void this.#waiting.push({ openid, resolve }));
  }

  async #add(openid: string, addition: Addition, attempt: number): Promise<boolean> {
    const { replies, ids, once, answered } = addition;
    const { records, clock } = this.#core;
    const now = clock.now();
    const found = await records.load(openid, now);
    const { seen: limits } = this.#context;
    if (once !== undefined && found && recall(found.seen, once, now, limits)) return false;
    const base =
      found === undefined || found.absent === 'corrupt'
        ? bareRecord({ openid, revision: 0, savedAt: now })
        : found;
    const asking = new OfferChanges(openid, base, undefined, now);
    const named = replies.map((reply) => asking.sayOutside(reply));
    const next: ConversationRecord = {
      ...base,
      ...asking.finishOutside(this.#context.maxContextBytes),
      revision: 0,
      seen: remember(base.seen, once ?? answered, NONE, now, limits),
      outbox: outboxWith(base.outbox, named, { now, ids, ...this.#context }),
    };
    try {
      void this.send(await records.commit(next, found), replies.length);
      return true;
    } catch (error) {
      if (!ColloquyError.is(error, 'conflict') || attempt === MAX_TRIES) throw error;
      return this.#add(openid, addition, attempt + 1);
    }
  }

  /**
   * Whether what stands before our own is being told by the process that put it there. Then that one goes on with ours:
   * what is said stays in order, and is told once.
   */
  #isWithOther({ openid, outbox }: ConversationRecord, own: number): boolean {
    const { dueTimes } = this.#core.records;
    const told = this.#toldOf(openid);
    return outbox
      .slice(0, outbox.length - own)
      .some((unsent) => dueTimes.mayBeWithOther(unsent) && !told.includes(unsent.id));
  }

  /** For how long nothing of an outbox is to be tried. */
  #waitOf([first]: readonly UnsentReply[]): number {
    const waitMs = (first?.notBefore ?? 0) - this.#core.clock.now();
    // Of a clock that was set back, or a record that was tampered with.
    return waitMs <= LONGEST_WAIT_MS ? waitMs : 0;
  }

  /** What came into an outbox that waits is due with the rest of it. */
  #wait({ openid, outbox: [first, ...others] }: ConversationRecord, waitMs: number): void {
    const until = this.#core.clock.now() + waitMs;
    if (first === undefined || others.every(({ dueAt }) => dueAt >= until)) return;
    this.#settle(this.#begin(openid), {
      ids: new Set(),
      next: { id: first.id, way: 'wait', waitMs },
    });
  }

  #offer(record: ConversationRecord, index: number, ids: Set<string>): MaybePromise<Offered> {
    const unsent = record.outbox[index];
    if (unsent === undefined) return { ids };
    const { openid } = record;
    const { id, reply } = unsent;
    if (this.#toldOf(openid).includes(id)) {
      ids.add(id);
      return this.#offer(record, index + 1, ids);
    }
    return chain(this.#events.deliver('reply', { openid, reply, id }), (faults) => {
      const way = this.#judge(faults, openid);
      if (way === 'later' || way === 'keep')
        return { ids, next: { id, way, waitMs: waitIn(faults) } };
      ids.add(id);
      return this.#offer(record, index + 1, ids);
    });
  }

  /** How it goes on with a reply: what may go better is tried again, whatever the other listeners say. */
  #judge(
    faults: readonly unknown[] | undefined,
    openid: string,
  ): 'taken' | 'refused' | 'keep' | 'later' {
    if (faults === undefined) return 'later';
    const closed: unknown[] = faults.filter((fault) => ColloquyError.is(fault, 'push_closed'));
    for (const fault of faults) if (!closed.includes(fault)) this.#report(fault, openid);
    if (faults.some((fault) => !closed.includes(fault) && !isRefusal(fault))) return 'later';
    if (closed.length > 0) return 'keep';
    return faults.length > 0 ? 'refused' : 'taken';
  }

  /** Takes what was sent out of the record, in the lane, and puts off what was not. */
  #settle(sending: Sending, offered: Offered): void {
    const { openid } = sending;
    void this.#core.lanes.run(openid, () =>
      // It may have been moved while this waited.
      sending.openid === openid ? this.#commit(openid, offered, 1) : this.#settle(sending, offered),
    );
  }

  async #commit(openid: string, offered: Offered, attempt: number): Promise<void> {
    const { records, clock } = this.#core;
    const { ids, next } = offered;
    try {
      const record = await records.load(openid);
      if (record === undefined) return this.#end(openid, [], undefined);
      const left = record.outbox.filter(({ id }) => !ids.has(id));
      const outbox = this.#putOff(openid, left, next, clock.now());
      const committed = await records.commit({ ...record, revision: 0, outbox }, record);
      const told = this.#toldOf(openid).filter((id) => outbox.some((unsent) => unsent.id === id));
      this.#end(openid, told, next === undefined ? committed : undefined);
    } catch (error) {
      if (ColloquyError.is(error, 'conflict') && attempt < MAX_TRIES) {
        return this.#commit(openid, offered, attempt + 1);
      }
      // It stays in the record, and the scheduler comes back to it: after a crash, told twice is better than lost.
      this.#report(error, openid);
      this.#end(openid, [...this.#toldOf(openid), ...ids], undefined);
    }
  }

  #putOff(
    openid: string,
    left: readonly UnsentReply[],
    next: Offered['next'],
    now: number,
  ): readonly UnsentReply[] {
    const [first, ...others] = left;
    // The one that was offered may have left with the answer to a message in the meantime.
    if (first === undefined || first.id !== next?.id) return left;
    if (next.way === 'keep') return [{ ...first, kept: true }, ...others];
    if (next.way === 'wait') return left.map((unsent) => dueNotBefore(unsent, now + next.waitMs));
    return left
      .map((unsent) => putOff(unsent, now, next.waitMs))
      .filter((unsent) => unsent.tries < MAX_TRIES || this.#giveUp(openid, unsent));
  }

  #toldOf(openid: string): readonly string[] {
    return this.#told.get(openid) ?? NONE;
  }

  #remember(openid: string, told: readonly string[]): void {
    if (told.length === 0) this.#told.delete(openid);
    else if (this.#told.size < MAX_TOLD || this.#told.has(openid)) {
      this.#told.set(openid, told);
    }
  }

  /** @param told what is in the record all the same */
  #end(openid: string, told: readonly string[], next: ConversationRecord | undefined): void {
    this.#sending.delete(openid);
    this.#remember(openid, told);
    // Not in the lane, which is for the next message whatever a listener takes.
    if (next !== undefined) void this.send(next);
    this.#tellRested();
  }

  /** Tells those who wait for what has come to its end. */
  #tellRested(): void {
    if (this.#waiting.length === 0) return;
    const isOver = (whom: string | undefined): boolean =>
      whom === undefined ? this.#sending.size === 0 : !this.#sending.has(whom);
    const waiting = this.#waiting;
    this.#waiting = waiting.filter((waiter) => !isOver(waiter.openid));
    for (const waiter of waiting) if (isOver(waiter.openid)) waiter.resolve();
  }

  /** Reports what is lost with a conversation that is gone. */
  lose({ openid, outbox }: ConversationRecord): void {
    for (const { tries } of outbox) {
      this.#reportUndelivered(
        openid,
        tries,
        'the conversation came to its end before it was taken',
      );
    }
  }

  #giveUp(openid: string, { tries }: UnsentReply): false {
    const reason = "a listener of runner.on('reply', …) threw each time, or there was none";
    this.#reportUndelivered(openid, tries, reason);
    return false;
  }

  #reportUndelivered(openid: string, tries: number, reason: string): void {
    this.#report(undelivered(openid, tries, reason), openid);
  }
}

/** What is put into an outbox. */
interface Addition {
  readonly replies: readonly Reply[];
  /** Under which they are told; made for them where there are none yet. */
  readonly ids?: readonly string[];
  /** What is remembered of it as of a message, so that it is put there once. */
  readonly once?: string | undefined;
  /** The id of the message that gets nothing of it any more when it is delivered again. */
  readonly answered?: string | undefined;
}
