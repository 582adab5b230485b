import type { AnyActorLogic, AnyStateMachine, EventObject } from 'xstate';
import { type Message, isSpoken } from '../../message.ts';
import { beginStep, endStep, noteUntaken, withStep } from '../text/current-step.ts';
import { type HistoryLimits, historyLimitsOf } from '../text/history.ts';
import type { HistoryTurn } from '../text/history-turns.ts';
import type { OpenQuestion, OpenSlot } from '../text/recognizers.ts';
import { type ChildRef, type Snapshot, childrenOf, snapshotAt } from './child-ref.ts';
import { type Delay, delayKey, delaysOf } from './delays.ts';
import { ASK_REPEAT, DialogueTree } from './dialogue-tree.ts';
import type { Effect } from './effect.ts';
import { type GatherRule, gatherRuleIn, hasGatherRule } from './gather.ts';
import { type Intents, intentsOf } from './intents.ts';
import { Level } from './level.ts';
import { declaredTypes, machinesOf, namingOf } from './machine-walk.ts';
import type { FormView } from './form-mark.ts';
import { formIn, hasUnderstandingForm, isReadIn, openSlotsIn } from './open-form.ts';
import { openQuestionIn } from './open-question.ts';
import type { Scene } from './scene.ts';
import { isPausedAt } from './paused.ts';
import { type Keep, SharedSnapshots, type VersionedSnapshot } from './shared-snapshots.ts';
import { type StoredSnapshot, persistSnapshot, restoreSnapshot } from './snapshot.ts';
import { type Logic, compile } from './stepped-machine.ts';
import { structureOf } from './structure.ts';
import { intentsLeadingIn, intentsTakenIn, isForbidden } from './taken-intents.ts';
import { checkDialogue } from './validate.ts';

/**
 * Steps a dialogue as a pure function: snapshot + event → next snapshot + effects. Its child machines are part of the same
 * step. Only the files of this folder know the inside of XState; all others use the types here.
 */

export type { Snapshot } from './child-ref.ts';
export type { Keep } from './shared-snapshots.ts';

export interface Step {
  readonly next: Snapshot;
  readonly effects: readonly Effect[];
  /** Whether a state took the event. */
  readonly handled: boolean;
}

/** What a step knows beside the event. */
export interface StepAbout {
  /** What `now()` returns, in epoch milliseconds. Default: the time of the process. */
  readonly now?: number | undefined;
  readonly scene?: Scene | undefined;
  /** What was said before; looked at only where the dialogue keeps it. */
  readonly history?: readonly HistoryTurn[] | undefined;
}

export interface Engine {
  readonly id: string;
  readonly version: string;
  readonly dialogue: AnyStateMachine;
  /** Changes with everything that a stored snapshot depends on; see `structureOf`. */
  readonly structure: string;
  /** The `event.…` and `intent.…` types that the dialogue names or declares. */
  readonly declared: ReadonlySet<string>;
  /** Whether a state has a transition for this type, also as `event.*`. If none has, no state takes such an event. */
  names(type: string): boolean;
  /** What recognises the intents of the dialogue and of its sub-dialogues. */
  readonly intents: Intents;
  /** How much is kept of what was said; undefined for nothing. */
  readonly history: HistoryLimits | undefined;
  /** Whether a form of the dialogue, or of a sub-dialogue, has a recognizer. */
  readonly understands: boolean;
  /** Whether a state of the dialogue, or of a sub-dialogue, says how texts are gathered in it. */
  readonly gathers: boolean;
  /** What the active states of a snapshot say of that; undefined if they say nothing. */
  gather(snapshot: Snapshot): GatherRule | undefined;
  /** Tells of an intent whether a state of a snapshot has a transition for it. If none has, no state takes it there. */
  takes(snapshot: Snapshot): (intent: string) => boolean;
  /** The same, but for forms that only read the values of an intent. */
  leads(snapshot: Snapshot): (intent: string) => boolean;
  /** The question that the user is to answer in a snapshot. */
  question(snapshot: Snapshot, context: object, now?: number): OpenQuestion | undefined;
  /** The form whose question the user is to answer; undefined if none asks. */
  form(snapshot: Snapshot): FormView | undefined;
  /** The slots of that form. */
  slots(snapshot: Snapshot, context: object, now?: number): readonly OpenSlot[];
  /** Whether that form takes a message as a whole, so that there is nothing left to be recognised in it. */
  isRead(snapshot: Snapshot, message: Message, about: StepAbout & { context: object }): boolean;
  /**
   * Starts the dialogue.
   * @param seed the user's dictionary, which goes over the initial context of the dialogue
   * @throws StepError `step_failed`, `not_stable`, `bad_reply`, `bad_expiry`
   */
  first(input: unknown, seed: object, about?: Omit<StepAbout, 'scene'>): Step;
  /**
   * Takes one event. For a button that no question offered and no state takes, the open question is asked again.
   * @param context the user's dictionary
   * @throws StepError `step_failed`, `not_stable`, `unsupported_effect`, `bad_reply`, `bad_expiry`; then nothing changed
   */
  step(
    snapshot: Snapshot,
    event: { readonly type: string },
    context: object,
    about?: StepAbout,
  ): Step;
  /** The delays of the states of a snapshot, which may be one of another dialogue. */
  delays(snapshot: Snapshot): readonly Delay[];
  /** Whether the snapshot is one of this very dialogue. */
  owns(snapshot: Snapshot): boolean;
  /**
   * Whether a state of a snapshot takes anything that comes from outside of the dialogue. If none does, only a timer or a
   * service can end the state.
   */
  hears(snapshot: Snapshot): boolean;
  /** The logic of the service that `actor` invokes as `src`; undefined if the dialogue does not have it any more. */
  service(snapshot: Snapshot, actor: string, src: string): AnyActorLogic | undefined;
  /**
   * The snapshot without its context, to keep between two turns. All conversations in the same state share one, unless
   * they have sub-dialogues, services or a history.
   * @param keep copies the context of each sub-dialogue, or throws
   */
  share(snapshot: Snapshot, keep: Keep): Snapshot;
  /** The snapshot as plain data, without the context of the dialogue itself, which is kept as the user's dictionary. */
  persist(snapshot: Snapshot): StoredSnapshot;
  /** The same with id, version and structure of the dialogue. Conversations share one, as with `share`. */
  stored(snapshot: Snapshot): VersionedSnapshot;
  /** The snapshot that the data stands for; undefined if the dialogue does not have such a state any more. */
  restore(stored: unknown, context: object): Snapshot | undefined;
  /** Whether a restored snapshot still waits for a timer, or, with a `src`, for a service. */
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

/** @throws UsageError `bad_dialogue` for what the engine cannot run */
export function createEngine(dialogue: AnyStateMachine): Engine {
  checkDialogue(dialogue);
  const logic = compile(dialogue);
  const shared = new SharedSnapshots();
  let structure: string | undefined;
  const { id, version = '0' } = dialogue;
  const limits = historyLimitsOf(dialogue.config);
  const kept = (turns: readonly HistoryTurn[] = NO_TURNS): readonly HistoryTurn[] | undefined =>
    limits && turns;
  return {
    id,
    version,
    dialogue,
    get structure() {
      structure ??= structureOf(dialogue);
      return structure;
    },
    declared: declaredTypes(dialogue),
    names: namingOf(dialogue),
    intents: intentsOf(machinesOf(dialogue)),
    history: limits,
    understands: hasUnderstandingForm(dialogue),
    gathers: hasGatherRule(dialogue),
    gather: (snapshot) => gatherRuleIn(snapshot),
    takes: (snapshot) => intentsTakenIn(snapshot),
    leads: (snapshot) => intentsLeadingIn(snapshot),
    question(snapshot, context, now) {
      const root = new Level(logic, { ...snapshot, context } as Snapshot);
      return withStep(now, () => openQuestionIn(root));
    },
    form: (snapshot) => formIn(new Level(logic, snapshot)),
    slots(snapshot, context, now) {
      const root = new Level(logic, { ...snapshot, context } as Snapshot);
      return withStep(now, () => openSlotsIn(root));
    },
    isRead(snapshot, message, { context, now }) {
      const root = new Level(logic, { ...snapshot, context } as Snapshot);
      return withStep(now, () => isReadIn(root, message));
    },
    first(input, seed, { now, history } = NO_SCENE) {
      const tree = new DialogueTree();
      const root = new Level(logic, undefined);
      const work = (): Step => {
        tree.start(root, input, seed);
        tree.repeat(root);
        return { next: tree.finish(root), effects: tree.effects, handled: true };
      };
      return withStep(now, work, kept(history));
    },
    step(snapshot, event, context, { now, scene = NO_SCENE, history } = NO_SCENE) {
      const tree = new DialogueTree();
      const base = snapshot.context === context ? snapshot : { ...snapshot, context };
      const root = new Level(logic, base as Snapshot);
      const { actor } = scene;
      const outer = beginStep(now, scene, kept(history));
      try {
        let handled =
          actor === undefined ? tree.offer(root, event) : tree.direct(root, event, actor);
        // XState takes a transition that does nothing; to us, the state forbids the intent to those around it.
        if (handled && isForbidden(snapshot, event)) handled = false;
        if (!handled && isAskedAgain(event, scene)) handled = tree.offer(root, ASK_REPEAT);
        if (!handled) noteUntaken(event);
        tree.repeat(root);
        return { next: tree.finish(root), effects: tree.effects, handled };
      } finally {
        endStep(outer);
      }
    },
    delays: (snapshot) => delaysOf(snapshot),
    owns: (snapshot) => snapshot.machine === logic.machine,
    hears: (snapshot) => hearsOutside(snapshot),
    service: (snapshot, actor, src) => logicAt(logic, snapshot, actor)?.service(src),
    share: (snapshot, keep) => shared.of(snapshot, keep),
    persist: (snapshot) => persistSnapshot(snapshot, false),
    stored(snapshot) {
      const known = shared.find(snapshot);
      if (known?.stored !== undefined) return known.stored;
      structure ??= structureOf(dialogue);
      const delays = delaysOf(snapshot).map(delayKey);
      const stored = {
        id,
        version,
        structure,
        snapshot: persistSnapshot(snapshot, false),
        ...(delays.length > 0 && { delays }),
      };
      if (known !== undefined) known.stored = Object.freeze(stored);
      return stored;
    },
    restore(stored, context) {
      const snapshot = restoreSnapshot(logic, stored);
      return snapshot === undefined ? undefined : ({ ...snapshot, context } as Snapshot);
    },
    expects(snapshot, { actor, id, src, event }) {
      const owner = snapshotAt(snapshot, actor);
      if (owner === undefined && src === undefined) return isPausedAt(snapshot, actor);
      const ownLogic = logicAt(logic, snapshot, actor);
      if (owner === undefined || ownLogic === undefined) return false;
      if (src !== undefined) {
        const ref = owner.children[id] as ChildRef | undefined;
        return ref?.src === src && ownLogic.service(src) !== undefined;
      }
      // The event of a delay only counts in the state that has it; other events may be for any state.
      if (event === undefined || !event.type.startsWith('xstate.after.')) return true;
      return owner._nodes.some((node) => node.transitions.has(event.type));
    },
  };
}

const NO_SCENE: Scene & StepAbout = Object.freeze({});
const NO_TURNS: readonly HistoryTurn[] = Object.freeze([]);

function hearsOutside(snapshot: Snapshot): boolean {
  for (const { transitions } of snapshot._nodes) {
    for (const type of transitions.keys()) if (!type.startsWith('xstate.')) return true;
  }
  return childrenOf(snapshot).some((child) => child.snapshot && hearsOutside(child.snapshot));
}

/** The logic of the sub-dialogue at an address. */
function logicAt(root: Logic, snapshot: Snapshot, actor: string): Logic | undefined {
  let logic: Logic | undefined = root;
  let within: Snapshot | undefined = snapshot;
  for (const id of actor === '' ? [] : actor.split('/')) {
    const ref = within?.children[id] as ChildRef | undefined;
    within = ref?.snapshot;
    logic = ref && logic?.child(ref.src);
  }
  return logic;
}

/**
 * Whether the open question is asked again after an event that no state took. A button that no question offered is no
 * answer. A user who follows again, or presses start, waits for the bot to speak; if it did not, their greeting would be
 * read as the answer.
 */
function isAskedAgain(event: EventObject, { chosen }: Scene): boolean {
  if (event.type === 'message.action') return chosen === undefined;
  return event.type === 'event.follow' && isSpoken(event);
}
