import { type ConversationRecord, handOut } from '../../context/record/record.ts';
import { countSeen, seenEntries } from '../../context/record/seen-log.ts';
import { type StateDescription, describeSnapshot } from '../../dialogue/engine/description.ts';
import type { Snapshot } from '../../dialogue/engine/engine.ts';
import { type ChildRef, childrenOf } from '../../dialogue/engine/child-ref.ts';
import { boxFinder } from '../../graph/box-ids.ts';
import { SHOWN_AS_ONE_BOX } from '../../graph/drawings.ts';
import { visible } from '../../graph/walk.ts';
import type { RunnerInside } from '../../runner/reporting/inside.ts';
import type { TakeoverContext } from '../../takeover/held-lines.ts';
import { takeoverOf } from '../../takeover/mark.ts';
import type { ConversationView } from '../wire.ts';
import type { Redaction } from './redaction.ts';
import { timerName } from './timer-name.ts';

/** The ids of messages that a view shows. */
const SHOWN_IDS = 8;

type BoxOf = (state: StateDescription) => string | undefined;

/** Shows records as a page sees them. */
export class ConversationViews {
  readonly boxOf: BoxOf;
  readonly #inside: RunnerInside;
  readonly #redaction: Redaction;

  constructor(inside: RunnerInside, redaction: Redaction) {
    this.#inside = inside;
    this.#redaction = redaction;
    this.boxOf = boxFinder(inside.engine.dialogue, SHOWN_AS_ONE_BOX);
  }

  /** How a conversation stands; undefined where nothing is kept of it. */
  of(record: ConversationRecord | undefined): ConversationView | undefined {
    if (record === undefined || record.absent !== undefined) return undefined;
    const { engine, core } = this.#inside;
    const { isRedacted } = this.#redaction;
    const { openid, revision, savedAt, timers, services, outbox, seen } = record;
    const snapshot = this.#snapshotOf(record);
    const expiresAt = core.records.dueTimes.expiresAt(record);
    const lease = core.records.leaseOf(openid);
    const children = snapshot && !isRedacted ? contextsIn(snapshot) : {};
    const held = snapshot && takeoverIn(snapshot);
    return {
      openid: this.#redaction.openid(openid),
      revision,
      savedAt,
      ...(Number.isFinite(expiresAt) && { expiresAt }),
      status: statusOf(snapshot, record),
      active: snapshot === undefined ? [] : activeIn(snapshot, this.boxOf),
      state: snapshot === undefined ? '' : stateInWords(snapshot),
      ...(!isRedacted && { context: handOut(record) }),
      ...(Object.keys(children).length > 0 && { children }),
      ...(held && {
        takeover: held.by === undefined ? {} : { by: this.#redaction.openid(held.by) },
      }),
      timers: timers
        .map(({ id, actor, event, dueAt }) => {
          return { id, actor, name: timerName(event.type, engine.dialogue), dueAt };
        })
        .sort((a, b) => a.dueAt - b.dueAt),
      services: services.map(({ id, actor, src }) => ({ id, actor, src })),
      outbox: outbox.map(({ id, reply }) => ({ id, reply: this.#redaction.reply(reply) })),
      seen: {
        count: countSeen(seen),
        last: seenEntries(seen)
          .slice(-SHOWN_IDS)
          .map(({ id }) => this.#redaction.id(id)),
      },
      waiting: core.lanes.waiting(openid),
      ...(lease && { lease }),
    };
  }

  /** A record from a persister gets a live snapshot in its next turn only. */
  #snapshotOf({ live, dialogue }: ConversationRecord): Snapshot | undefined {
    if (live !== undefined) return live as Snapshot;
    if (dialogue === undefined) return undefined;
    const { engine } = this.#inside;
    // What is of another version of the dialogue is brought into this one by the next turn.
    return dialogue.id === engine.id ? engine.restore(dialogue.snapshot, {}) : undefined;
  }
}

function statusOf(
  snapshot: Snapshot | undefined,
  { dialogue }: ConversationRecord,
): ConversationView['status'] {
  if (snapshot !== undefined) return snapshot.status === 'stopped' ? 'done' : snapshot.status;
  return dialogue === undefined ? 'none' : 'error';
}

/** The boxes of the states, each before those within it. */
function activeIn(snapshot: Snapshot, boxOf: BoxOf): readonly string[] {
  const states = describeSnapshot(snapshot).flatMap(({ dialogue, states: active }) =>
    dialogue.states.filter((state) => active.includes(state)),
  );
  return [...new Set(states.map(boxOf).filter((id) => id !== undefined))];
}

/** `booking.people`; the states of several regions with commas. */
function stateInWords(snapshot: Snapshot): string {
  const states = describeSnapshot(snapshot)[0]?.states ?? [];
  const drawn = new Set(states.map((state) => visible(state, SHOWN_AS_ONE_BOX)));
  const around = new Set([...drawn].map(({ parent }) => parent));
  const innermost = [...drawn].filter((state) => !around.has(state));
  return innermost.map(({ path }) => path).join(', ');
}

function contextsIn(snapshot: Snapshot, above = ''): Record<string, Record<string, unknown>> {
  const found: Record<string, Record<string, unknown>> = {};
  for (const { id, snapshot: inner } of childrenOf(snapshot) as readonly ChildRef[]) {
    if (inner === undefined) continue;
    const path = above === '' ? id : `${above}/${id}`;
    found[path] = inner.context as Record<string, unknown>;
    Object.assign(found, contextsIn(inner, path));
  }
  return found;
}

/** The takeover that has the conversation; undefined where the dialogue has it. */
function takeoverIn(snapshot: Snapshot): TakeoverContext | undefined {
  const { machine, status, context } = snapshot;
  const { config } = machine;
  if (takeoverOf(config) !== undefined && status === 'active') return context as TakeoverContext;
  for (const { snapshot: inner } of childrenOf(snapshot)) {
    const found = inner && takeoverIn(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}
