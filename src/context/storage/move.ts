import { ColloquyError, ConflictError } from '../../errors.ts';
import type { ConversationRecord } from '../record/record.ts';
import { withIdsOf } from '../record/seen-log.ts';
import { NOTHING_SEEN } from '../record/seen-parts.ts';
import type { Records } from './records.ts';

type Moved = ConversationRecord | 'finished' | undefined;

/** A move is tried again where a draft is saved at the same time. */
const MAX_TRIES = 10;

/**
 * Moves everything that is kept under the openid `from` to the openid `to`. The caller holds the lanes of both.
 * @returns the record as it is now; `finished` where this call only finished an earlier move that a crash had cut off;
 *   undefined where there is nothing to move
 * @throws ColloquyError `target_exists`
 */
export async function moveRecord(records: Records, from: string, to: string): Promise<Moved> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await moveOnce(records, from, to);
    } catch (error) {
      if (!ColloquyError.is(error, 'conflict') || tries === MAX_TRIES) throw error;
    }
  }
}

async function moveOnce(records: Records, from: string, to: string): Promise<Moved> {
  // Leases are taken in the order of the openids, so that two processes with opposite moves do not wait for each other.
  const isForward = from < to;
  const first = await records.load(isForward ? from : to);
  const second = await records.load(isForward ? to : from);
  const [base, target] = isForward ? [first, second] : [second, first];
  if (base === undefined || base.absent !== undefined) return undefined;
  let forgotten = NOTHING_SEEN;
  if (target?.absent === 'forgotten') {
    forgotten = target.seen;
    await records.remove(to, target);
  } else if (target !== undefined) {
    const { movedFrom } = target;
    // The target is the copy that the earlier move made, unless `from` was used since.
    if (movedFrom?.openid !== from || movedFrom.savedAt !== base.savedAt) throw targetExists(to);
    if (!(await records.remove(from, base))) throw new ConflictError(from);
    return 'finished';
  }
  // A message that counted before the user was forgotten does not count again.
  const seen = withIdsOf(base.seen, forgotten);
  const next = { ...base, openid: to, revision: 0, seen };
  return records.move(next, base);
}

function targetExists(openid: string): ColloquyError {
  return new ColloquyError(
    'target_exists',
    'A conversation was to be moved to an openid that has one already, so both were left as they are. Erase one of the two, and move again.',
    { openid },
  );
}
