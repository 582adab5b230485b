import { StepError } from '../../errors.ts';
import type { Locality, StepLevel } from '../text/current-step.ts';
import { wordsOptionsOf } from '../text/localize.ts';
import { ChildRef, type Snapshot, ownCopy } from './child-ref.ts';
import { statesOf } from './circle-error.ts';
import { actorPath } from './effect.ts';
import { guardErrorOf } from './guard-error.ts';
import { type Paused, pausedOf } from './paused.ts';
import type { Logic } from './stepped-machine.ts';

/** An event that waits for a level. Where a sub-dialogue tells by it that it has ended: with that sub-dialogue. */
export interface Waiting {
  readonly event: { readonly type: string };
  readonly ended: Level | undefined;
}

const NO_EVENTS: Waiting[] = [];

/** A dialogue or sub-dialogue during one step. */
export class Level implements StepLevel {
  readonly logic: Logic;
  snapshot: Snapshot | undefined;
  readonly parent: Level | undefined;
  /** The id under which the parent invoked it. */
  readonly id: string;
  readonly path: string;
  /** The event that it takes; undefined while it starts. */
  event: { readonly type: string } | undefined;
  /** The snapshot before the event. */
  before: Snapshot | undefined;
  /** The sub-dialogues that this step touched. */
  children: Map<string, Level> | undefined;
  /** Its sub-dialogues that a history may resume. */
  paused: readonly Paused[];
  inbox: Waiting[] = NO_EVENTS;
  startedBy: { readonly type: string } | undefined;
  /** Whether its actions are being collected, so that events have to wait. */
  isBusy = false;
  #isStopped = false;

  constructor(logic: Logic, snapshot: Snapshot | undefined, parent?: Level, id = '') {
    this.logic = logic;
    this.snapshot = snapshot;
    this.parent = parent;
    this.id = id;
    this.paused = pausedOf(snapshot);
    this.path = parent === undefined ? '' : actorPath(parent.path, id);
  }

  get isActive(): boolean {
    return this.snapshot?.status === 'active' && !this.isStopped;
  }

  /** Whether this step has stopped it, or a dialogue around it: then nothing more is done for it. */
  get isStopped(): boolean {
    return this.#isStopped || this.parent?.isStopped === true;
  }

  get locality(): Locality | undefined {
    return wordsOptionsOf(this.logic.machine.config);
  }

  addChild(logic: Logic, snapshot: Snapshot | undefined, id: string): Level {
    const child = new Level(logic, snapshot, this, id);
    this.children ??= new Map();
    this.children.set(id, child);
    return child;
  }

  /** The sub-dialogue `id`; undefined where it does not run, or is a service. */
  child(id: string): Level | undefined {
    const known = this.children?.get(id);
    if (known !== undefined) return known;
    const ref: unknown = this.snapshot?.children[id];
    if (!(ref instanceof ChildRef) || ref.snapshot === undefined) return undefined;
    const logic = this.logic.child(ref.src);
    return logic && this.addChild(logic, ownCopy(ref), id);
  }

  /** Its parent stops the sub-dialogue `id`. */
  stopChild(id: string): void {
    const child = this.children?.get(id);
    if (child === undefined) return;
    child.#isStopped = true;
    this.children?.delete(id);
  }

  queue(event: { readonly type: string }, ended: Level | undefined): void {
    if (this.inbox === NO_EVENTS) this.inbox = [];
    this.inbox.push({ event, ended });
  }

  /** The error of a step in which this level threw. It names what is in the definition, and nothing that a user wrote. */
  errorOf(thrown: unknown): StepError {
    const cause = guardErrorOf(thrown);
    if (cause instanceof StepError) return cause;
    const { id: dialogue } = this.logic.machine;
    const { event, before = this.snapshot } = this;
    const state = statesOf(before);
    const place = state === '' ? '' : ` in state '${state}'`;
    const service = this.#failedService(cause);
    const when = event === undefined ? 'when it started' : `while it took '${event.type}'`;
    const problem =
      service === undefined
        ? `Dialogue '${dialogue}' threw${place} ${when}, so the turn changed nothing; see the cause.`
        : `Service '${service}' of dialogue '${dialogue}' failed${place}, which has no \`onError\` for it; see the cause.`;
    const details = { dialogue, state, ...(service !== undefined && { service }) };
    return new StepError('step_failed', problem, { cause, details });
  }

  /** The service whose failure no state took. */
  #failedService(cause: unknown): string | undefined {
    const { actorId, error } = (this.event ?? {}) as { actorId?: string; error?: unknown };
    if (actorId === undefined || error !== cause) return undefined;
    return (this.before?.children[actorId] as ChildRef | undefined)?.src;
  }
}
