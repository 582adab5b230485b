import type { StateDescription } from '../../dialogue/engine/description.ts';
import {
  type FamilyMember,
  invokesDialogue,
  isState,
  lineageOf,
  placeOf,
  statesWithin,
} from './family.ts';
import type { ReportFinding } from './rule.ts';

/** Rules about questions that wait at the same time, and about states that start again unexpectedly. */

/** Parallel states in which several regions ask: one message answers all questions that stand open. */
export function parallelQuestions({ dialogue, states }: FamilyMember, report: ReportFinding): void {
  for (const state of states) {
    if (state.type !== 'parallel') continue;
    const asking = regionsOf(state).filter((region) => asksIn(region));
    const [first, second] = asking;
    if (first === undefined || second === undefined) continue;
    report(state, {
      message: `The regions '${first.key}' and '${second.key}' of '${state.path || dialogue.id}' both ask: where their questions stand open at the same time, both take the same message for an answer.`,
      remedy: `Ask in one region, and let the others wait for what it raises; or put the questions one after the other.`,
    });
  }
}

/** Whether a state asks, or has a sub-dialogue that may. */
function asksIn(region: StateDescription): boolean {
  return statesWithin(region).some(
    (state) => state.question !== undefined || invokesDialogue(state),
  );
}

/** Transitions from around a parallel state into one of its regions: the others start again, with their timers. */
export function restartedRegions({ states }: FamilyMember, report: ReportFinding): void {
  const told = new Set<string>();
  for (const source of states) {
    for (const { event, targets = [] } of source.transitions) {
      const [only, ...more] = targets;
      // One that names a state in each region says what becomes of them all.
      if (only === undefined || more.length > 0) continue;
      const region = regionAround(only, source);
      const restarted =
        region && regionsOf(region.parent as StateDescription).filter(hasMoved(region));
      const [other] = restarted ?? [];
      if (region === undefined || other === undefined) continue;
      const key = `${source.id} ${event} ${region.id}`;
      if (told.has(key)) continue;
      told.add(key);
      report(source, {
        message: `The transition on '${event}' leads into the region '${region.path}' from outside of it, so XState enters '${other.path}' again, too: what is under way there starts again, its timers included.`,
        remedy: `Put the transition into the region, or raise an event that the region takes.`,
      });
    }
  }
}

/** The outermost region that a target is in and the source of its transition is around. */
function regionAround(
  target: StateDescription,
  source: StateDescription,
): StateDescription | undefined {
  return lineageOf(target).findLast(
    ({ parent }) => parent?.type === 'parallel' && lineageOf(parent).includes(source),
  );
}

/** Whether another region may be elsewhere than where it begins, or has something under way. */
function hasMoved(region: StateDescription) {
  return (other: StateDescription): boolean =>
    other !== region &&
    statesWithin(other).some(
      (state) =>
        state.invokes.length > 0 ||
        state.children.length > 1 ||
        state.transitions.some(({ event }) => event.startsWith('xstate.after.')),
    );
}

/** Deep histories of states in which a sub-dialogue runs: it is stopped when they are left, and starts again. */
export function restartedDialogues(
  { dialogue, states }: FamilyMember,
  report: ReportFinding,
): void {
  for (const history of states) {
    const parent = history.parent;
    if (history.type !== 'history' || parent === undefined || !isTarget(history, states)) continue;
    const hosts = statesWithin(parent).filter(
      (state) => state !== parent && invokesDialogue(state),
    );
    const [host] = hosts;
    if (host === undefined) continue;
    report(history, {
      message: `What resumes at '${history.path}' does not resume the sub-dialogue of '${placeOf(host).path}': it ended when the state was left, and begins again.`,
      remedy: `Let the interruption be a command without a target, which stays in the state; or write the sub-dialogue as states of '${parent.path || dialogue.id}'.`,
    });
  }
}

function isTarget(state: StateDescription, states: readonly StateDescription[]): boolean {
  return states.some(({ transitions }) =>
    transitions.some(({ targets = [] }) => targets.includes(state)),
  );
}

function regionsOf(state: StateDescription): StateDescription[] {
  return state.children.filter(isState);
}
