import { MAX_UNSENT } from './record/outbox.ts';
import { NONE } from './record/record.ts';

/**
 * The maximum of users for whom ids are remembered. For other users, a reply that was delivered and could not be removed from
 * the record is delivered twice.
 */
const MAX_REMEMBERED = 10_000;

/** The ids of replies that were delivered and are still in the record, by openid. */
export class DeliveredReplies {
  readonly #ids = new Map<string, readonly string[]>();

  of(openid: string): readonly string[] {
    return this.#ids.get(openid) ?? NONE;
  }

  set(openid: string, ids: readonly string[]): void {
    if (ids.length === 0) this.#ids.delete(openid);
    else if (this.#ids.size < MAX_REMEMBERED || this.#ids.has(openid)) this.#ids.set(openid, ids);
  }

  /** Adds ids to those of a user. */
  remember(openid: string, ids: readonly string[]): void {
    const known = new Set([...this.of(openid), ...ids]);
    this.set(openid, [...known].slice(-MAX_UNSENT));
  }
}
