import type {
  ConversationView,
  DraftView,
  ModelCallEntry,
  StudioEvents,
  TurnEntry,
} from '../../wire.ts';
import { putCall } from './model-calls.ts';
import {
  EMPTY_PAGE,
  MAX_CALLS,
  MAX_CONVERSATIONS,
  MAX_DRAFTS,
  MAX_PROBLEMS,
  MAX_TURNS,
  type PageState,
} from './page-state.ts';
import { NOTHING_WALKED, withTurns } from './walked.ts';

/** One event of the stream, with its name. */
export type ArrivedEvent =
  | {
      readonly [Name in keyof StudioEvents]: {
        readonly name: Name;
        readonly data: StudioEvents[Name];
      };
    }[keyof StudioEvents]
  /** The stream begins again: all that is known is sent after it. */
  | { readonly name: 'anew' };

/** The page after these events, in their order. It copies each list once, however many events there are. */
export function takeEvents(before: PageState, events: readonly ArrivedEvent[]): PageState {
  const draft = new PageDraft(before);
  for (const event of events) draft.take(event);
  return draft.finish();
}

class PageDraft {
  #state: PageState;
  #turns: TurnEntry[];
  #conversations: Map<string, ConversationView>;
  #calls: ModelCallEntry[] | undefined;
  #drafts: readonly DraftView[];
  #newTurns: TurnEntry[] = [];

  constructor(before: PageState) {
    this.#state = before;
    this.#turns = [...before.turns];
    this.#conversations = new Map(before.conversations);
    this.#drafts = before.drafts;
  }

  take(event: ArrivedEvent): void {
    switch (event.name) {
      case 'anew':
        return this.#beginAnew();
      case 'hello': {
        const { clock, services } = event.data;
        this.#state = { ...this.#state, hello: event.data, clock, services };
        return;
      }
      case 'turn':
        this.#newTurns.push(event.data);
        return this.#put(event.data);
      case 'conversation':
        return this.#putConversation(event.data);
      case 'model':
        return putCall((this.#calls ??= [...this.#state.calls]), event.data);
      case 'draft':
        return this.#putDraft(event.data);
      case 'gone': {
        const { openid } = event.data;
        this.#conversations.delete(openid);
        this.#drafts = this.#drafts.filter((draft) => draft.openid !== openid);
        return;
      }
      case 'clock':
        this.#state = { ...this.#state, clock: event.data };
        return;
      case 'services':
        this.#state = { ...this.#state, services: event.data };
        return;
      case 'rewound':
        return this.#rewind(event.data.turn);
      case 'problem':
        return this.#addProblem(event.data);
    }
  }

  finish(): PageState {
    const surplus = Math.max(0, this.#turns.length - MAX_TURNS);
    const state: PageState = {
      ...this.#state,
      turns: surplus === 0 ? this.#turns : this.#turns.slice(surplus),
      dropped: this.#state.dropped + surplus,
      conversations: this.#conversations,
      calls: this.#calls?.slice(-MAX_CALLS) ?? this.#state.calls,
      drafts: this.#drafts,
      walked: withTurns(this.#state.walked, this.#newTurns),
    };
    return { ...state, openids: chosenOpenids(state) };
  }

  #beginAnew(): void {
    const { openids, problems } = this.#state;
    this.#state = { ...EMPTY_PAGE, connection: 'open', openids, problems };
    this.#turns = [];
    this.#newTurns = [];
    this.#conversations = new Map();
    this.#calls = [];
    this.#drafts = [];
  }

  /** A turn is nearly always the newest; an earlier one has got a late reply. */
  #put(entry: TurnEntry): void {
    let index = this.#turns.length;
    while (index > 0 && (this.#turns[index - 1]?.turn ?? 0) > entry.turn) index -= 1;
    const isKnown = this.#turns[index - 1]?.turn === entry.turn;
    if (isKnown) this.#turns[index - 1] = entry;
    else this.#turns.splice(index, 0, entry);
  }

  #putConversation(view: ConversationView): void {
    this.#conversations.delete(view.openid);
    this.#conversations.set(view.openid, view);
    if (this.#conversations.size <= MAX_CONVERSATIONS) return;
    const [oldest = ''] = this.#conversations.keys();
    this.#conversations.delete(oldest);
  }

  #putDraft(draft: DraftView): void {
    const others = this.#drafts.filter(({ id }) => id !== draft.id);
    this.#drafts = draft.length === 0 ? others : [...others, draft].slice(-MAX_DRAFTS);
  }

  #rewind(turn: number): void {
    const calls = this.#calls ?? this.#state.calls;
    this.#calls = calls.filter((call) => call.turn !== undefined && call.turn <= turn);
    this.#drafts = [];
    this.#turns = this.#turns.filter((entry) => entry.turn <= turn);
    const { lookedAt } = this.#state;
    const isGone = lookedAt !== undefined && lookedAt > turn;
    this.#newTurns = this.#turns;
    this.#state = {
      ...this.#state,
      walked: NOTHING_WALKED,
      lookedAt: isGone ? undefined : lookedAt,
    };
  }

  #addProblem({ code, text }: StudioEvents['problem']): void {
    this.#state = withProblem(this.#state, { code, text });
  }
}

/** The page with one more problem to read; the oldest leave. */
export function withProblem(state: PageState, problem: StudioEvents['problem']): PageState {
  const key = (state.problems.at(-1)?.key ?? 0) + 1;
  return { ...state, problems: [...state.problems, { key, ...problem }].slice(-MAX_PROBLEMS) };
}

/** The first user that has a conversation, until the person who looks chooses another. */
function chosenOpenids({ openids, conversations, turns }: PageState): readonly string[] {
  if (openids.length > 0) return openids;
  const first = turns.at(-1)?.openid ?? conversations.keys().next().value;
  return first === undefined ? openids : [first];
}
