import type { WorldState } from './world.ts';

/** A point in time that can be come back to. */
export interface SessionMoment extends WorldState {
  /** The last turn before it; 0 at the beginning. */
  readonly turn: number;
  /** The place in the log of calls. */
  readonly calls: number;
  /** Grows from one moment to the next in which one is kept. */
  readonly order: number;
}

/** The maximum of moments behind turns, and of those before what was done; the oldest leave first. */
const MAX_MOMENTS = 1000;
/** The maximum of bytes that moments hold beside what they share; the oldest leave first. */
const MAX_BYTES = 64 * 1024 * 1024;

/** The moments that a session can come back to. */
export class Timeline {
  /** Behind each turn, by its number. */
  #behind = new Map<number, SessionMoment>();
  /** Before each thing that was done, the last one at the end. */
  #before: SessionMoment[] = [];
  readonly #sizes = new WeakMap<SessionMoment, number>();
  #bytes = 0;
  #last: SessionMoment | undefined;

  /** The moment behind a turn; undefined if it is not kept. */
  at(turn: number): SessionMoment | undefined {
    return this.#behind.get(turn);
  }

  /** The numbers of the turns whose moments are kept. */
  get turns(): readonly number[] {
    return [...this.#behind.keys()];
  }

  /** Keeps the moment behind the last turn, in place of an earlier look at it. */
  keep(moment: SessionMoment): void {
    const former = this.#behind.get(moment.turn);
    if (former !== undefined) this.#drop(former);
    // A map has the order in which keys came.
    this.#behind.delete(moment.turn);
    this.#behind.set(moment.turn, moment);
    this.#weigh(moment);
    this.#shrink();
  }

  /** Something is about to be done, which can be undone. */
  begin(moment: SessionMoment): void {
    this.#before.push(moment);
    this.#weigh(moment);
    this.#shrink();
  }

  /** The moment before the last thing that was done, which is taken away; undefined if there is nothing left to undo. */
  undo(): SessionMoment | undefined {
    const moment = this.#before.pop();
    if (moment !== undefined) this.#drop(moment);
    return moment;
  }

  /** What came after a moment never happened. */
  rewind(moment: SessionMoment): void {
    for (const [turn, kept] of this.#behind) {
      if (turn <= moment.turn) continue;
      this.#drop(kept);
      this.#behind.delete(turn);
    }
    while ((this.#before.at(-1)?.order ?? 0) > moment.order) this.undo();
  }

  /** Everything begins again. */
  clear(): void {
    this.#behind.clear();
    this.#before = [];
    this.#bytes = 0;
  }

  /** Counts what a moment does not share with the one before it. */
  #weigh(moment: SessionMoment): void {
    const last = this.#last;
    this.#last = moment;
    let bytes = (moment.recorded?.lines.length ?? 0) * 8 + moment.records.size * 64;
    for (const [openid, record] of moment.records) {
      if (last?.records.get(openid) !== record) bytes += record.body.length * 2;
    }
    this.#sizes.set(moment, bytes);
    this.#bytes += bytes;
  }

  #drop(moment: SessionMoment): void {
    this.#bytes -= this.#sizes.get(moment) ?? 0;
    this.#sizes.delete(moment);
  }

  #shrink(): void {
    while (this.#isFull(this.#before.length)) this.#drop(this.#before.shift() as SessionMoment);
    while (this.#isFull(this.#behind.size)) {
      const [oldest] = this.#behind.values();
      if (oldest === undefined) return;
      this.#drop(oldest);
      this.#behind.delete(oldest.turn);
    }
  }

  #isFull(count: number): boolean {
    return count > MAX_MOMENTS || (this.#bytes > MAX_BYTES && count > 1);
  }
}
