import type { TurnEntry } from '../../wire.ts';

export interface TurnFilter {
  readonly query: string;
  /** Undefined for all users. */
  readonly openid: string | undefined;
  /** A cause, or an outcome; empty for all. */
  readonly kind: string;
}

/** The text of each turn that a search looks into, made at the first search. */
const haystacks = new WeakMap<TurnEntry, string>();

/** The turns that a person looks for, oldest first. Each word of the query has to be in it. */
export function searchTurns(
  turns: readonly TurnEntry[],
  { query, openid, kind }: TurnFilter,
): readonly TurnEntry[] {
  const words = query
    .toLowerCase()
    .split(/\s+/u)
    .filter((word) => word !== '');
  if (words.length === 0 && openid === undefined && kind === '') return turns;
  return turns.filter((entry) => {
    if (openid !== undefined && entry.openid !== openid) return false;
    if (kind !== '' && entry.cause !== kind && entry.outcome !== kind) return false;
    if (words.length === 0) return true;
    const haystack = haystackOf(entry);
    return words.every((word) => haystack.includes(word));
  });
}

function haystackOf(entry: TurnEntry): string {
  const known = haystacks.get(entry);
  if (known !== undefined) return known;
  const { openid, label, id = '', outcome, cause, message, replies, error, after } = entry;
  const parts = [`#${entry.turn}`, openid, label, id, outcome, cause, after?.state, error?.code];
  const text = [...parts, JSON.stringify(message), JSON.stringify(replies)]
    .join('\n')
    .toLowerCase();
  haystacks.set(entry, text);
  return text;
}

/** All outcomes that occur, to filter by. */
export function outcomesOf(turns: readonly TurnEntry[]): readonly string[] {
  return [...new Set(turns.map(({ outcome }) => outcome))].toSorted();
}
