import type { TransitionDescription } from '../../dialogue/engine/description.ts';
import {
  type FamilyMember,
  isAssign,
  leavesEntered,
  lineageOf,
  stateInWords,
  statesWithin,
} from './family.ts';
import type { ReportFinding } from './rule.ts';

/** Rules about what becomes of an answer, and whether it is answered. */

/** Questions whose answer is neither kept nor decides anything. */
export function unusedAnswers({ states }: FamilyMember, report: ReportFinding): void {
  for (const state of states) {
    const { question } = state;
    if (question === undefined || question.assign !== undefined) continue;
    const { target } = question;
    const branches = typeof target === 'object' ? target : [];
    if (branches.some(({ guard, actions }) => guard !== undefined || actions !== undefined)) {
      continue;
    }
    if (question.offers !== undefined && isOneOption(question.offers)) continue;
    report(state, {
      message: `The answer to the question '${state.path}' goes nowhere: it is not kept, and every answer leads to the same.`,
      remedy: `Give it an \`assign\`, or a \`target\` for each answer.`,
    });
  }
}

/** One option is a button to go on with. */
function isOneOption(offers: (context: object) => object): boolean {
  try {
    const options = offers({});
    return (Array.isArray(options) ? options : Object.keys(options)).length < 2;
  } catch {
    return false;
  }
}

/** Of the ways out of a state that a message takes, those that say nothing, where others do. */
export function silentBranches({ states, hosts }: FamilyMember, report: ReportFinding): void {
  for (const state of states) {
    const ways = state.transitions.filter(
      ({ event, targets }) => targets !== undefined && /^(?:message|intent)\./u.test(event),
    );
    const silent = ways.filter((way) => isSilent(way) && !goesOn(way, hosts.length > 0));
    if (silent.length === ways.length) continue;
    for (const { event, index, targets = [], description } of silent) {
      const count = state.on.get(event)?.length ?? 1;
      const which = count > 1 && description === undefined ? ` (${index + 1} of ${count})` : '';
      report(state, {
        message: `The ${stateInWords(state)} says nothing on '${description ?? event}'${which}, which leads to '${targets.map(({ path }) => path).join(', ')}', while it has a reply for others.`,
        remedy: `Say something on the way, or on entry of '${targets[0]?.path ?? ''}'.`,
      });
    }
  }
}

/** Whether the end of a part leads on: the state, or the dialogue, around it may say something. */
function goesOn({ targets = [] }: TransitionDescription, isHosted: boolean): boolean {
  const leaves = targets.flatMap(leavesEntered);
  return leaves.some(
    ({ type, parent }) => type === 'final' && (isHosted || parent?.parent !== undefined),
  );
}

/** Whether a user certainly hears nothing: neither on the way, nor where it leads, nor soon after. */
function isSilent({ source, actions, targets = [], reenters }: TransitionDescription): boolean {
  if (!actions.every(isAssign)) return false;
  const around = new Set(lineageOf(source).slice(reenters ? 1 : 0));
  const leaves = targets.flatMap((target) => [target, ...leavesEntered(target)]);
  const entered = leaves.flatMap(lineageOf).filter((state) => !around.has(state));
  const staying = new Set(targets.flatMap((target) => lineageOf(target).slice(1)));
  const left = [...statesWithin(source), ...around].filter((state) => !staying.has(state));
  return (
    left.every(({ exit }) => exit.every(isAssign)) &&
    entered.every(
      (state) =>
        state.type !== 'history' &&
        state.entry.every(isAssign) &&
        state.question === undefined &&
        state.invokes.length === 0 &&
        state.transitions.every(({ event }) => event !== '' && !event.startsWith('xstate.')),
    )
  );
}
