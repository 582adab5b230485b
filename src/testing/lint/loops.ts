import type { StateDescription } from '../../dialogue/engine/description.ts';
import { type FamilyMember, isAssign, leavesEntered, lineageOf, stateInWords } from './family.ts';
import type { ReportFinding } from './rule.ts';

/** States that lead to each other at once and without a condition: a conversation that comes there never rests. */
export function endlessLoops({ states }: FamilyMember, report: ReportFinding): void {
  const told = new Set<StateDescription>();
  for (const state of states) {
    const loop = loopFrom(state);
    if (loop === undefined || loop.some((each) => told.has(each))) continue;
    // XState rests where a transition changes neither the states nor the context.
    if (loop.length === 1 && !changesContext(state)) continue;
    for (const each of loop) told.add(each);
    const names = loop.map(({ path }) => `'${path}'`);
    report(state, {
      message:
        loop.length === 1
          ? `The ${stateInWords(state)} takes its own \`always\` again and again, without an end.`
          : `The states ${names.join(', ')} lead to each other by \`always\`, without an end.`,
      remedy: `Give one of the \`always\` a guard that does not always hold, or let it wait for an event.`,
    });
  }
}

/** The states from one back to itself, where the first transition of each is always taken. */
function loopFrom(start: StateDescription): StateDescription[] | undefined {
  const loop = [start];
  for (let at = next(start); at !== undefined; at = next(at)) {
    if (at === start) return loop;
    if (loop.includes(at)) return undefined;
    loop.push(at);
  }
  return undefined;
}

/** The state whose `always` is taken next. */
function next({ always: [first] }: StateDescription): StateDescription | undefined {
  if (first === undefined || first.guard !== undefined) return undefined;
  if (first.targets === undefined) return first.source;
  for (const leaf of first.targets.flatMap(leavesEntered)) {
    const passing = lineageOf(leaf).find(
      ({ always: [own] }) =>
        own !== undefined &&
        own.guard === undefined &&
        (own.targets !== undefined || own.actions.some(isAssign)),
    );
    if (passing !== undefined) return passing;
  }
  return undefined;
}

/** Whether the first `always` of a state assigns, or what it enters within the state does. */
function changesContext(state: StateDescription): boolean {
  const { actions = [], targets = [] } = state.always[0] ?? {};
  const around = new Set(lineageOf(state));
  const entered = targets.flatMap(leavesEntered).flatMap(lineageOf);
  return [actions, ...entered.filter((each) => !around.has(each)).map(({ entry }) => entry)]
    .flat()
    .some(isAssign);
}
