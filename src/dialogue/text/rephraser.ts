import type { HistoryEntry } from './history-turns.ts';

/** What a rephraser knows beside the texts. All of it is only to be read. */
export interface RephraseAbout {
  /** The user. */
  readonly openid: string;
  /** Aborted when time is up; a later answer is ignored. */
  readonly signal: AbortSignal;
  /** The user's dictionary, as the turn leaves it. */
  readonly context: Readonly<Record<string, unknown>>;
  /** What was said before, the oldest first, where the dialogue keeps it; otherwise empty. */
  readonly history: readonly HistoryEntry[];
  /** The words of the message that is answered; undefined where none is, as for a timer. */
  readonly message: string | undefined;
}

/**
 * Says the texts of the replies of one turn in other words. It gives as many texts back, in the same order; a text that it gives
 * back as it is stays so.
 */
export type Rephraser = (
  texts: readonly string[],
  about: RephraseAbout,
) => readonly string[] | Promise<readonly string[]>;
