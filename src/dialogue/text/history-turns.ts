/** What one side said in a turn. It is also a message for a model. */
export interface HistoryEntry {
  /** Who said it: the user, or the bot. */
  readonly role: 'user' | 'assistant';
  /** The words; several replies of one turn are lines of one text. */
  readonly text: string;
}

/** What was said in one turn, as it is kept. */
export type HistoryTurn = { readonly [Role in HistoryEntry['role']]?: string } & {
  /** The `id` of the person who spoke, where the channel knows it. */
  readonly by?: string;
};

/** What was said in these turns, one entry for each side of a turn. */
export function entriesOf(turns: readonly HistoryTurn[]): HistoryEntry[] {
  return turns.flatMap(({ user, assistant }) => [
    ...(user === undefined ? [] : [{ role: 'user' as const, text: user }]),
    ...(assistant === undefined ? [] : [{ role: 'assistant' as const, text: assistant }]),
  ]);
}
