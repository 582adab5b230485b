import type { StateDescription } from '../../dialogue/engine/description.ts';
import { eventLabel } from '../../dialogue/engine/event-label.ts';
import { isUnconditional } from '../../dialogue/define/answer-reading.ts';
import { type FamilyMember, invokesDialogue, isState, lineageOf, statesWithin } from './family.ts';
import type { ReportFinding } from './rule.ts';
import { canEnd, covers, reachedFrom } from './ways.ts';

/** Rules about the regions of parallel states. */

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

/** Parallel states in which two regions answer the same message, without a condition. */
export function parallelAnswers({ dialogue, states }: FamilyMember, report: ReportFinding): void {
  for (const state of states) {
    if (state.type !== 'parallel') continue;
    const answers = regionsOf(state).map((region) => statesWithin(region).flatMap(answersOf));
    const [found] = answers.flatMap((first, index) =>
      answers.slice(index + 1).flatMap((second) => {
        return first.flatMap((one) =>
          second.filter((other) => isBoth(one, other)).map((other) => ({ one, other })),
        );
      }),
    );
    if (found === undefined) continue;
    const { one, other } = found;
    const event = one.event.endsWith('.*') ? other.event : one.event;
    report(state, {
      message: `'${one.state.path}' and '${other.state.path}' are in two regions of '${state.path || dialogue.id}' and both answer '${event}': where they are active at the same time, the user gets both answers.`,
      remedy: `Answer in one region or in '${state.path || dialogue.id}' itself, or give one of the two a guard.`,
    });
  }
}

/** What a state answers to without a condition. */
interface Answering {
  readonly state: StateDescription;
  readonly event: string;
  readonly isQuestion: boolean;
}

function answersOf(state: StateDescription): Answering[] {
  if (state.question !== undefined) return [{ state, event: 'message.*', isQuestion: true }];
  return state.transitions
    .filter(
      ({ event, guard, actions }) =>
        /^(?:message|intent|event)\./u.test(event) &&
        isUnconditional(guard) &&
        actions.some(speaks),
    )
    .map(({ event }) => ({ state, event, isQuestion: false }));
}

/** Whether both answer a message; two questions are found by another rule. */
function isBoth(one: Answering, other: Answering): boolean {
  if (one.isQuestion && other.isQuestion) return false;
  return covers(one.event, other.event) || covers(other.event, one.event);
}

/** Whether an action says something, as far as is known from outside. */
function speaks(action: unknown): boolean {
  const { type, event } = action as { readonly type?: unknown; readonly event?: unknown };
  if (type !== 'xstate.emit') return false;
  return typeof event === 'function' || (event as { readonly type?: unknown }).type === 'reply';
}

/** Transitions from around a parallel state into one of its regions: the others start again, with their timers. */
export function restartedRegions({ dialogue, states }: FamilyMember, report: ReportFinding): void {
  const told = new Set<string>();
  for (const source of states) {
    for (const { event, targets = [], isCommand } of source.transitions) {
      // A command leaves the other regions as they are.
      if (isCommand) continue;
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
        message: `The transition on '${eventLabel(event, dialogue.machine)}' leads into the region '${region.path}' from outside of it, so XState enters '${other.path}' again, too: what is under way there starts again, its timers included.`,
        remedy: `Put the transition into the region, or let it be one of \`commands\`, which leaves the other regions as they are.`,
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

/** Parallel states with an `onDone` that is never taken, because a region has no end. */
export function neverDone({ dialogue, states }: FamilyMember, report: ReportFinding): void {
  const reached = reachedFrom(dialogue.root);
  for (const state of states) {
    if (state.type !== 'parallel' || !state.on.has(`xstate.done.state.${state.id}`)) continue;
    const endless = regionsOf(state).find((region) => !canEnd(region, reached));
    if (endless === undefined) continue;
    report(state, {
      message: `The region '${endless.key}' of '${state.path || dialogue.id}' has no final state that can be reached, so the \`onDone\` is never taken: all regions have to be done.`,
      remedy: `Give the region a state with \`type: 'final'\` that a transition leads to, or leave '${state.path || dialogue.id}' by another transition.`,
    });
  }
}

function regionsOf(state: StateDescription): StateDescription[] {
  return state.children.filter(isState);
}
