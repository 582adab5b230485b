import type { Data } from '../../internal/plain-data.ts';
import type { TextPart } from '../../message.ts';
import { type ConversationRecord, handOut } from './record.ts';
import { type SeenLimits, recall } from './seen-log.ts';
import type { Engine, Snapshot } from '../../dialogue/engine/engine.ts';
import type { StoredSnapshot } from '../../dialogue/engine/snapshot.ts';
import { type HistoryEntry, entriesOf } from '../../dialogue/text/history-turns.ts';
import type { Standing } from '../../dialogue/text/standing.ts';

/** A conversation as it was last committed, for a test, an admin's page or a terminal. */
export interface Conversation<Context extends object = Data> {
  /** The user. */
  readonly openid: string;
  /** The number of the record's version. Each commit gives it another one. */
  readonly revision: number;
  /** Epoch ms of the last save, or of the last turn in which the dialogue took something. */
  readonly savedAt: number;
  /** The dictionary: frozen, or a copy. Code that has a store may write a part of it before a dialogue starts. */
  readonly context: Readonly<Partial<Context>>;
  /** Undefined if no dialogue has started yet. */
  readonly dialogue: Standing | undefined;
  /** Delayed events, the next one first. `actor` is the address of the sub-dialogue; '' is the dialogue itself. */
  readonly timers: readonly {
    /** The address of the sub-dialogue; '' is the dialogue itself. */
    readonly actor: string;
    /** The id of the timer, unique within its `actor`. */
    readonly id: string;
    /** The type of the event that it sends. */
    readonly type: string;
    /** Epoch ms. */
    readonly dueAt: number;
  }[];
  /** Services that have started and not ended. */
  readonly services: readonly {
    /** The address of the sub-dialogue that invoked it; '' is the dialogue itself. */
    readonly actor: string;
    /** The id of the invocation. */
    readonly id: string;
    /** The name under which it is provided. */
    readonly src: string;
  }[];
  /** What was said, where the dialogue keeps it; otherwise empty. */
  readonly history: readonly HistoryEntry[];
  /** Number of replies that wait to be delivered. */
  readonly unsent: number;
  /** The parts of a burst that is not complete yet (`gather` of a runner); absent where there is none. */
  readonly gathering?: readonly TextPart[];
}

/** What `runner.inspect()` shows of a record. */
export function inspectRecord(record: ConversationRecord, engine: Engine): Conversation {
  const { openid, revision, savedAt, timers, services, outbox, burst } = record;
  const live = record.live as Snapshot | undefined;
  // A record from a persister gets a live snapshot in its next turn only.
  const snapshot = live === undefined ? record.dialogue?.snapshot : engine.persist(live);
  return {
    openid,
    revision,
    savedAt,
    context: handOut(record),
    dialogue: snapshot === undefined ? undefined : stateOf(snapshot as StoredSnapshot),
    timers: timers
      .map(({ actor, id, event, dueAt }) => ({ actor, id, type: event.type, dueAt }))
      .sort((a, b) => a.dueAt - b.dueAt),
    services: services.map(({ actor, id, src }) => ({ actor, id, src })),
    history: entriesOf(record.history ?? []),
    unsent: outbox.length,
    ...(burst && { gathering: burst.parts }),
  };
}

/** Where a snapshot stands. */
export function stateOf({ status, value, children }: StoredSnapshot): Standing {
  const running = Object.entries(children ?? {}).flatMap(([id, { src, snapshot }]) =>
    snapshot === undefined
      ? []
      : [
          [
            id,
            { src, context: Object.freeze({ ...snapshot.context }), ...stateOf(snapshot) },
          ] as const,
        ],
  );
  return { status, value, children: Object.fromEntries(running) };
}

/** What a channel has to know of a conversation to route a message to it. */
export interface ConversationStanding {
  /** Whether a dialogue or a context is stored. */
  readonly isKept: boolean;
  /** Whether its dialogue is running. */
  readonly isActive: boolean;
  /** Whether one of the messages in question counted in it. */
  readonly hasHeard: boolean;
  /** Milliseconds since its last turn; 0 if there was none. */
  readonly restedMs: number;
}

export function standingOf(
  record: ConversationRecord | undefined,
  ids: readonly string[],
  now: number,
  limits: SeenLimits,
): ConversationStanding {
  if (record === undefined) return NOWHERE;
  const isKept = record.absent === undefined;
  // A record from a persister has no live snapshot before its next turn.
  const snapshot = (record.live ?? record.dialogue?.snapshot) as Partial<Standing> | undefined;
  return {
    isKept,
    isActive: isKept && snapshot?.status === 'active',
    hasHeard: ids.some((id) => recall(record.seen, id, now, limits) !== undefined),
    restedMs: Math.max(now - record.savedAt, 0),
  };
}

const NOWHERE: ConversationStanding = Object.freeze({
  isKept: false,
  isActive: false,
  hasHeard: false,
  restedMs: 0,
});
