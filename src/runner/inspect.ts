import type { StateValue } from 'xstate';
import { handOut } from '../context/record/record.ts';
import type { ConversationRecord } from '../context/record/record.ts';
import type { Engine, Snapshot } from '../dialogue/engine/engine.ts';
import type { StoredSnapshot } from '../dialogue/engine/snapshot.ts';

/** Where a dialogue, or one of its sub-dialogues, stands. */
export interface Standing {
  readonly status: 'active' | 'done';
  readonly value: StateValue;
  /** The sub-dialogues that are running, by the id of their invocation, as of now. */
  readonly children: Readonly<Record<string, SubStanding>>;
}

export interface SubStanding extends Standing {
  /** The name it is provided under. */
  readonly src: string;
  readonly context: Readonly<Record<string, unknown>>;
}

/** A conversation as it was last committed, to be looked at: in a test, an admin's page, a terminal. */
export interface Conversation {
  readonly openid: string;
  readonly revision: number;
  /** Epoch ms of the last save, or the last turn in which the dialogue took something. */
  readonly savedAt: number;
  /** The dictionary: frozen, or a copy. */
  readonly context: Readonly<Record<string, unknown>>;
  /** Undefined where no dialogue has started: the context was only ever used by the store. */
  readonly dialogue: Standing | undefined;
  /** Delayed events, the next one first. `actor` is the address of the sub-dialogue that waits: '' is the dialogue. */
  readonly timers: readonly {
    readonly actor: string;
    readonly id: string;
    readonly type: string;
    readonly dueAt: number;
  }[];
  /** Services that were started and have not reported back. */
  readonly services: readonly {
    readonly actor: string;
    readonly id: string;
    readonly src: string;
  }[];
  /** How many replies wait to be handed over. */
  readonly unsent: number;
}

/** A record, as those see it who may look and not touch. */
export function inspectRecord(record: ConversationRecord, engine: Engine): Conversation {
  const { openid, revision, savedAt, timers, services, outbox } = record;
  const live = record.live as Snapshot | undefined;
  // A record from a persister is not alive before its next turn, which also makes it fit.
  const snapshot = live === undefined ? record.dialogue?.snapshot : engine.persist(live);
  return {
    openid,
    revision,
    savedAt,
    context: handOut(record),
    dialogue: snapshot === undefined ? undefined : standingOf(snapshot as StoredSnapshot),
    timers: timers
      .map(({ actor, id, event, dueAt }) => ({ actor, id, type: event.type, dueAt }))
      .sort((a, b) => a.dueAt - b.dueAt),
    services: services.map(({ actor, id, src }) => ({ actor, id, src })),
    unsent: outbox.length,
  };
}

function standingOf({ status, value, children }: StoredSnapshot): Standing {
  const running = Object.entries(children ?? {}).flatMap(([id, { src, snapshot }]) =>
    snapshot === undefined
      ? []
      : [[id, { src, context: contextOf(snapshot), ...standingOf(snapshot) }] as const],
  );
  return { status, value, children: Object.fromEntries(running) };
}

function contextOf({ context }: StoredSnapshot): Readonly<Record<string, unknown>> {
  return Object.freeze({ ...context });
}
