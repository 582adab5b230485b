import type { AnyStateMachine } from 'xstate';
import type { StateDescription, TransitionDescription } from '../dialogue/engine/description.ts';
import { watchDialogue } from '../dialogue/engine/inspection.ts';
import { stateKey, transitionKey } from '../testing/coverage/items.ts';

/** The way that a conversation took through a dialogue and its sub-dialogues. */
export interface ChartWalk {
  /** Keys of the states that it was in, and passed through. */
  readonly states: ReadonlySet<string>;
  /** The numbers, from 1, of the transitions that it took one after the other; by key. */
  readonly steps: ReadonlyMap<string, readonly number[]>;
}

/** Watches what `talk` walks through. */
export async function walkOf(
  dialogue: AnyStateMachine,
  talk: () => Promise<unknown>,
  isOneBox: OneBox = isAskingOrForm,
): Promise<ChartWalk> {
  const states = new Set<string>();
  const steps = new Map<string, number[]>();
  let count = 0;
  const end = watchDialogue(dialogue, (step) => {
    for (const transition of step.taken.filter((taken) => isDrawn(taken, isOneBox))) {
      const key = transitionKey(transition);
      steps.set(key, [...(steps.get(key) ?? []), (count += 1)]);
    }
    for (const state of step.states) states.add(stateKey(state));
  });
  try {
    await talk();
  } finally {
    end();
  }
  return { states, steps };
}

/** A transition without a target has no arrow, and neither has one within a box. */
function isDrawn({ source, targets = [] }: TransitionDescription, isOneBox: OneBox): boolean {
  const from = visible(source, isOneBox);
  return targets.some((target) => visible(target, isOneBox) !== from || from === source);
}

/** Whether a state is drawn without what is in it. */
export type OneBox = (state: StateDescription) => boolean;

export const isAsking: OneBox = ({ question }) => question !== undefined;

/** A form leaves by the exits of its questions. */
export const isAskingOrForm: OneBox = (state) =>
  isAsking(state) || state.children.some(({ question }) => question?.leaves === true);

/** The state that is drawn for one: the outermost box around it, or itself. */
export function visible(state: StateDescription, isOneBox: OneBox): StateDescription {
  let drawn = state;
  for (let above = state.parent; above !== undefined; above = above.parent) {
    if (isOneBox(above)) drawn = above;
  }
  return drawn;
}
