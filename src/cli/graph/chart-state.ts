import type { StateDescription } from '../../dialogue/engine/description.ts';

/** Which states of a dialogue are drawn. */

/** The states that are drawn within a state: all but those of a question. */
export function drawnChildren({
  question,
  children,
}: StateDescription): readonly StateDescription[] {
  return question === undefined ? children : [];
}

/** The state that is drawn for one: the question around it, or itself. */
export function visible(state: StateDescription): StateDescription {
  for (const each of ancestorsOf(state)) if (each.question !== undefined) return each;
  return state;
}

export function* ancestorsOf(state: StateDescription): Generator<StateDescription> {
  for (let above = state.parent; above !== undefined; above = above.parent) yield above;
}
