import type { AnyStateMachine } from 'xstate';
import type { StateDescription, TransitionDescription } from '../../dialogue/engine/description.ts';
import { watchDialogue } from '../../dialogue/engine/inspection.ts';
import { stateKey, transitionKey } from '../../testing/coverage/items.ts';
import { lineageOf } from '../../testing/lint/family.ts';

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
): Promise<ChartWalk> {
  const states = new Set<string>();
  const steps = new Map<string, number[]>();
  let count = 0;
  const end = watchDialogue(dialogue, (step) => {
    for (const transition of step.taken.filter(isDrawn)) {
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

/** A transition without a target has no arrow, and neither has one within a question. */
function isDrawn({ source, targets = [] }: TransitionDescription): boolean {
  const from = visible(source);
  return targets.some((target) => visible(target) !== from || from === source);
}

/** The state that is drawn for one: the question around it, or itself. */
export function visible(state: StateDescription): StateDescription {
  const [, ...above] = lineageOf(state);
  return above.find(({ question }) => question !== undefined) ?? state;
}
