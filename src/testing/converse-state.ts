import type { AnyStateMachine, StateValue } from 'xstate';
import { type DialogueDescription, describeDialogue } from '../dialogue/engine/description.ts';
import type { Standing } from '../dialogue/text/standing.ts';

/** What there is where a user has no conversation. */
export const NO_STATE = '(none)';

/**
 * Where a dialogue stands, in words: `booking.date`; the regions of a parallel state as `talk.ready, typing.idle`; what
 * is within a sub-dialogue after ` > `: `order > which`.
 */
export function formatState(standing: Standing | undefined, dialogue: AnyStateMachine): string {
  return standing === undefined
    ? NO_STATE
    : pathsOf(standing, describeDialogue(dialogue)).join(', ');
}

/**
 * Whether a dialogue stands in a state, or anywhere within it: each of the paths in `expected`, which are joined by
 * `, `, has to be one of those in `state`, or the beginning of one.
 */
export function matchesState(state: string, expected: string): boolean {
  const paths = state.split(', ');
  return expected
    .split(',')
    .map((each) => each.trim())
    .every((each) => paths.some((path) => isWithin(path, each)));
}

function isWithin(path: string, expected: string): boolean {
  return path === expected || path.startsWith(`${expected}.`) || path.startsWith(`${expected} > `);
}

/** One for each region, and for each region of a sub-dialogue. */
function pathsOf(
  { value, children }: Standing,
  dialogue: DialogueDescription | undefined,
): readonly string[] {
  let paths = leavesOf(value);
  for (const [id, child] of Object.entries(children)) {
    const machine = dialogue?.dialogues.get(child.src);
    const inner = pathsOf(child, machine && describeDialogue(machine));
    const invoker = dialogue?.states.find(({ invokes }) =>
      invokes.some((each) => each.id === id),
    )?.path;
    const at = invoker === undefined ? -1 : paths.findIndex((path) => isWithin(path, invoker));
    // What an action has spawned stands in no state.
    const outer = paths[at] ?? id;
    const deeper = inner.map((path) => `${outer} > ${path}`);
    paths = at < 0 ? [...paths, ...deeper] : paths.toSpliced(at, 1, ...deeper);
  }
  return paths;
}

/** The states that are active, each as `booking.date`: one for each region. */
export function leavesOf(value: StateValue): readonly string[] {
  if (typeof value === 'string') return [value];
  return Object.entries(value).flatMap(([name, inner]) => {
    const leaves = inner === undefined ? [] : leavesOf(inner);
    return leaves.length === 0 ? [name] : leaves.map((leaf) => `${name}.${leaf}`);
  });
}
