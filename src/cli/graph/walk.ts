import type { AnyStateMachine } from 'xstate';
import { type TransitionDefinition, watchDialogue } from '../../dialogue/engine/inspection.ts';
import { visible } from './chart-node.ts';
import { stateKey, transitionKey } from '../../testing/coverage/items.ts';

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
  const end = watchDialogue(dialogue, (machine, { microsteps, last }) => {
    for (const { _transitions: taken = [], snapshot } of microsteps) {
      for (const transition of taken) {
        if (isDrawn(transition)) {
          const key = transitionKey(machine, transition);
          steps.set(key, [...(steps.get(key) ?? []), (count += 1)]);
        }
        states.add(stateKey(machine, transition.source));
      }
      for (const node of snapshot._nodes) states.add(stateKey(machine, node));
    }
    for (const node of last._nodes) states.add(stateKey(machine, node));
  });
  try {
    await talk();
  } finally {
    end();
  }
  return { states, steps };
}

/** A transition without a target has no arrow, nor has one within a question. */
function isDrawn({ source, target = [] }: TransitionDefinition): boolean {
  const from = visible(source);
  return target.some((node) => visible(node) !== from || from === source);
}
