import type { AnyActorLogic, AnyStateMachine } from 'xstate';
import { checkDialogue } from './check.ts';
import type { Effect } from './effect.ts';
import { type Intents, intentsOf } from './intents.ts';
import { declaredTypes, machinesOf } from './parts.ts';
import { Level, Run } from './run.ts';
import { ChildRef, type Logic, type Snapshot, compile, revive } from './stepped.ts';
import { type StoredSnapshot, isValueOf } from './stored.ts';

/**
 * Steps a dialogue as a pure function: snapshot + event → next snapshot + effects. Its child machines are stepped with
 * it, inside the same step. Only the files of this folder know XState's inside; everyone else works with the types here.
 */

export type { Snapshot } from './stepped.ts';

export interface Step {
  readonly next: Snapshot;
  readonly effects: readonly Effect[];
  /** Whether any state took the event. */
  readonly handled: boolean;
}

/** A context as it is kept: `shareable` where it is frozen through and through. */
export type Keep = (context: object) => { readonly data: object; readonly shareable: boolean };

export interface Engine {
  readonly id: string;
  readonly version: string;
  /** The `event.…` and `intent.…` types that the dialogue names or declares. */
  readonly declared: ReadonlySet<string>;
  /** What recognises the dialogue's intents, and those of its sub-dialogues. */
  readonly intents: Intents;
  /**
   * Starts the dialogue.
   * @param seed what the user's dictionary holds already; it goes over the dialogue's own initial context
   * @throws StepError `step_failed`, `not_stable`, `bad_reply`, `bad_expiry`
   */
  first(input: unknown, seed: object): Step;
  /**
   * Takes one event.
   * @param context the user's dictionary
   * @param actor where the event goes; undefined offers it to the deepest sub-dialogue that can take it, and upwards
   * @throws StepError `step_failed`, `not_stable`, `unsupported_effect`, `bad_reply`, `bad_expiry`. The snapshot stands as it was.
   */
  step(snapshot: Snapshot, event: { readonly type: string }, context: object, actor?: string): Step;
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
  /** The snapshot that the data stands for; undefined where the dialogue has no such state any more. */
  restore(stored: unknown, context: object): Snapshot | undefined;
}

/** @throws UsageError `bad_dialogue` for what the engine cannot carry */
export function createEngine(dialogue: AnyStateMachine): Engine {
  checkDialogue(dialogue);
  const logic = compile(dialogue);
  const resting = new Resting();
  return {
    id: dialogue.id,
    version: dialogue.version ?? '0',
    declared: declaredTypes(dialogue),
    intents: intentsOf(machinesOf(dialogue)),
    first(input, seed) {
      const run = new Run();
      const root = new Level(logic, '', undefined);
      run.start(root, input, seed);
      run.repeat(root);
      return { next: run.finish(root), effects: run.effects, handled: true };
    },
    step(snapshot, event, context, actor) {
      const run = new Run();
      const base = snapshot.context === context ? snapshot : { ...snapshot, context };
      const root = new Level(logic, '', base as Snapshot);
      const handled = actor === undefined ? run.offer(root, event) : run.direct(root, event, actor);
      run.repeat(root);
      return { next: run.finish(root), effects: run.effects, handled };
    },
    owns: (snapshot) => snapshot.machine === logic.machine,
    service(snapshot, actor, src) {
      let owner: Logic | undefined = logic;
      let at: Snapshot | undefined = snapshot;
      for (const id of actor === '' ? [] : actor.split('/')) {
        const ref = at?.children[id] as ChildRef | undefined;
        at = ref?.snapshot;
        owner = ref && owner?.child(ref.src);
      }
      return owner?.service(src);
    },
    rest: (snapshot, keep) => resting.of(snapshot, keep),
    persist: (snapshot) => persistSnapshot(snapshot, false),
    restore(stored, context) {
      const snapshot = restoreSnapshot(logic, stored);
      return snapshot === undefined ? undefined : ({ ...snapshot, context } as Snapshot);
    },
  };
}

/** The most states for which a shared snapshot is kept; the regions of a parallel state may multiply beyond reason. */
const MAX_RESTING = 1000;
const NO_CONTEXT = Object.freeze({});

/** Resting snapshots by state value. One weighs 0.5 KB: as much as everything else that is kept for a conversation. */
class Resting {
  /** By the name of the state, or by the JSON of a nested value. */
  readonly #simple = new Map<string, Snapshot>();
  readonly #nested = new Map<string, Snapshot>();

  of(snapshot: Snapshot, keep: Keep): Snapshot {
    const { status, value, children, historyValue } = snapshot;
    const isBare = status === 'active' && isEmpty(children) && isEmpty(historyValue);
    if (!isBare) return restChildren(snapshot, NO_CONTEXT, keep);
    const isSimple = typeof value === 'string';
    const known = isSimple ? this.#simple : this.#nested;
    const key = isSimple ? value : JSON.stringify(value);
    const shared = known.get(key);
    if (shared !== undefined) return shared;
    const resting = { ...snapshot, context: NO_CONTEXT } as Snapshot;
    if (known.size < MAX_RESTING) known.set(key, resting);
    return resting;
  }
}

/** The same snapshot, with the context of every sub-dialogue made fit to be kept. */
function restChildren(snapshot: Snapshot, context: object, keep: Keep): Snapshot {
  const children: Record<string, ChildRef> = {};
  for (const ref of Object.values(snapshot.children as unknown as Record<string, ChildRef>)) {
    const { id, src, systemId } = ref;
    if (ref.snapshot === undefined || ref.isFrozen !== undefined) {
      children[id] = ref;
    } else {
      const { data, shareable } = keep(ref.snapshot.context as object);
      const rested = restChildren(ref.snapshot, data, keep);
      children[id] = new ChildRef(id, src, systemId, rested, shareable);
    }
  }
  return { ...snapshot, context, children } as unknown as Snapshot;
}

function isEmpty(object: object): boolean {
  for (const _key in object) return false;
  return true;
}

function persistSnapshot(snapshot: Snapshot, withContext: boolean): StoredSnapshot {
  const { status, value, output, historyValue, context } = snapshot;
  const children: Record<string, StoredSnapshot['children'][string]> = {};
  for (const ref of Object.values(snapshot.children as unknown as Record<string, ChildRef>)) {
    children[ref.id] = {
      src: ref.src,
      ...(ref.systemId !== undefined && { systemId: ref.systemId }),
      ...(ref.snapshot && { snapshot: persistSnapshot(ref.snapshot, true) }),
    };
  }
  const history: Record<string, string[]> = {};
  for (const [id, nodes] of Object.entries(historyValue))
    history[id] = nodes.map((node) => node.id);
  return {
    status: status as StoredSnapshot['status'],
    value,
    children,
    history,
    ...(output !== undefined && { output }),
    ...(withContext && { context: context as object }),
  };
}

function restoreSnapshot(logic: Logic, data: unknown): Snapshot | undefined {
  const { machine } = logic;
  const stored = data as StoredSnapshot;
  if (!isValueOf(machine.root, stored)) return undefined;
  const children: Record<string, ChildRef> = {};
  for (const [id, child] of Object.entries(stored.children)) {
    const childLogic = logic.child(child.src);
    if (!Object.hasOwn(machine.implementations.actors, child.src)) return undefined;
    if ((childLogic === undefined) !== (child.snapshot === undefined)) return undefined;
    const snapshot = childLogic && restoreSnapshot(childLogic, child.snapshot);
    if (childLogic !== undefined && snapshot === undefined) return undefined;
    children[id] = new ChildRef(id, child.src, child.systemId, snapshot);
  }
  const historyValue = Object.fromEntries(
    Object.entries(stored.history).map(([id, nodes]) => [id, nodes.map((node) => ({ id: node }))]),
  );
  const { status, value, output, context } = stored;
  // An empty context, because XState would write into the real one.
  const restored = revive(logic, {
    status,
    value,
    output,
    error: undefined,
    context: {},
    children: {},
    historyValue,
  });
  return { ...restored, context: context ?? {}, children } as unknown as Snapshot;
}
