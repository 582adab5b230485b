import type { UnsentReply } from '../../context/record/record.ts';

/**
 * The replies that this process has left in an outbox for the answer to a message, as long as that message waits in the lane: the
 * first of them, by openid. While a process is suspended, another one may do what was overdue, and what the outbox then has is
 * delivered by that one.
 */
export class LeftReplies {
  readonly #firsts = new Map<string, string>();

  /** A turn has put the last `count` replies of an outbox there. */
  add(openid: string, outbox: readonly UnsentReply[], count: number): void {
    const first = outbox.at(-count)?.id;
    if (first !== undefined && !this.#firsts.has(openid)) this.#firsts.set(openid, first);
  }

  /** The id of the first one; empty where this process has left none. */
  firstFor(openid: string): string {
    return this.#firsts.get(openid) ?? '';
  }

  /** The message has its answer, or has not begun to wait. */
  forget(openid: string): void {
    this.#firsts.delete(openid);
  }
}
