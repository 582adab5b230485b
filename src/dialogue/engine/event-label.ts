import type { AnyStateMachine } from 'xstate';
import { eventInWords } from '../../internal/event-words.ts';
import { type StateDescription, describeDialogues, isWhole } from './description.ts';

/**
 * An event by the names that people gave: `after 10m in pizza.paying`, `error price in pizza.pricing`. An event that
 * XState did not name keeps its type.
 */
export function eventLabel(type: string, dialogue: AnyStateMachine): string {
  return eventInWords(type, (id, kind) => {
    for (const { states } of describeDialogues(dialogue)) {
      for (const state of states) {
        if (kind === 'state' && state.id === id) return placeOf(state);
        const invoked = state.invokes.find((each) => each.id === id);
        if (kind === 'actor' && invoked !== undefined) {
          return `${invoked.src ?? id} in ${placeOf(state)}`;
        }
      }
    }
    return id;
  });
}

/** The states of a question or a service are the library's own, and have no name for an author. */
function placeOf(state: StateDescription): string {
  if (state.parent !== undefined && isWhole(state.parent)) return placeOf(state.parent);
  return state.path === '' ? state.dialogue : `${state.dialogue}.${state.path}`;
}
