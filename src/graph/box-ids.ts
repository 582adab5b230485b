import type { AnyStateMachine } from 'xstate';
import {
  type DialogueDescription,
  type StateDescription,
  describeDialogues,
} from '../dialogue/engine/description.ts';
import { stateKey } from '../testing/coverage/items.ts';
import { type OneBox, visible } from './walk.ts';

/** The names of the charts of a dialogue and its sub-dialogues. */
export type ChartNames = ReadonlyMap<AnyStateMachine, string>;

/** Two sub-dialogues may have the same id. */
export function chartNamesOf(dialogues: readonly DialogueDescription[]): ChartNames {
  const names = new Map<AnyStateMachine, string>();
  const taken = new Set<string>();
  for (const { id, machine } of dialogues) {
    const word = id.replaceAll(/[^\p{L}\p{N}_.-]+/gu, '_');
    let name = word;
    for (let count = 2; taken.has(name.toLowerCase()); count += 1) name = `${word}-${count}`;
    taken.add(name.toLowerCase());
    names.set(machine, name);
  }
  return names;
}

/**
 * The ids of the boxes of one chart, one for each state. An id has no white space in it
 * (https://html.spec.whatwg.org/multipage/dom.html#the-id-attribute).
 */
export function boxIdsIn(
  { states }: DialogueDescription,
  chart: string,
): ReadonlyMap<StateDescription, string> {
  const ids = new Map<StateDescription, string>();
  const taken = new Set<string>();
  for (const state of states) {
    const word = `${chart}:${state.path.replaceAll(/\s+/gu, '_')}`;
    let name = word;
    for (let count = 2; taken.has(name); count += 1) name = `${word}_${count}`;
    taken.add(name);
    ids.set(state, name);
  }
  return ids;
}

/**
 * Finds the box in which a state is drawn, also for a state of a copy of the dialogue, as a running one is. Of two
 * sub-dialogues with the same id, it is the first.
 */
export function boxFinder(
  dialogue: AnyStateMachine,
  isOneBox: OneBox,
): (state: StateDescription) => string | undefined {
  const described = describeDialogues(dialogue);
  const names = chartNamesOf(described);
  const ids = new Map<string, string>();
  for (const each of described) {
    const own = boxIdsIn(each, names.get(each.machine) ?? each.id);
    for (const state of each.states) {
      const id = own.get(visible(state, isOneBox));
      const key = stateKey(state);
      if (id !== undefined && !ids.has(key)) ids.set(key, id);
    }
  }
  return (state) => ids.get(stateKey(state));
}
