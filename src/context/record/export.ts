import { type HistoryEntry, entriesOf } from '../../dialogue/text/history-turns.ts';
import type { ChoiceOption, Reply } from '../../reply.ts';
import { clone } from '../../internal/plain-data.ts';
import type { TextPart } from '../../message.ts';
import type { ConversationRecord } from './record.ts';
import { seenEntries } from './seen-log.ts';

/** Everything that is kept about one user, as plain data: what the user may ask for, and what `erase` deletes. */
export interface PersonalData {
  /** The user. */
  readonly openid: string;
  /** Epoch ms of the last save, or of the last turn that the dialogue handled. */
  readonly savedAt: number;
  /** The dictionary. */
  readonly context: Readonly<Record<string, unknown>>;
  /** The state of the dialogue. Only with a persister, for which the state is kept as data. */
  readonly dialogue:
    | {
        /** The id of the dialogue. */
        readonly id: string;
        /** Its version. */
        readonly version: string;
        /** Its state. */
        readonly snapshot: unknown;
      }
    | undefined;
  /** Delayed events that are pending. */
  readonly timers: readonly {
    /** The id of the timer. */
    readonly id: string;
    /** What the dialogue gets then. */
    readonly event: unknown;
    /** Epoch ms. */
    readonly dueAt: number;
  }[];
  /** Services that have started and not ended. */
  readonly services: readonly {
    /** The name of the service. */
    readonly src: string;
    /** What it was given. */
    readonly input: unknown;
  }[];
  /** The ids of the last messages that were answered, with the replies that are kept. Of other ids, only hashes are. */
  readonly seen: readonly {
    /** The id of the message. */
    readonly id: string;
    /** What was said to it. */
    readonly replies: readonly Reply[];
  }[];
  /** Replies that wait to be delivered. */
  readonly outbox: readonly Reply[];
  /** The choices that the user was offered and may still take. */
  readonly offers: readonly {
    /** The options of the question. */
    readonly options: readonly ChoiceOption[];
    /** What an answer said of a value that needs more. */
    readonly part?: string;
  }[];
  /** What was said, where the dialogue keeps it; otherwise empty. */
  readonly history: readonly HistoryEntry[];
  /** What the user has said in messages of which no turn was taken yet (`gather` of a runner). */
  readonly gathering: readonly TextPart[];
  /** The body of an earlier record that did not open. */
  readonly aside: string | undefined;
}

/** A copy, which the caller may change. */
export function personalData(record: ConversationRecord): PersonalData {
  const { openid, savedAt, data, dialogue, timers, services, seen, outbox, aside } = record;
  const { offers = [], history = [], burst } = record;
  return clone({
    openid,
    savedAt,
    context: data,
    dialogue: dialogue && {
      id: dialogue.id,
      version: dialogue.version,
      snapshot: dialogue.snapshot,
    },
    timers: timers.map(({ id, event, dueAt }) => ({ id, event, dueAt })),
    services: services.map(({ src, input }) => ({ src, input })),
    seen: seenEntries(seen),
    outbox: outbox.map(({ reply }) => reply),
    offers: offers.map(({ options, part }) => ({ options, ...(part !== undefined && { part }) })),
    history: entriesOf(history),
    gathering: burst?.parts ?? [],
    aside: aside?.body,
  });
}
