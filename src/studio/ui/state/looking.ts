import type { ConversationView, TurnEntry } from '../../wire.ts';
import { type PageState, focusOf } from './page-state.ts';

/** How the conversation of a user stood behind the turn that the page looks at, or stands now. */
export function viewOf(state: PageState, openid: string | undefined): ConversationView | undefined {
  const { lookedAt, turns, conversations } = state;
  if (openid === undefined) return undefined;
  if (lookedAt === undefined) return conversations.get(openid);
  for (let index = turns.length - 1; index >= 0; index -= 1) {
    const entry = turns[index];
    if (entry === undefined || entry.turn > lookedAt || entry.openid !== openid) continue;
    if (entry.after !== undefined) return entry.after;
  }
  return turns.find((entry) => entry.openid === openid && entry.turn > lookedAt)?.before;
}

/** The turn whose way and difference are shown: the one that is looked at, or the last one of this user. */
export function shownTurn(state: PageState): TurnEntry | undefined {
  const { turns, lookedAt } = state;
  if (lookedAt !== undefined) return turnAt(turns, lookedAt);
  const openid = focusOf(state);
  return turns.findLast((entry) => entry.openid === openid);
}

/** The turn of this number, by halves: there may be ten thousand. */
export function turnAt(turns: readonly TurnEntry[], turn: number): TurnEntry | undefined {
  const index = indexOfTurn(turns, turn);
  return turns[index]?.turn === turn ? turns[index] : undefined;
}

/** Where the turn of this number is, or would be. */
export function indexOfTurn(turns: readonly TurnEntry[], turn: number): number {
  let [low, high] = [0, turns.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((turns[middle]?.turn ?? 0) < turn) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Looks at a turn, and at the chat of its user. */
export function lookingAt(state: PageState, turn: number | undefined): Partial<PageState> {
  if (turn === undefined) return { lookedAt: undefined };
  const openid = turnAt(state.turns, turn)?.openid;
  const isShown = openid === undefined || state.openids[0] === openid;
  if (isShown) return { lookedAt: turn };
  const others = state.openids.filter((each) => each !== openid);
  const openids = state.openids.includes(openid)
    ? [openid, ...others]
    : [openid, ...others.slice(1)];
  return { lookedAt: turn, openids };
}

/** The turn before or after the one that is looked at; undefined for now. */
export function neighbour(state: PageState, by: -1 | 1): number | undefined {
  const { turns, lookedAt } = state;
  if (lookedAt === undefined)
    return by < 0 ? (turns.at(-2)?.turn ?? turns.at(-1)?.turn) : undefined;
  const index = indexOfTurn(turns, lookedAt) + by;
  if (index >= turns.length) return undefined;
  return index < 0 ? 0 : turns[index]?.turn;
}
