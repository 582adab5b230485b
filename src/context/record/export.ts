import type { ChoiceOption, Reply } from '../../reply.ts';
import { clone } from '../../internal/plain-data.ts';
import type { ConversationRecord } from './record.ts';
import { seenEntries } from './seen-log.ts';

/** Everything that is kept about one user, as plain data: what they may ask for, and what `erase` deletes. */
export interface PersonalData {
  readonly openid: string;
  /** Epoch ms of the last save, or the last turn in which the dialogue took something. */
  readonly savedAt: number;
  /** The dictionary. */
  readonly context: Readonly<Record<string, unknown>>;
  /** Where the dialogue stands; only with a persister, which is what keeps it as data. */
  readonly dialogue:
    { readonly id: string; readonly version: string; readonly snapshot: unknown } | undefined;
  readonly timers: readonly {
    readonly id: string;
    readonly event: unknown;
    readonly dueAt: number;
  }[];
  readonly services: readonly { readonly src: string; readonly input: unknown }[];
  /** The messages that counted last, by id, with what was said to them. */
  readonly seen: readonly { readonly id: string; readonly replies: readonly Reply[] }[];
  /** What was said and not handed over yet. */
  readonly outbox: readonly Reply[];
  /** What they were offered and may still choose. */
  readonly offers: readonly { readonly options: readonly ChoiceOption[] }[];
  /** What was kept of an earlier record that did not open. */
  readonly aside: string | undefined;
}

/** A copy that may be changed. */
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
    offers: offers.map(({ options }) => ({ options })),
    aside: aside?.body,
  });
}
