import type { Clock } from '../../clock.ts';
import { ConflictError, PersistError, UsageError } from '../../errors.ts';
import type { LoadedRecord } from '../../persist/persister.ts';
import type { PersisterCalls } from './persister-calls.ts';
import { type Codec, openRecord } from '../record/envelope.ts';
import { type Aside, type ConversationRecord, bareRecord } from '../record/record.ts';

/** A stored record that does not open. */
export interface CorruptRecord {
  readonly openid: string;
  /** What the persister has. */
  readonly body: string;
  /** Why it does not open: a PersistError `corrupt`, with a `CorruptReason` as its `details.reason`. */
  readonly error: unknown;
}

/**
 * What becomes of a stored record that does not open, when the next one of its user takes its place.
 *
 * `keep` carries its body in the envelope of the new record, under `aside`, for as long as there is that record; one of
 * over 256 KB is not replaced at all: the commit fails with a PersistError `corrupt`. `discard` lets it go. A function
 * may store it elsewhere before it answers; it is called again where the commit fails afterwards, has the time that a
 * call of the persister has, and where it throws nothing is replaced.
 */
export type OnCorrupt =
  // With a union of what is there at once, every literal would need `as const`.
  'keep' | 'discard' | ((about: CorruptRecord) => Promise<'keep' | 'discard'>);

/** The most of a body that is carried along. */
const MAX_ASIDE_BYTES = 256 * 1024;

export interface OpenerOptions {
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

/** Opens stored records, and looks after those that do not open. */
export class RecordOpener {
  readonly #options: OpenerOptions;
  readonly #onError: (error: unknown, openid: string) => void;

  constructor(options: OpenerOptions, onError: (error: unknown, openid: string) => void) {
    this.#options = options;
    this.#onError = onError;
  }

  /** The record; where it does not open, that is told, and one that counts as absent stands for it. */
  open(stored: LoadedRecord): ConversationRecord {
    const { codec, clock, ageSeconds } = this.#options;
    try {
      return openRecord(stored, codec);
    } catch (error) {
      const { openid, revision, wakeAt } = stored;
      this.#onError(error, openid);
      const savedAt = clock.now();
      // Not before its own time: what cannot be read today may be read when the cause is mended.
      const expiry = { at: Math.max(savedAt, wakeAt) + ageSeconds * 1000 };
      return bareRecord({ absent: 'corrupt', openid, revision, savedAt, expiry });
    }
  }

  /**
   * What of the stored record that `base` stands for goes along with the one that is to take its place.
   * @throws PersistError `corrupt` where it must not be replaced; ConflictError where it has moved on, or opens after all
   */
  putAside(
    calls: PersisterCalls,
    { openid, revision }: ConversationRecord,
  ): Promise<Aside | undefined> {
    const { codec, onCorrupt, clock } = this.#options;
    return calls.read(
      openid,
      async (persister) => {
        const stored = await persister.load(openid);
        const error = stored?.revision === revision ? faultOf(stored, codec) : undefined;
        if (stored === undefined || error === undefined) throw new ConflictError(openid);
        const { body } = stored;
        const answer =
          typeof onCorrupt === 'function'
            ? await ask(onCorrupt, { openid, body, error })
            : onCorrupt;
        return answer === 'discard' ? undefined : toAside(openid, body, clock.now());
      },
      (aside) => aside,
    );
  }
}

function toAside(openid: string, body: string, since: number): Aside {
  const size = Buffer.byteLength(body);
  if (size <= MAX_ASIDE_BYTES) return { body, since };
  throw new PersistError(
    'corrupt',
    `A stored record of ${size} bytes does not open, and is too big to be carried along with the next one, so nothing was saved over it. Find out why it does not open, or have \`onCorrupt\` store it elsewhere and answer 'discard'.`,
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
      '`onCorrupt` threw, so the record that does not open stands as it was and nothing was saved over it; see the cause.',
      { openid: about.openid, retryable: true, cause, details: { reason: 'refused' } },
    );
  }
}

/** What a record keeps for as long as there is one of its user, whatever is committed. */
export function carryOn(base: ConversationRecord, next: ConversationRecord): void {
  if (base.aside !== undefined) next.aside = base.aside;
  if (base.movedFrom !== undefined) next.movedFrom = base.movedFrom;
}
