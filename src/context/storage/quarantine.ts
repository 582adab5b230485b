import type { Clock } from '../../clock.ts';
import { ConflictError, PersistError, UsageError } from '../../errors.ts';
import { utf8Size } from '../../internal/utf8-size.ts';
import type { LoadedRecord, Persister } from '../../persist/persister.ts';
import type { Holders } from '../holders.ts';
import type { PersisterCalls } from './persister-calls.ts';
import { type Codec, openRecord } from '../record/envelope.ts';
import { type Aside, type ConversationRecord, bareRecord } from '../record/record.ts';

/** A stored record that does not open. */
export interface CorruptRecord {
  /** The user whose record it is. */
  readonly openid: string;
  /** The body that the persister has. */
  readonly body: string;
  /** Why it does not open: a PersistError `corrupt`, with a `CorruptReason` as its `details.reason`. */
  readonly error: unknown;
}

/**
 * What a store does with a stored record that does not open, when a new record of its user replaces it.
 *
 * - `keep` puts its body into the envelope of the new record, under `aside`, where it stays as long as that user has a
 *   record. A body of over 256 KB is not replaced: the commit fails with a PersistError `corrupt`.
 * - `discard` drops it.
 * - A function may store it elsewhere before it answers. It has the time of a persister call. If it throws, nothing is
 *   replaced. If the commit fails after it, it is called again.
 */
export type OnCorrupt =
  // A union of all three at once would make users write `as const`.
  'keep' | 'discard' | ((about: CorruptRecord) => Promise<'keep' | 'discard'>);

/** The most bytes of a body that a new record takes along. */
const MAX_ASIDE_BYTES = 256 * 1024;

export interface QuarantineOptions {
  readonly codec: Codec;
  readonly onCorrupt: OnCorrupt;
  readonly clock: Clock;
  readonly ageSeconds: number;
}

/** @throws UsageError `bad_option` */
export function checkOnCorrupt(onCorrupt: OnCorrupt): OnCorrupt {
  if (onCorrupt === 'keep' || onCorrupt === 'discard' || typeof onCorrupt === 'function') {
    return onCorrupt;
  }
  throw new UsageError('bad_option', "`onCorrupt` must be 'keep', 'discard' or a function.");
}

/** The same, known as a function that a lane waits for. */
export function heldBy(holders: Holders, onCorrupt: OnCorrupt): OnCorrupt {
  if (typeof onCorrupt !== 'function') return onCorrupt;
  const habit = {};
  return async (about) =>
    holders.hold({ openid: about.openid, kind: 'onCorrupt', habit }, () => onCorrupt(about));
}

/** Opens stored records, and keeps those that do not open. */
export class RecordOpener {
  readonly #options: QuarantineOptions;
  readonly #onError: (error: unknown, openid: string) => void;

  constructor(options: QuarantineOptions, onError: (error: unknown, openid: string) => void) {
    this.#options = options;
    this.#onError = onError;
  }

  /** The record. Where it does not open, an error is reported, and the result is a record that counts as absent. */
  open(stored: LoadedRecord): ConversationRecord {
    const { codec, clock, ageSeconds } = this.#options;
    try {
      return openRecord(stored, codec);
    } catch (error) {
      const { openid, revision, wakeAt } = stored;
      this.#onError(error, openid);
      const savedAt = clock.now();
      // Not before its own time: it may open again when the cause is repaired.
      const expiry = { at: Math.max(savedAt, wakeAt) + ageSeconds * 1000 };
      return bareRecord({ absent: 'corrupt', openid, revision, savedAt, expiry });
    }
  }

  /**
   * What the record that replaces `base`, which does not open, takes along of it.
   * @throws PersistError `corrupt` where it must not be replaced; ConflictError where it has changed, or opens after all
   */
  quarantine(
    persister: Persister,
    calls: PersisterCalls,
    { openid, revision }: ConversationRecord,
  ): Promise<Aside | undefined> {
    const { codec, onCorrupt, clock } = this.#options;
    const work = async (): Promise<Aside | undefined> => {
      const stored = await persister.load(openid);
      const error = stored?.revision === revision ? faultOf(stored, codec) : undefined;
      if (stored === undefined || error === undefined) throw new ConflictError(openid);
      const { body } = stored;
      const answer =
        typeof onCorrupt === 'function' ? await ask(onCorrupt, { openid, body, error }) : onCorrupt;
      return answer === 'discard' ? undefined : toAside(openid, body, clock.now());
    };
    return calls.read(openid, work, (aside) => aside);
  }
}

function toAside(openid: string, body: string, since: number): Aside {
  const size = utf8Size(body);
  if (size <= MAX_ASIDE_BYTES) return { body, since };
  throw new PersistError(
    'corrupt',
    `A stored record of ${size} bytes does not open, and is too big for the next one to take along, so nothing was saved over it. Find out why it does not open, or have \`onCorrupt\` store it elsewhere and answer 'discard'.`,
    { openid, details: { reason: 'too_big_to_keep', size, limit: MAX_ASIDE_BYTES } },
  );
}

function faultOf(stored: LoadedRecord, codec: Codec): unknown {
  try {
    openRecord(stored, codec);
    return undefined;
  } catch (error) {
    return error;
  }
}

async function ask(
  onCorrupt: Exclude<OnCorrupt, string>,
  about: CorruptRecord,
): Promise<'keep' | 'discard'> {
  try {
    return await onCorrupt(about);
  } catch (cause) {
    throw new PersistError(
      'corrupt',
      '`onCorrupt` threw, so the record that does not open was not replaced; see the cause.',
      { openid: about.openid, retryable: true, cause, details: { reason: 'refused' } },
    );
  }
}

/** Gives `next` what a record keeps until it is removed, whichever turn commits over it. */
export function carryOver(base: ConversationRecord, next: ConversationRecord): void {
  if (base.aside !== undefined) next.aside = base.aside;
  if (base.movedFrom !== undefined) next.movedFrom = base.movedFrom;
  if (base.told !== undefined) next.told ??= base.told;
  if (base.replyToken !== undefined) next.replyToken ??= base.replyToken;
}
