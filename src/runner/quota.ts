import { LRUCache } from 'lru-cache';
import { markOf } from '../context/record/id-key.ts';
import { UsageError } from '../errors.ts';
import { atLeast } from '../internal/at-least.ts';
import type { QuotaOptions } from './options.ts';
import type { Said } from './calls.ts';

const MAX_MESSAGES = 1000;
/** The maximum of users whose messages are counted; the one who was silent for longest is then counted from zero. */
const MAX_USERS = 10_000;

interface Spent {
  /** The messages that were taken in, the oldest first. */
  taken: { readonly at: number; readonly mark: string | undefined }[];
  toldAt: number;
}

/**
 * Counts the messages of each user. A message whose id was taken in within the time is the same one, and not counted again. What
 * is counted is in the memory of this process alone: nothing is read or written for a message that is over.
 */
export class Quota {
  readonly #say: QuotaOptions['say'];
  readonly #messages: number;
  readonly #perMs: number;
  readonly #users = new LRUCache<string, Spent>({ max: MAX_USERS });

  /** @throws UsageError `bad_option` */
  constructor({ messages, perMs, say }: QuotaOptions) {
    atLeast(1, perMs, 'lanes.quota.perMs');
    if (!Number.isInteger(messages) || messages < 1 || messages > MAX_MESSAGES) {
      throw new UsageError(
        'bad_option',
        `\`lanes.quota.messages\` is a whole number of 1 to ${MAX_MESSAGES}.`,
      );
    }
    this.#say = say;
    this.#messages = messages;
    this.#perMs = perMs;
  }

  /**
   * Takes a message in, if there is room for it.
   * @returns if there is none, what gives the words for the user: none but the first time
   */
  take(openid: string, id: string | undefined, now: number): (() => Said) | undefined {
    let spent = this.#users.get(openid);
    if (spent === undefined) this.#users.set(openid, (spent = { taken: [], toldAt: -Infinity }));
    const isRecent = (at: number): boolean => at > now - this.#perMs && at <= now;
    const taken = (spent.taken = spent.taken.filter(({ at }) => isRecent(at)));
    const mark = id === undefined ? id : markOf(id);
    if (mark !== undefined && taken.some((each) => each.mark === mark)) return undefined;
    if (taken.length < this.#messages) {
      taken.push({ at: now, mark });
      return undefined;
    }
    const isTold = isRecent(spent.toldAt);
    if (!isTold) spent.toldAt = now;
    return () => (isTold ? undefined : this.#say?.({ openid }));
  }
}
