import { type ConversationRecord, NONE, type SeenList } from '../context/record.ts';
import type { Reply } from '../reply.ts';

/** How many ids of messages a record remembers, and for how long. */
export interface SeenLimits {
  readonly max: number;
  readonly ageMs: number;
}

// The list is flat, three places an entry: id, second of the turn, and what was said: a string for a single text, which
// most answers are, else the replies. An object for each of sixteen entries would outweigh the rest of the record.
const WIDTH = 3;

/** What was said to the message `id`, where it counted already and is still remembered. */
export function recall(
  record: ConversationRecord | undefined,
  id: string | undefined,
  now: number,
  limits: SeenLimits,
): readonly Reply[] | undefined {
  if (record === undefined || id === undefined) return undefined;
  const { seen } = record;
  // From the newest: a redelivery follows its original closely.
  for (let place = seen.length - WIDTH; place >= 0; place -= WIDTH) {
    if (isForgotten(seen, place, now, limits)) return undefined;
    if (seen[place] === id) return unpack(seen[place + 2]);
  }
  return undefined;
}

/** The list with the answer to `id` as its newest, in place of an earlier one, and without what is too old or too much. */
export function remember(
  seen: SeenList,
  id: string | undefined,
  replies: readonly Reply[],
  now: number,
  limits: SeenLimits,
): SeenList {
  let first = 0;
  while (first < seen.length && isForgotten(seen, first, now, limits)) first += WIDTH;
  if (id === undefined || limits.max === 0) {
    if (first === seen.length) return NONE;
    return first === 0 ? seen : seen.slice(first);
  }
  first = Math.max(first, seen.length - (limits.max - 1) * WIDTH);
  const kept: unknown[] = [];
  for (let place = first; place < seen.length; place += WIDTH) {
    if (seen[place] !== id) kept.push(seen[place], seen[place + 1], seen[place + 2]);
  }
  kept.push(id, Math.ceil(now / 1000), pack(replies));
  return kept;
}

function isForgotten(seen: SeenList, place: number, now: number, { ageMs }: SeenLimits): boolean {
  return (seen[place + 1] as number) * 1000 + ageMs <= now;
}

function pack(replies: readonly Reply[]): unknown {
  const [reply] = replies;
  return replies.length === 1 && reply?.type === 'text' ? reply.text : replies;
}

function unpack(said: unknown): readonly Reply[] {
  return typeof said === 'string' ? [{ type: 'text', text: said }] : (said as readonly Reply[]);
}
