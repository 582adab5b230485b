import type { AnyStateMachine } from 'xstate';
import {
  type DialogueDescription,
  type StateDescription,
  describeDialogues,
  isWhole,
} from '../../dialogue/engine/description.ts';

/** A dialogue or sub-dialogue that is looked through. */
export interface FamilyMember {
  readonly dialogue: DialogueDescription;
  readonly states: readonly StateDescription[];
  /** The states that invoke it; none for the dialogue itself, and for one that is spawned. */
  readonly hosts: readonly { readonly member: FamilyMember; readonly state: StateDescription }[];
  readonly isRoot: boolean;
  /** What its first context is made with. */
  readonly input: unknown;
}

/** The dialogue and its sub-dialogues, the dialogue first. */
export function familyOf(dialogue: AnyStateMachine, input: unknown): readonly FamilyMember[] {
  const members = describeDialogues(dialogue).map((each) => ({
    dialogue: each,
    states: each.states,
    hosts: [] as { member: FamilyMember; state: StateDescription }[],
    isRoot: each.machine === dialogue,
    input: each.machine === dialogue ? input : {},
  }));
  for (const member of members) {
    for (const state of member.states) {
      for (const { logic } of state.invokes) {
        members.find((child) => child.dialogue.machine === logic)?.hosts.push({ member, state });
      }
    }
  }
  return members;
}

export function invokesDialogue({ invokes }: StateDescription): boolean {
  return invokes.some(({ kind }) => kind === 'dialogue');
}

/** The state itself, then those around it, from the inside out. */
export function lineageOf(state: StateDescription): StateDescription[] {
  const lineage = [state];
  for (let above = state.parent; above !== undefined; above = above.parent) lineage.push(above);
  return lineage;
}

export function statesWithin(state: StateDescription): StateDescription[] {
  return [state, ...state.children.flatMap(statesWithin)];
}

/** Where a state is, as in a transcript: in a question or a service, that is the state of that. */
export function placeOf(state: StateDescription): StateDescription {
  return lineageOf(state).findLast(isWhole) ?? state;
}

/** A state as a message names it; of the state around all others, the dialogue has the name. */
export function stateInWords({ path, dialogue }: StateDescription): string {
  return path === '' ? `dialogue '${dialogue}'` : `state '${path}'`;
}

/** Whether the state is left as soon as it is entered. */
export function isPassing({ always }: StateDescription): boolean {
  return always.some(({ guard, targets }) => guard === undefined && targets);
}

/** Whether an action only changes the context; what others do is not known. */
export function isAssign(action: unknown): boolean {
  return (action as { readonly type?: unknown } | null)?.type === 'xstate.assign';
}

/** Whether it is a state, and no mark for the history of the one around it. */
export function isState({ type }: StateDescription): boolean {
  return type !== 'history';
}

/** The leaf states that are entered with a state. */
export function leavesEntered(state: StateDescription): StateDescription[] {
  switch (state.type) {
    case 'compound':
      return state.initial.flatMap(leavesEntered);
    case 'parallel':
      return state.children.filter(isState).flatMap(leavesEntered);
    case 'history':
      // Any of those beside it may have been active.
      return (state.parent?.children ?? []).filter(isState).flatMap(leavesEntered);
    default:
      return [state];
  }
}
