import type { AnyActorLogic, AnyStateMachine, EventObject } from 'xstate';
import { isSpoken } from '../../message.ts';
import { checkDialogue } from './validate.ts';
import { type Delay, delayKey, delaysOf } from './delays.ts';
import type { Effect } from './effect.ts';
import { type Intents, intentsOf } from './intents.ts';
import { declaredTypes, machinesOf, namingOf } from './machine-walk.ts';
import { noteUntaken, withStep } from '../text/current-step.ts';
import { ASK_REPEAT, Level, Run } from './dialogue-tree.ts';
import type { Scene } from './scene.ts';
import { ChildRef, type Snapshot, childrenOf } from './child-ref.ts';
import { type Logic, compile } from './stepped-machine.ts';
import { type StoredSnapshot, persistSnapshot, restoreSnapshot } from './snapshot.ts';
import { structureOf } from './structure.ts';

/**
 * Steps a dialogue as a pure function: snapshot + event → next snapshot + effects. Its child machines are stepped with
 * it, inside the same step. Only the files of this folder know XState's inside; everyone else works with the types here.
 */

export type { Snapshot } from './child-ref.ts';

export interface Step {
  readonly next: Snapshot;
  readonly effects: readonly Effect[];
  /** Whether any state took the event. */
  readonly handled: boolean;
}

/** A dialogue's state as data, with what is needed to know which definition it belongs to. */
export interface StoredDialogue {
  readonly id: string;
  readonly version: string;
  readonly structure: string;
  readonly snapshot: StoredSnapshot;
  /** Keys of the delays that its states have, whether they are still pending or have fired; without it there are none. */
  readonly delays?: readonly string[];
}

/** A context as it is kept: `shareable` where it is frozen through and through. */
export type Keep = (context: object) => { readonly data: object; readonly shareable: boolean };

export interface Engine {
  readonly id: string;
  readonly version: string;
  /** Changes with what a stored snapshot depends on; see `structureOf`. */
  readonly structure: string;
  /** The `event.…` and `intent.…` types that the dialogue names or declares. */
  readonly declared: ReadonlySet<string>;
  /** Whether any state has a transition for such a type, be it as `event.*`; where none has, no state takes it. */
  names(type: string): boolean;
  /** What recognises the dialogue's intents, and those of its sub-dialogues. */
  readonly intents: Intents;
  /**
   * Starts the dialogue.
   * @param seed what the user's dictionary holds already; it goes over the dialogue's own initial context
   * @param when the time that it is, in epoch ms: what `now()` says
   * @throws StepError `step_failed`, `not_stable`, `bad_reply`, `bad_expiry`
   */
  first(input: unknown, seed: object, when?: number): Step;
  /**
   * Takes one event. Where it is a button that nobody takes and no question offered, the question that stands open is
   * asked again.
   * @param context the user's dictionary
   * @param when the time that it is, in epoch ms: what `now()` says
   * @param scene whom the event is for, and what the user may choose from
   * @throws StepError `step_failed`, `not_stable`, `unsupported_effect`, `bad_reply`, `bad_expiry`. The snapshot stands as it was.
   */
  step(
    snapshot: Snapshot,
    event: { readonly type: string },
    context: object,
    when?: number,
    scene?: Scene,
  ): Step;
  /** The delays of the states that a snapshot is in, of whatever dialogue it is. */
  delays(snapshot: Snapshot): readonly Delay[];
  /** Whether the snapshot is of this very dialogue. */
  owns(snapshot: Snapshot): boolean;
  /** The logic of the service that `actor` invokes as `src`; undefined where there is none any more. */
  service(snapshot: Snapshot, actor: string, src: string): AnyActorLogic | undefined;
  /**
   * The snapshot without its context, to be kept while the conversation rests. All conversations that rest in the same
   * state share one, as long as nothing else than the state is worth keeping.
   * @param keep makes the context of a sub-dialogue fit to be kept, or throws
   */
  rest(snapshot: Snapshot, keep: Keep): Snapshot;
  /** The snapshot as plain data, without the root's context, which is kept as the user's dictionary. */
  persist(snapshot: Snapshot): StoredSnapshot;
  /** The same with what it belongs to. All conversations that rest in the same state share one, as with `rest`. */
  stored(snapshot: Snapshot): StoredDialogue;
  /** The snapshot that the data stands for; undefined where the dialogue has no such state any more. */
  restore(stored: unknown, context: object): Snapshot | undefined;
  /** Whether a timer, or a service where it has a `src`, still has its place in a restored snapshot. */
  expects(
    snapshot: Snapshot,
    pending: {
      readonly actor: string;
      readonly id: string;
      readonly src?: string;
      readonly event?: { readonly type: string };
    },
  ): boolean;
}

/** @throws UsageError `bad_dialogue` for what the engine cannot carry */
export function createEngine(dialogue: AnyStateMachine): Engine {
  checkDialogue(dialogue);
  const logic = compile(dialogue);
  const resting = new Resting();
  let structure: string | undefined;
  const { id, version = '0' } = dialogue;
  return {
    id,
    version,
    get structure() {
      structure ??= structureOf(dialogue);
      return structure;
    },
    declared: declaredTypes(dialogue),
    names: namingOf(dialogue),
    intents: intentsOf(machinesOf(dialogue)),
    first(input, seed, when) {
      const run = new Run();
      const root = new Level(logic, '', undefined);
      withStep(when, () => {
        run.start(root, input, seed);
        run.repeat(root);
      });
      return { next: run.finish(root), effects: run.effects, handled: true };
    },
    step(snapshot, event, context, now, scene = NO_SCENE) {
      const run = new Run();
      const base = snapshot.context === context ? snapshot : { ...snapshot, context };
      const root = new Level(logic, '', base as Snapshot);
      const work = (): Step => {
        const { actor } = scene;
        let handled = actor === undefined ? run.offer(root, event) : run.direct(root, event, actor);
        if (!handled && isAskedAgain(event, scene)) handled = run.offer(root, ASK_REPEAT);
        if (!handled) noteUntaken(event);
        run.repeat(root);
        return { next: run.finish(root), effects: run.effects, handled };
      };
      return withStep(now, work, scene);
    },
    delays: (snapshot) => delaysOf(snapshot),
    owns: (snapshot) => snapshot.machine === logic.machine,
    service: (snapshot, actor, src) => actorAt(logic, snapshot, actor)?.logic.service(src),
    rest: (snapshot, keep) => resting.of(snapshot, keep),
    persist: (snapshot) => persistSnapshot(snapshot, false),
    stored(snapshot) {
      const shared = resting.find(snapshot);
      if (shared?.stored !== undefined) return shared.stored;
      structure ??= structureOf(dialogue);
      const delays = delaysOf(snapshot).map(delayKey);
      const stored = {
        id,
        version,
        structure,
        snapshot: persistSnapshot(snapshot, false),
        ...(delays.length > 0 && { delays }),
      };
      if (shared !== undefined) shared.stored = Object.freeze(stored);
      return stored;
    },
    restore(stored, context) {
      const snapshot = restoreSnapshot(logic, stored);
      return snapshot === undefined ? undefined : ({ ...snapshot, context } as Snapshot);
    },
    expects(snapshot, { actor, id, src, event }) {
      const owner = actorAt(logic, snapshot, actor);
      if (owner === undefined) return false;
      if (src !== undefined) {
        const ref = owner.snapshot.children[id] as ChildRef | undefined;
        return ref?.src === src && owner.logic.service(src) !== undefined;
      }
      // A delay of a state counts there alone; any other event may be for whatever state there is.
      if (event === undefined || !event.type.startsWith('xstate.after.')) return true;
      return owner.snapshot._nodes.some((node) => node.transitions.has(event.type));
    },
  };
}

/** The (sub-)dialogue at an address. */
function actorAt(
  logic: Logic,
  snapshot: Snapshot,
  actor: string,
): { readonly logic: Logic; readonly snapshot: Snapshot } | undefined {
  let owner: Logic | undefined = logic;
  let at: Snapshot | undefined = snapshot;
  for (const id of actor === '' ? [] : actor.split('/')) {
    const ref = at?.children[id] as ChildRef | undefined;
    at = ref?.snapshot;
    owner = ref && owner?.child(ref.src);
  }
  return owner && at && { logic: owner, snapshot: at };
}

/** The most states for which a shared snapshot is kept; the regions of a parallel state may multiply beyond reason. */
const MAX_RESTING = 1000;
const NO_SCENE: Scene = Object.freeze({});
const NO_CONTEXT = Object.freeze({});

/** What all conversations share that rest in the same state. */
interface Rest {
  readonly snapshot: Snapshot;
  /** The same as data, where it was asked for. Frozen: whoever finds it so finds it again. */
  stored: StoredDialogue | undefined;
}

/** Resting snapshots by state value. One weighs 0.5 KB: as much as everything else that is kept for a conversation. */
class Resting {
  /** By the name of the state, or by the JSON of a nested value. */
  readonly #simple = new Map<string, Rest>();
  readonly #nested = new Map<string, Rest>();

  of(snapshot: Snapshot, keep: Keep): Snapshot {
    return this.find(snapshot)?.snapshot ?? restChildren(snapshot, NO_CONTEXT, keep);
  }

  /** What a snapshot shares with others, where nothing else than the state is worth keeping. */
  find(snapshot: Snapshot): Rest | undefined {
    const { status, value, children, historyValue } = snapshot;
    const isBare = status === 'active' && isEmpty(children) && isEmpty(historyValue);
    if (!isBare) return undefined;
    const isSimple = typeof value === 'string';
    const known = isSimple ? this.#simple : this.#nested;
    const key = isSimple ? value : JSON.stringify(value);
    const shared = known.get(key);
    if (shared !== undefined || known.size >= MAX_RESTING) return shared;
    const resting = { ...snapshot, context: NO_CONTEXT } as Snapshot;
    const rest = { snapshot: resting, stored: undefined };
    known.set(key, rest);
    return rest;
  }
}

/** The same snapshot, with the context of every sub-dialogue made fit to be kept. */
function restChildren(snapshot: Snapshot, context: object, keep: Keep): Snapshot {
  const children: Record<string, ChildRef> = {};
  for (const ref of childrenOf(snapshot)) {
    if (ref.snapshot === undefined || ref.isFrozen !== undefined) {
      children[ref.id] = ref;
    } else {
      const { data, shareable } = keep(ref.snapshot.context as object);
      const rested = restChildren(ref.snapshot, data, keep);
      children[ref.id] = new ChildRef(ref, rested, shareable);
    }
  }
  return { ...snapshot, context, children } as unknown as Snapshot;
}

function isEmpty(object: object): boolean {
  for (const _key in object) return false;
  return true;
}

/**
 * Whether an event that no state takes has the open question asked again. A button that no question offered is no answer.
 * Who comes back to a bot, or starts it once more, waits for it to speak: after silence, their greeting would be taken for
 * the answer.
 */
function isAskedAgain(event: EventObject, { chosen }: Scene): boolean {
  if (event.type === 'message.action') return chosen === undefined;
  return event.type === 'event.follow' && isSpoken(event);
}
