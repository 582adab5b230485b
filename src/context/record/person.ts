import type { ConversationRecord } from './record.ts';
import { withoutReplies } from './seen-log.ts';

/**
 * The record of a shared conversation without what the library keeps of one person: their turns in the history, the parts of
 * their burst, the replies for them alone, and those to earlier messages, which may quote anybody. The ids of these messages
 * stay, so that each counts once. What the dialogue keeps is in the dictionary, and only its author knows whose it is.
 */
export function withoutPerson<
  Kept extends Pick<ConversationRecord, 'history' | 'outbox' | 'seen' | 'burst'>,
>(record: Kept, person: string): Kept {
  const { history, outbox, seen, burst } = record;
  return {
    ...record,
    seen: withoutReplies(seen),
    outbox: outbox.filter(({ reply }) => !('to' in reply) || reply.to !== person),
    ...(burst?.from?.id === person && { burst: undefined }),
    ...(history && { history: history.filter(({ by }) => by !== person) }),
  };
}
