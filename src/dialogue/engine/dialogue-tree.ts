import { StepError } from '../../errors.ts';
import type { WordEvent } from '../../reply.ts';
import { currentStep } from '../text/current-step.ts';
import { ChildRef, type Snapshot, ownCopy } from './child-ref.ts';
import { PARENT, SELF_ID } from './collecting-scope.ts';
import type { Effect } from './effect.ts';
import { cleared, finishedSnapshot } from './finished-snapshot.ts';
import { settled } from './settled.ts';
import { emittedEffect } from './emitted-effect.ts';
import type { CollectedAction, SendParams, SpawnParams } from './collected-action.ts';
import type { Level, Waiting } from './level.ts';
import { type Macrostep, enter, macrostep } from './macrostep.ts';
import { BY_ACTION, isPausedAs, pausedOf, resumptionOf } from './paused.ts';
import { Entering, MAX_STEPS, beforehand } from './stepped-machine.ts';

/** Makes the state that asks say its question again. */
export const ASK_REPEAT = { type: 'ask.repeat' };

/** Starts a sub-dialogue in other states than its initial one. @returns whether it did */
export type Begin = (level: Level, input: unknown) => boolean;

/** One step of a dialogue and its sub-dialogues. */
export class DialogueTree {
  readonly effects: Effect[] = [];
  readonly #begin: Begin | undefined;
  #macrosteps = 0;
  #repeats = false;
  /** The last error with which a sub-dialogue ended. */
  #failure: StepError | undefined;

  constructor(begin?: Begin) {
    this.#begin = begin;
  }

  /** Enters the initial state of `level`. */
  start(level: Level, input: unknown, context: object | undefined): void {
    this.#count(level);
    let entered: Macrostep;
    try {
      entered = enter(level.logic, input, context, level.parent !== undefined);
    } catch (cause) {
      throw level.errorOf(cause);
    }
    this.#apply(level, entered);
    this.#drain(level);
  }

  /** Offers an event to the innermost sub-dialogues, then upwards until a state takes it. @returns whether one did */
  offer(level: Level, event: { readonly type: string }): boolean {
    let handled = false;
    const running = level.snapshot?.children ?? {};
    for (const id in running) {
      // One that this event has only just started is not offered it.
      if (running[id] !== level.snapshot?.children[id]) continue;
      const child = level.child(id);
      if (child?.isActive && this.offer(child, event)) handled = true;
    }
    return handled || this.#dispatch(level, event);
  }

  /** Hands an event to one actor and to no other. @returns whether a state took it */
  direct(root: Level, event: { readonly type: string }, actor: string): boolean {
    let level: Level | undefined = root;
    for (const id of actor === '' ? [] : actor.split('/')) level = level?.child(id);
    return level?.isActive === true && this.#dispatch(level, event);
  }

  /**
   * Repeats the open question if the dialogue said `repeat`: that of the innermost sub-dialogue that asks. It is the last
   * thing that a step does, so that the question comes after all other replies and is the one that is open.
   */
  repeat(root: Level): void {
    while (this.#repeats) {
      this.#repeats = false;
      if (root.isActive) this.offer(root, ASK_REPEAT);
    }
  }

  /** The resulting snapshot, with those of the sub-dialogues that changed. */
  finish(level: Level): Snapshot {
    return finishedSnapshot(level, this.effects);
  }

  /** @param ended the sub-dialogue that tells by the event that it has ended */
  #dispatch(level: Level, event: { readonly type: string }, ended?: Level): boolean {
    if (level.isBusy) {
      level.queue(event, ended);
      return true;
    }
    this.#count(level);
    const before = level.snapshot as Snapshot;
    level.event = event;
    level.before = before;
    let step: Macrostep;
    try {
      step = macrostep(level.logic, before, event, level.parent !== undefined);
    } catch (cause) {
      throw level.errorOf(cause);
    }
    this.#apply(level, step);
    this.#drain(level);
    return step.taken || step.snapshot !== before;
  }

  /** A macrostep of `level` begins. */
  #count(level: Level): void {
    const step = currentStep();
    if (step !== undefined) step.level = level;
    this.#macrosteps += 1;
    if (this.#macrosteps <= MAX_STEPS) return;
    throw new StepError(
      'not_stable',
      `A dialogue and its sub-dialogues sent each other over ${MAX_STEPS} events in one turn; look for a loop.`,
    );
  }

  #drain(level: Level): void {
    while (level.inbox.length > 0 && level.isActive) {
      const { event, ended } = level.inbox.shift() as Waiting;
      // A sub-dialogue of the same id may have taken the place of one that has ended and was stopped.
      if (ended?.isStopped !== true) this.#dispatch(level, event);
    }
  }

  #apply(level: Level, { snapshot, collected }: Macrostep): void {
    level.snapshot = snapshot;
    level.isBusy = true;
    for (const action of collected) {
      // By what it sent before, its parent may have stopped it.
      if (!level.isStopped) this.#collect(level, action);
    }
    level.isBusy = false;
    if (snapshot.status !== 'active' && !level.isStopped) this.#end(level, snapshot);
  }

  /** Turns what XState would have done into effects, and into steps of other levels. */
  #collect(level: Level, action: CollectedAction): void {
    const actor = level.path;
    switch (action.type) {
      case 'xstate.emit': {
        const { event } = action.params as { event: WordEvent };
        if (event.type === 'repeat') this.#repeats = true;
        else this.effects.push(emittedEffect(event, actor));
        return;
      }
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
        return this.#spawn(level, action as CollectedAction & { readonly params: SpawnParams });
      case 'xstate.stopChild': {
        const ref = action.params as ChildRef | undefined;
        if (ref === undefined) return;
        const pauses =
          action.host?.byHistory === true && this.#pause(level, ref, action.host.state);
        level.stopChild(ref.id);
        this.effects.push({ type: 'stop', actor, id: ref.id, ...(pauses && { pauses }) });
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

  #set(actor: string, id: string | undefined, event: { type: string }, delayMs: number): void {
    this.effects.push({ type: 'set', actor, id, event, delayMs });
  }

  #spawn(level: Level, action: CollectedAction & { readonly params: SpawnParams }): void {
    const { host, params } = action;
    const { id, src, input, actorRef } = params;
    if (typeof id !== 'string' || typeof src !== 'string') {
      throw new StepError(
        'unsupported_effect',
        'A spawned actor needs an `id` and the name of a provided actor, or a stored conversation could not find it again.',
      );
    }
    settled(input, `The input of '${src}'`);
    // Only a sub-dialogue that resumes has paused ones that were spawned.
    const { state, byHistory } = host ?? { state: BY_ACTION, byHistory: true };
    const paused = level.paused.find(isPausedAs(state, id));
    const isStarted = level.snapshot?.children[id] === actorRef;
    if (paused !== undefined && (isStarted || !byHistory)) {
      level.paused = level.paused.filter((each) => each !== paused);
      if (!byHistory) this.effects.push(cleared(level, paused));
    }
    // If its state was left within the same macrostep, XState would not start it either.
    if (!isStarted) return;
    const logic = level.logic.child(src);
    if (logic === undefined) {
      this.effects.push({ type: 'start', actor: level.path, id, src, input });
      return;
    }
    const child = level.addChild(logic, undefined, id);
    const { event } = action.info as { readonly event: { readonly type: string } };
    child.startedBy = event.type === 'xstate.init' ? level.startedBy : event;
    if (byHistory && paused?.child.src === src) return this.#resume(child, paused.child);
    if (this.#begin?.(child, input) !== true) this.start(child, input, undefined);
  }

  /**
   * Keeps a sub-dialogue that is about to be stopped, for the history that remembers its state.
   * @returns whether it ran
   */
  #pause(level: Level, ref: ChildRef, state: string): boolean {
    const child = level.children?.get(ref.id);
    const kept = child === undefined ? ref : new ChildRef(ref, this.finish(child));
    // One that was left in the microstep after it was entered has not started.
    if (kept.snapshot?.status !== 'active') return false;
    const others = level.paused.filter((each) => !isPausedAs(state, ref.id)(each));
    level.paused = [...others, { state, child: kept }];
    return true;
  }

  /** Has a sub-dialogue enter again the states that it stood in; the sub-dialogues in it do the same. */
  #resume(level: Level, ref: ChildRef): void {
    const kept = ownCopy(ref) as Snapshot;
    const { context, historyValue } = kept;
    const { leaves, invoked, spawned } = resumptionOf(kept);
    const children = Object.fromEntries(spawned.map(({ child }) => [child.id, child]));
    level.snapshot = beforehand(level.logic, { context, historyValue, children });
    level.paused = [...pausedOf(kept), ...invoked, ...spawned];
    this.#dispatch(level, new Entering(kept.machine.root, leaves, { resumes: true }));
    for (const { child } of spawned) {
      const logic = level.logic.child(child.src);
      // An entry action that spawns it has resumed it already.
      const isLeft = level.isActive && level.snapshot.children[child.id] === (child as unknown);
      if (logic !== undefined && isLeft) {
        this.#resume(level.addChild(logic, undefined, child.id), child);
      }
    }
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
      const child = level.child(to.id);
      if (child?.isActive) this.#dispatch(child, event);
    }
  }

  /** Clears the timers of a machine that is done or failed, and informs its parent. */
  #end(level: Level, { status, output, error }: Snapshot): void {
    settled(output, 'The output');
    this.effects.push({ type: 'clear', actor: level.path, id: undefined });
    if (level.parent === undefined) {
      if (status === 'error') throw this.#innermost(level, error);
      return;
    }
    if (status === 'error') this.#failure = this.#innermost(level, error);
    const type = status === 'done' ? 'done' : 'error';
    const event = { type: `xstate.${type}.actor.${level.id}`, output, error, actorId: level.id };
    this.#dispatch(level.parent, event, level);
  }

  /** The error as the sub-dialogue tells it in which it arose. */
  #innermost(level: Level, error: unknown): StepError {
    const known = this.#failure;
    return known !== undefined && known.cause === error ? known : level.errorOf(error);
  }
}
