import type {
  ClockView,
  ConversationView,
  DraftView,
  Hello,
  ModelCallEntry,
  ServiceSetting,
  StudioPower,
  TurnEntry,
} from '../../wire.ts';
import { type Walked, NOTHING_WALKED } from './walked.ts';

/**
 * - `connecting`: the first try.
 * - `open`: events arrive.
 * - `lost`: the page tries again.
 * - `refused`: the server does not know who looks.
 * - `file`: a recording is shown, and nothing can arrive.
 * - `nothing`: there is no server, and no recording is open yet.
 */
export type LinkState = 'connecting' | 'open' | 'lost' | 'refused' | 'file' | 'nothing';

export interface Problem {
  readonly key: number;
  readonly code: string;
  readonly text: string;
}

/** All that the page knows and shows. It is replaced, never changed. */
export interface PageState {
  readonly connection: LinkState;
  readonly hello: Hello | undefined;
  /** Oldest first, with a maximum of `MAX_TURNS`. */
  readonly turns: readonly TurnEntry[];
  /** How many turns are no longer kept. */
  readonly dropped: number;
  /** By openid, the one that changed last at the end, with a maximum of `MAX_CONVERSATIONS`. */
  readonly conversations: ReadonlyMap<string, ConversationView>;
  /** Calls of models, in the order in which they began, with a maximum of `MAX_CALLS`. */
  readonly calls: readonly ModelCallEntry[];
  /** What running services show of their replies, with a maximum of `MAX_DRAFTS`. */
  readonly drafts: readonly DraftView[];
  readonly clock: ClockView;
  readonly services: readonly ServiceSetting[];
  readonly problems: readonly Problem[];
  readonly walked: Walked;
  /** The users whose chats are shown, side by side. The other panels show the first. */
  readonly openids: readonly string[];
  /** The turn behind which the page looks; undefined for now. 0 is before the first turn. */
  readonly lookedAt: number | undefined;
  /** The id of the chosen box of the chart. */
  readonly box: string | undefined;
}

/** What the page keeps, however much the server keeps. */
export const MAX_TURNS = 10_000;
export const MAX_CONVERSATIONS = 2000;
export const MAX_CALLS = 10_000;
export const MAX_DRAFTS = 1000;
export const MAX_PROBLEMS = 5;
export const MAX_COLUMNS = 3;

export const EMPTY_PAGE: PageState = {
  connection: 'connecting',
  hello: undefined,
  turns: [],
  dropped: 0,
  conversations: new Map(),
  calls: [],
  drafts: [],
  clock: { now: 0, isVirtual: true },
  services: [],
  problems: [],
  walked: NOTHING_WALKED,
  openids: [],
  lookedAt: undefined,
  box: undefined,
};

/** Whether the page may ask for something now. It may not while it looks back or is not connected. */
export function can(state: PageState, power: StudioPower): boolean {
  const { hello, connection } = state;
  if (hello === undefined || hello.kind === 'recording' || connection === 'file') return false;
  return hello.powers.includes(power);
}

/** The user that the chart, the context and the services show. */
export function focusOf({ openids }: PageState): string | undefined {
  return openids[0];
}

/** All users that the page knows, those with a conversation first. */
export function knownOpenids({ conversations, turns, openids }: PageState): readonly string[] {
  return [...new Set([...conversations.keys(), ...turns.map(({ openid }) => openid), ...openids])];
}
