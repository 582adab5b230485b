import type { ChoiceOption, Reply } from '../../reply.ts';
import { clone } from '../../internal/plain-data.ts';
import type { ConversationRecord } from './record.ts';
import { seenEntries } from './seen-log.ts';

/** Everything that is kept about one user, as plain data: what the user may ask for, and what `erase` deletes. */
export interface PersonalData {
  readonly openid: string;
  /** Epoch ms of the last save, or of the last turn that the dialogue handled. */
  readonly savedAt: number;
  readonly context: Readonly<Record<string, unknown>>;
  /** The state of the dialogue. Only with a persister, for which the state is kept as data. */
  readonly dialogue:
    { readonly id: string; readonly version: string; readonly snapshot: unknown } | undefined;
  readonly timers: readonly {
    readonly id: string;
    readonly event: unknown;
    readonly dueAt: number;
  }[];
  readonly services: readonly { readonly src: string; readonly input: unknown }[];
  /** The ids of the last messages that were answered, with the replies that are kept. Of other ids, only hashes are. */
  readonly seen: readonly { readonly id: string; readonly replies: readonly Reply[] }[];
  readonly outbox: readonly Reply[];
  /** The choices that the user was offered and may still take. */
  readonly offers: readonly {
    readonly options: readonly ChoiceOption[];
    /** What an answer said of a value that needs more. */
    readonly part?: string;
  }[];
  /** The body of an earlier record that did not open. */
  readonly aside: string | undefined;
}

/** A copy, which the caller may change. */
export function personalData(record: ConversationRecord): PersonalData {
  const { openid, savedAt, data, dialogue, timers, services, seen, outbox, aside } = record;
  const { offers = [] } = record;
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
    aside: aside?.body,
  });
}
