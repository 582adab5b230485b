import type { AnyStateMachine, AnyStateNode } from 'xstate';
import type { Message } from '../../message.ts';
import { currentStep } from '../text/current-step.ts';
import type { OpenSlot } from '../text/recognizers.ts';
import { type Snapshot, childrenOf } from './child-ref.ts';
import { type FormView, formViewOf } from './form-mark.ts';
import { Level } from './level.ts';
import { machinesOf, nodesOf } from './machine-walk.ts';
import { isQuestion } from './question.ts';

/** The form that asks where a dialogue stands. */
interface OpenForm {
  readonly view: FormView;
  /** The state of the form that asks. */
  readonly state: string;
  readonly level: Level;
}

/** The form whose question the user is to answer: that of the innermost sub-dialogue; undefined if no form asks. */
function openFormIn(level: Level): OpenForm | undefined {
  const snapshot = level.snapshot as Snapshot;
  if (snapshot.status !== 'active') return undefined;
  for (const { id, src, snapshot: inner } of childrenOf(snapshot)) {
    const logic = level.logic.child(src);
    const found = inner && logic && openFormIn(new Level(logic, inner, level, id));
    if (found !== undefined) return found;
  }
  for (const node of snapshot._nodes as readonly AnyStateNode[]) {
    // A slot that a sub-dialogue fills asks nothing itself.
    const view = isQuestion(node.config)
      ? node.parent && formViewOf(node.parent.config)
      : undefined;
    if (view !== undefined) return { view, state: node.key, level };
  }
  return undefined;
}

/** Whether a form of a dialogue, or of a sub-dialogue, has a recognizer. */
export function hasUnderstandingForm(dialogue: AnyStateMachine): boolean {
  for (const { root } of machinesOf(dialogue)) {
    for (const { config } of nodesOf(root)) {
      if (formViewOf(config)?.understand !== undefined) return true;
    }
  }
  return false;
}

/** The view of the form that asks. */
export function formIn(level: Level): FormView | undefined {
  return openFormIn(level)?.view;
}

/** The slots of the form that asks, in its order; none where no form asks. Called within a step. */
export function openSlotsIn(level: Level): readonly OpenSlot[] {
  return within(level, [], ({ view }, context) => view.slots(context));
}

/** Whether the form that asks takes a message as a whole. Called within a step. */
export function isReadIn(level: Level, message: Message): boolean {
  return within(level, false, ({ view, state }, context) => view.isRead(state, message, context));
}

function within<Result>(
  root: Level,
  otherwise: Result,
  look: (form: OpenForm, context: object) => Result,
): Result {
  const form = openFormIn(root);
  const step = currentStep();
  if (form === undefined) return otherwise;
  if (step !== undefined) step.level = form.level;
  try {
    return look(form, form.level.snapshot?.context as object);
  } catch {
    // The turn that reads the message reports the error.
    return otherwise;
  }
}
