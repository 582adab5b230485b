import type { StoreCore } from '../context/core.ts';
import type { ConversationRecord, UnsentReply } from '../context/record.ts';
import { DeliveryError } from '../errors.ts';
import type { Events } from '../internal/events.ts';
import { type MaybePromise, chain } from '../internal/maybe.ts';
import type { RunnerEvents } from './events.ts';

/** A reply that could not be handed over is tried again after a second, then after twice that, and so on up to this. */
const LONGEST_PAUSE_MS = 300_000;
const FIRST_PAUSE_MS = 1000;
/** After so many tries, over an hour or so, a reply is given up and reported. */
const MAX_TRIES = 20;
/** Of so many openids it is remembered what was handed over while the write that says so failed; of more it is told twice. */
const MAX_TOLD = 10_000;
/** So long the end of a runner waits for listeners. */
const LONGEST_REST_MS = 5000;

/**
 * Hands over what was said while nobody waited for it. It was committed with the turn that said it, and leaves the
 * record only when every listener has taken it: at least once, in order, also over a crash.
 */
export class Outbox {
  readonly #core: StoreCore;
  readonly #events: Events<RunnerEvents>;
  readonly #report: (error: unknown, openid: string) => void;
  /** The openids whose replies are being handed over. */
  readonly #sending = new Set<string>();
  /** The ids of what was handed over and is still in the record, because it could not be written. */
  readonly #told = new Map<string, ReadonlySet<string>>();
  #idle: (() => void)[] = [];

  constructor(
    core: StoreCore,
    events: Events<RunnerEvents>,
    report: (error: unknown, openid: string) => void,
  ) {
    this.#core = core;
    this.#events = events;
    this.#report = report;
  }

  /**
   * Sends what is in the outbox of a record, as far as it goes; what is added meanwhile is sent after it. Never throws.
   * @param own how many of the last have just been put there by this process
   */
  send(record: ConversationRecord, own: number = record.outbox.length): MaybePromise<void> {
    const { openid } = record;
    if (record.outbox.length === 0 || this.#sending.has(openid)) return;
    if (this.#isWithOther(record, own)) return;
    this.#sending.add(openid);
    return chain(this.#sendFrom(record, 0), (sent) => this.#settle(openid, record.outbox, sent));
  }

  /** Resolves when nothing is being handed over any more, or after a while: a listener may never come to its end. */
  async rest(): Promise<void> {
    if (this.#sending.size === 0) return;
    const { clock } = this.#core;
    await new Promise<void>((resolve) => {
      const cancel = clock.wake(clock.now() + LONGEST_REST_MS, resolve, { holdsProcess: true });
      this.#idle.push(() => {
        cancel();
        resolve();
      });
    });
  }

  /**
   * Whether what stands before our own is being told by the process that put it there. Then that one goes on with ours:
   * what is said stays in order, and is told once.
   */
  #isWithOther({ openid, outbox }: ConversationRecord, own: number): boolean {
    const { records, clock } = this.#core;
    if (!records.shared) return false;
    const now = clock.now();
    const told = this.#told.get(openid) ?? NOTHING;
    return outbox
      .slice(0, outbox.length - own)
      .some(({ id, dueAt }) => dueAt > now && !told.has(id));
  }

  /** @returns how many were taken, from the first on */
  #sendFrom(record: ConversationRecord, index: number): MaybePromise<number> {
    const unsent = record.outbox[index];
    if (unsent === undefined) return index;
    const { openid } = record;
    const { id, reply } = unsent;
    if (this.#told.get(openid)?.has(id)) return this.#sendFrom(record, index + 1);
    return chain(this.#events.deliver('reply', { openid, reply, id }), (taken) =>
      taken ? this.#sendFrom(record, index + 1) : index,
    );
  }

  /** Takes what was sent out of the record, in the lane, and puts off what was not. */
  #settle(openid: string, outbox: readonly UnsentReply[], sent: number): void {
    const sentIds = new Set(outbox.slice(0, sent).map(({ id }) => id));
    const failed = outbox[sent];
    void this.#core.lanes.run(openid, () => this.#commit(openid, sentIds, failed, 1));
  }

  async #commit(
    openid: string,
    sent: ReadonlySet<string>,
    failed: UnsentReply | undefined,
    attempt: number,
  ): Promise<void> {
    const { records, clock } = this.#core;
    try {
      const record = await records.load(openid);
      if (record === undefined) return this.#end(openid, NOTHING, undefined);
      const outbox = record.outbox
        .filter(({ id }) => !sent.has(id))
        .map((unsent) => (failed === undefined ? unsent : putOff(unsent, clock.now())))
        .filter((unsent) => unsent.tries < MAX_TRIES || this.#giveUp(openid, unsent));
      const committed = await records.commit({ ...record, revision: 0, outbox }, record);
      this.#end(openid, NOTHING, failed === undefined ? committed : undefined);
    } catch (error) {
      if (isConflict(error) && attempt < MAX_TRIES) {
        return this.#commit(openid, sent, failed, attempt + 1);
      }
      // It stays in the record, and the scheduler comes back to it: after a crash, told twice is better than lost.
      this.#report(error, openid);
      this.#end(openid, sent, undefined);
    }
  }

  #end(openid: string, told: ReadonlySet<string>, next: ConversationRecord | undefined): void {
    this.#sending.delete(openid);
    if (told.size === 0) this.#told.delete(openid);
    else if (this.#told.size < MAX_TOLD) this.#told.set(openid, told);
    // Not in the lane, which is for the next message whatever a listener takes.
    if (next !== undefined) void this.send(next);
    if (this.#sending.size > 0) return;
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }

  #giveUp(openid: string, { tries }: UnsentReply): false {
    this.#report(
      new DeliveryError(
        'undelivered',
        `A reply was given up after ${tries} tries: a listener of runner.on('reply', …) threw each time, or there was none.`,
        { openid, details: { tries } },
      ),
      openid,
    );
    return false;
  }
}

const NOTHING: ReadonlySet<string> = new Set();

function putOff(unsent: UnsentReply, now: number): UnsentReply {
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** unsent.tries, LONGEST_PAUSE_MS);
  return { ...unsent, tries: unsent.tries + 1, dueAt: now + pause };
}

function isConflict(error: unknown): boolean {
  return (error as { code?: unknown } | undefined)?.code === 'conflict';
}
