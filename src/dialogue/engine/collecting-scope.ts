import { StepError } from '../../errors.ts';
import { checkCollected } from './checked-action.ts';
import type { CollectedAction } from './collected-action.ts';
import type { Snapshot } from './child-ref.ts';
import { Trail } from './circle-error.ts';
import type { HistoryOf } from './history.ts';
import type { GuardResult, Microstep } from './inspection.ts';

/** The parent of a sub-dialogue, as a step sees it. */
export const PARENT = { id: 'parent', sessionId: 'parent' };
/** A dialogue, as it sees itself. */
export const SELF_ID = 'dialogue';

/** An `ActorScope` of XState that collects what XState would do. */
export class CollectingScope {
  collected: CollectedAction[] = [];
  current: Snapshot | undefined;
  /** The event that is offered, and whether a state took it. */
  event: object | undefined;
  taken = false;
  /** What plain transitions raised at once. */
  readonly internalQueue: { readonly type: string }[] = [];
  /** Goes over the initial context. */
  seed: object | undefined;
  busy = false;
  /** Undefined unless the machine is watched. */
  microsteps: Microstep[] | undefined;
  guards: GuardResult[] = [];
  readonly trail: Trail = new Trail();
  /** Notes what history does to sub-dialogues; undefined where it can do nothing. */
  history: HistoryOf | undefined;
  #noted = 0;
  #last: Snapshot | undefined;
  readonly id = SELF_ID;
  readonly sessionId = SELF_ID;
  readonly logger = (...args: unknown[]): void => globalThis.console.log(...args);
  readonly self: Record<string, unknown>;
  readonly system: Record<string, unknown>;
  actionExecutor = (action: CollectedAction): void => {
    checkCollected(action);
    this.collected.push(action);
  };

  constructor() {
    const nothing = (): void => {};
    this.system = {
      _bookId: () => 'child',
      _clock: undefined,
      _logger: nothing,
      _register: () => 'child',
      _relay: nothing,
      _sendInspectionEvent: (event: Microstep) => {
        if (event.type !== '@xstate.microstep') return;
        this.microsteps?.push(event);
        this.trail.add(event.snapshot);
        this.#note(event);
      },
      _set: nothing,
      _unregister: nothing,
      get: (systemId: string) =>
        Object.values((this.current?.children ?? {}) as Record<string, { systemId?: string }>).find(
          (child) => child.systemId === systemId,
        ),
      inspect: nothing,
      scheduler: { schedule: nothing, cancel: nothing, cancelAll: nothing },
    };
    this.self = {
      id: this.id,
      sessionId: this.sessionId,
      system: this.system,
      getSnapshot: () => this.current,
      send: () => {
        throw new StepError(
          'unsupported_effect',
          'A dialogue cannot send to itself from an action: use raise(), or runner.handle() from outside.',
        );
      },
    };
  }

  begin(snapshot: Snapshot | undefined, hasParent: boolean): void {
    this.busy = true;
    this.collected = [];
    this.current = snapshot;
    this.taken = false;
    this.#noted = 0;
    this.#last = snapshot;
    this.self['_parent'] = hasParent ? PARENT : undefined;
  }

  /** Forgets what was collected of the event. */
  restart(): void {
    this.collected = [];
    this.internalQueue.length = 0;
  }

  end(): void {
    this.busy = false;
    if (this.internalQueue.length > 0) this.internalQueue.length = 0;
    this.current = undefined;
    this.event = undefined;
    this.seed = undefined;
    this.microsteps = undefined;
    this.trail.clear();
    this.history = undefined;
    this.#last = undefined;
  }

  #note(microstep: Microstep): void {
    if (this.history === undefined || this.#last === undefined) return;
    this.history.note(this.collected.slice(this.#noted), this.#last, microstep);
    this.#noted = this.collected.length;
    this.#last = microstep.snapshot;
  }

  watch(): void {
    this.microsteps = [];
    this.guards = [];
  }

  defer(): void {}
  emit(): void {}
  stopChild(): void {}
}

export const sharedScope: CollectingScope = new CollectingScope();

// A step is synchronous. A guard may run another conversation; that step within a step gets another scope.
let active: CollectingScope | undefined;

/** The scope of the step that is being taken. */
export function activeScope(): CollectingScope | undefined {
  return active;
}

/** @returns the scope for a step; `leaveScope` ends it and makes `outer` the active one again */
export function enterScope(snapshot: Snapshot | undefined, hasParent: boolean): CollectingScope {
  active = sharedScope.busy ? new CollectingScope() : sharedScope;
  active.begin(snapshot, hasParent);
  return active;
}

export function leaveScope(scope: CollectingScope, outer: CollectingScope | undefined): void {
  scope.end();
  active = outer;
}
