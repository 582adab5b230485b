import { StepError } from '../../errors.ts';
import type { Locality, StepLevel } from '../text/current-step.ts';
import { wordsOptionsOf } from '../text/localize.ts';
import type { Snapshot } from './child-ref.ts';
import { actorPath } from './effect.ts';
import { guardErrorOf } from './guard-error.ts';
import { type Paused, pausedOf } from './paused.ts';
import type { Logic } from './stepped-machine.ts';

const NO_EVENTS: { readonly type: string }[] = [];

/** A dialogue or sub-dialogue during one step. */
export class Level implements StepLevel {
  readonly logic: Logic;
  snapshot: Snapshot | undefined;
  readonly parent: Level | undefined;
  /** The id under which the parent invoked it. */
  readonly id: string;
  readonly path: string;
  /** The sub-dialogues that this step touched. */
  children: Map<string, Level> | undefined;
  /** Its sub-dialogues that a history may resume. */
  paused: readonly Paused[];
  inbox: { readonly type: string }[] = NO_EVENTS;
  /** Whether its actions are being collected, so that events have to wait. */
  isBusy = false;

  constructor(logic: Logic, snapshot: Snapshot | undefined, parent?: Level, id = '') {
    this.logic = logic;
    this.snapshot = snapshot;
    this.parent = parent;
    this.id = id;
    this.paused = pausedOf(snapshot);
    this.path = parent === undefined ? '' : actorPath(parent.path, id);
  }

  get isActive(): boolean {
    return this.snapshot?.status === 'active';
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

  queue(event: { readonly type: string }): void {
    if (this.inbox === NO_EVENTS) this.inbox = [];
    this.inbox.push(event);
  }

  /** The error of a step in which this level threw. */
  errorOf(thrown: unknown): StepError {
    const cause = guardErrorOf(thrown);
    if (cause instanceof StepError) return cause;
    const { id } = this.logic.machine;
    return new StepError(
      'step_failed',
      `Dialogue '${id}' threw while it took an event, so the turn changed nothing; see the cause.`,
      { cause, details: { dialogue: id } },
    );
  }
}
