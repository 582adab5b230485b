import { ColloquyError, ConflictError } from '../../errors.ts';
import type { ConversationRecord } from '../record/record.ts';
import type { Records } from './records.ts';

/** So often a move is tried against drafts that are saved meanwhile. */
const MAX_TRIES = 10;

/**
 * Gives everything that is kept under the openid `from` the openid `to`. Whoever calls it holds the lanes of both.
 * @returns the record as it is now; `finished` where an earlier move was cut off, and only its end was left to do;
 *   undefined where there is nothing to move
 * @throws ColloquyError `target_exists`
 */
export async function moveRecord(
  records: Records,
  from: string,
  to: string,
): Promise<ConversationRecord | 'finished' | undefined> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await moveOnce(records, from, to);
    } catch (error) {
      if (!ColloquyError.is(error, 'conflict') || tries === MAX_TRIES) throw error;
    }
  }
}

async function moveOnce(
  records: Records,
  from: string,
  to: string,
): Promise<ConversationRecord | 'finished' | undefined> {
  // Leases are taken in one order whichever way it goes: processes whose moves cross do not wait for each other.
  const isForward = from < to;
  const first = await records.load(isForward ? from : to);
  const second = await records.load(isForward ? to : from);
  const [base, target] = isForward ? [first, second] : [second, first];
  if (base === undefined || base.absent !== undefined) return undefined;
  if (target?.absent === 'forgotten') await records.remove(to, target);
  else if (target !== undefined) {
    const { movedFrom } = target;
    // What was copied is what is left, unless somebody has used it since.
    if (movedFrom?.openid !== from || movedFrom.savedAt !== base.savedAt) throw targetExists(to);
    if (!(await records.remove(from, base))) throw new ConflictError(from);
    return 'finished';
  }
  const next = { ...base, openid: to, revision: 0 };
  return records.moves ? records.moveAtOnce(next, base) : moveInSteps(records, next, base);
}

/** The new record is there before the old one goes, so that a crash in between leaves both. */
async function moveInSteps(
  records: Records,
  next: ConversationRecord,
  base: ConversationRecord,
): Promise<ConversationRecord> {
  if (records.isPersistent) next.movedFrom = { openid: base.openid, savedAt: base.savedAt };
  const moved = await records.commit(next, undefined, true);
  // What is only to be written later must not be all there is.
  await records.flush();
  if (await records.remove(base.openid, base)) return moved;
  await records.remove(next.openid, moved);
  throw new ConflictError(base.openid);
}

function targetExists(openid: string): ColloquyError {
  return new ColloquyError(
    'target_exists',
    'A conversation was to be moved to an openid that has one already, so both were left as they are. Erase one of the two, and move again.',
    { openid },
  );
}
