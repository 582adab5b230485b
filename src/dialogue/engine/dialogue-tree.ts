import type { AnyActorRef } from 'xstate';
import { StepError } from '../../errors.ts';
import { type WordEvent, toReply } from '../../reply.ts';
import { type Effect, actorPath } from './effect.ts';
import { askedBy } from './question.ts';
import { guardErrorOf } from './guard-error.ts';
import { type Locality, type StepLevel, currentStep } from '../text/current-step.ts';
import { ChildRef, type Snapshot } from './child-ref.ts';
import { PARENT, SELF_ID } from './collecting-scope.ts';
import type { CollectedAction } from './fast-path.ts';
import { type Macrostep, enter, macrostep } from './macrostep.ts';
import { type Logic, MAX_STEPS } from './stepped-machine.ts';
import { wordsOf } from '../text/localize.ts';

/** One (sub-)dialogue during one run. */
export class Level implements StepLevel {
  readonly logic: Logic;
  readonly path: string;
  snapshot: Snapshot | undefined;
  parent: Level | undefined;
  readonly id: string;
  /** The sub-dialogues touched in this run. */
  children: Map<string, Level> | undefined;
  inbox: { readonly type: string }[] = NO_EVENTS;
  busy = false;

  constructor(logic: Logic, path: string, snapshot: Snapshot | undefined, parent?: Level, id = '') {
    this.logic = logic;
    this.path = path;
    this.snapshot = snapshot;
    this.parent = parent;
    this.id = id;
  }

  get locality(): Locality | undefined {
    return wordsOf(this.logic.machine.config);
  }

  get active(): boolean {
    return this.snapshot?.status === 'active';
  }
}

const NO_EVENTS: { readonly type: string }[] = [];

/** Has the state that asks say its question again. */
export const ASK_REPEAT = { type: 'ask.repeat' };

/** Has a sub-dialogue begin elsewhere than in its initial state. @returns whether it did */
export type Begin = (run: Run, level: Level, input: unknown) => boolean;

/** One step of the whole tree of a dialogue and its sub-dialogues. */
export class Run {
  readonly effects: Effect[] = [];
  readonly #begin: Begin | undefined;
  #macrosteps = 0;
  #repeats = false;

  constructor(begin?: Begin) {
    this.#begin = begin;
  }

  /** Enters the initial state of `level`. */
  start(level: Level, input: unknown, context: object | undefined): void {
    this.#enter(level);
    let entered: Macrostep;
    try {
      entered = enter(level.logic, input, context, level.parent !== undefined);
    } catch (cause) {
      throw stepError(level, cause);
    }
    this.#apply(level, entered);
    this.#drain(level);
  }

  /** Offers an event to the deepest sub-dialogues that can take it, then upwards. @returns whether anyone took it */
  offer(level: Level, event: { readonly type: string }): boolean {
    let handled = false;
    for (const id in level.snapshot?.children) {
      const child = this.#child(level, id);
      if (child?.active && this.offer(child, event)) handled = true;
    }
    return handled || this.#dispatch(level, event);
  }

  /** Hands an event to one actor; nobody else gets it. */
  direct(root: Level, event: { readonly type: string }, actor: string): boolean {
    let level: Level | undefined = root;
    for (const id of actor === '' ? [] : actor.split('/')) level = level && this.#child(level, id);
    return level?.active === true && this.#dispatch(level, event);
  }

  /**
   * Where a dialogue said `repeat`, has what is asked now be asked again: by the deepest sub-dialogue that asks, or a
   * dialogue above it; nobody asks, nothing is said. It comes last, when every level is at rest, so that the question
   * stands after everything else that is said, and is the one that is open.
   */
  repeat(root: Level): void {
    while (this.#repeats) {
      this.#repeats = false;
      if (root.active) this.offer(root, ASK_REPEAT);
    }
  }

  /** The resulting snapshot, with what changed further down put into place. */
  finish(level: Level): Snapshot {
    const snapshot = level.snapshot as Snapshot;
    let children: Record<string, ChildRef> | undefined;
    for (const id in snapshot.children) {
      const ref = snapshot.children[id] as ChildRef | AnyActorRef;
      const child = level.children?.get(id);
      if (ref instanceof ChildRef && child === undefined) continue;
      children ??= { ...(snapshot.children as Record<string, ChildRef>) };
      children[id] = new ChildRef(ref as ChildRef, child && this.finish(child));
    }
    return children === undefined ? snapshot : ({ ...snapshot, children } as unknown as Snapshot);
  }

  #dispatch(level: Level, event: { readonly type: string }): boolean {
    if (level.busy) {
      if (level.inbox === NO_EVENTS) level.inbox = [];
      level.inbox.push(event);
      return true;
    }
    this.#enter(level);
    const before = level.snapshot as Snapshot;
    let step: Macrostep;
    try {
      step = macrostep(level.logic, before, event, level.parent !== undefined);
    } catch (cause) {
      throw stepError(level, cause);
    }
    this.#apply(level, step);
    this.#drain(level);
    return step.taken || step.snapshot !== before;
  }

  #drain(level: Level): void {
    while (level.inbox.length > 0 && level.active) {
      this.#dispatch(level, level.inbox.shift() as { readonly type: string });
    }
  }

  /** Turns what XState asked for in a macrostep into effects. */
  #apply(level: Level, { snapshot, collected }: Macrostep): void {
    level.snapshot = snapshot;
    level.busy = true;
    for (const action of collected) this.#collect(level, action);
    level.busy = false;
    if (snapshot.status !== 'active') this.#end(level, snapshot);
  }

  /** Counts a macrostep of `level`, against loops. */
  #enter(level: Level): void {
    const step = currentStep();
    if (step !== undefined) step.level = level;
    this.#macrosteps += 1;
    if (this.#macrosteps <= MAX_STEPS) return;
    throw new StepError(
      'not_stable',
      `A dialogue and its sub-dialogues sent each other over ${MAX_STEPS} events in one turn; look for a loop.`,
    );
  }

  #collect(level: Level, action: CollectedAction): void {
    const actor = level.path;
    switch (action.type) {
      case 'xstate.emit':
        return this.#emit((action.params as { event: WordEvent }).event, actor);
      case 'xstate.raise': {
        const { event, id, delay } = action.params as SendParams;
        if (typeof delay === 'number') this.#set(actor, id, event, delay);
        return;
      }
      case 'xstate.cancel': {
        const { sendId } = action.params as { sendId: string };
        this.effects.push({ type: 'clear', actor, id: sendId });
        return;
      }
      case 'xstate.spawnChild':
        return this.#spawn(level, action.params as SpawnParams);
      case 'xstate.stopChild': {
        const ref = action.params as { id: string } | undefined;
        if (ref === undefined) return;
        level.children?.delete(ref.id);
        this.effects.push({ type: 'stop', actor, id: ref.id });
        return;
      }
      case 'xstate.sendTo':
        return this.#send(level, action.params as SendParams & { to: { id: string } });
      default: {
        const { exec, info, params, type } = action;
        if (exec === undefined) {
          throw new StepError(
            'step_failed',
            `Action '${type}' is not provided. Provide it under \`actions\`.`,
          );
        }
        this.effects.push({ type: 'action', name: type, run: () => exec(info, params) });
      }
    }
  }

  /** Words are effects of their own; whatever else is emitted is passed on. */
  #emit(event: WordEvent, actor: string): void {
    switch (event.type) {
      case 'reply': {
        const reply = toReply(event.reply);
        const asked = askedBy(event);
        this.effects.push(
          asked === undefined && reply.type !== 'choices'
            ? { type: 'reply', reply }
            : { type: 'reply', reply, actor, asked },
        );
        return;
      }
      case 'expireIn':
        this.effects.push({ type: 'expireIn', milliseconds: toSpan(event.milliseconds) });
        return;
      case 'forget':
        this.effects.push({ type: 'forget' });
        return;
      case 'repeat':
        this.#repeats = true;
        return;
      default:
        this.effects.push({ type: 'emit', event });
    }
  }

  #set(actor: string, id: string | undefined, event: { type: string }, delayMs: number): void {
    this.effects.push({ type: 'set', actor, id, event, delayMs });
  }

  #spawn(level: Level, { id, src, input, actorRef }: SpawnParams): void {
    if (typeof id !== 'string' || typeof src !== 'string') {
      throw new StepError(
        'unsupported_effect',
        'A spawned actor needs an `id` and the name of a provided actor, or a stored conversation could not find it again.',
      );
    }
    // Left again within the same macrostep: XState would not start it either.
    if (level.snapshot?.children[id] !== actorRef) return;
    const logic = level.logic.child(src);
    if (logic === undefined) {
      this.effects.push({ type: 'start', actor: level.path, id, src, input });
      return;
    }
    const child = new Level(logic, actorPath(level.path, id), undefined, level, id);
    level.children ??= new Map();
    level.children.set(id, child);
    if (this.#begin?.(this, child, input) !== true) this.start(child, input, undefined);
  }

  #send(level: Level, { to, event, id, delay }: SendParams & { to: { id: string } }): void {
    const isSelf = to.id === SELF_ID;
    if (typeof delay === 'number') {
      if (isSelf) return this.#set(level.path, id, event, delay);
      throw new StepError(
        'unsupported_effect',
        'A delayed sendTo() another actor cannot be kept over a restart: raise() a delayed event and send when it comes.',
      );
    }
    if (isSelf) {
      this.#dispatch(level, event);
    } else if ((to as unknown) === PARENT) {
      if (level.parent !== undefined) this.#dispatch(level.parent, event);
    } else {
      const child = this.#child(level, to.id);
      if (child?.active) this.#dispatch(child, event);
    }
  }

  /** A machine that is done, or failed, tells its parent; what it had waiting is cleared. */
  #end(level: Level, { status, output, error }: Snapshot): void {
    this.effects.push({ type: 'clear', actor: level.path, id: undefined });
    if (level.parent === undefined) {
      if (status === 'error') throw stepError(level, error);
      return;
    }
    const type = status === 'done' ? 'done' : 'error';
    const event = { type: `xstate.${type}.actor.${level.id}`, output, error, actorId: level.id };
    this.#dispatch(level.parent, event);
  }

  #child(level: Level, id: string): Level | undefined {
    const known = level.children?.get(id);
    if (known !== undefined) return known;
    const ref: unknown = level.snapshot?.children[id];
    if (!(ref instanceof ChildRef) || ref.snapshot === undefined) return undefined;
    const logic = level.logic.child(ref.src);
    if (logic === undefined) return undefined;
    const { snapshot } = ref;
    // What no freezing protects is copied, or a step that throws would leave its traces.
    const own =
      ref.isFrozen === false
        ? ({ ...snapshot, context: structuredClone(snapshot.context) } as Snapshot)
        : snapshot;
    const child = new Level(logic, actorPath(level.path, id), own, level, id);
    level.children ??= new Map();
    level.children.set(id, child);
    return child;
  }
}

interface SendParams {
  readonly event: { readonly type: string };
  readonly id: string | undefined;
  readonly delay: number | undefined;
}

interface SpawnParams {
  readonly id: unknown;
  readonly src: unknown;
  readonly input: unknown;
  readonly actorRef: unknown;
}

function toSpan(milliseconds: unknown): number | null {
  if (milliseconds === null) return null;
  if (typeof milliseconds === 'number' && milliseconds >= 0 && Number.isFinite(milliseconds)) {
    return milliseconds;
  }
  throw new StepError(
    'bad_expiry',
    'A dialogue asks to expire in a finite number of milliseconds of at least 0, or null for the default age.',
  );
}

function stepError(level: Level, thrown: unknown): StepError {
  const cause = guardErrorOf(thrown);
  if (cause instanceof StepError) return cause;
  const { id } = level.logic.machine;
  return new StepError(
    'step_failed',
    `Dialogue '${id}' threw while it took an event, so the turn changed nothing; see the cause.`,
    { cause, details: { dialogue: id } },
  );
}
