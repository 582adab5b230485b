import type { StateDescription, TransitionDescription } from '../../dialogue/engine/description.ts';
import { eventLabel } from '../../dialogue/engine/event-label.ts';
import { isUnconditional } from '../../dialogue/define/answer-reading.ts';
import {
  type FamilyMember,
  isPassing,
  isState,
  leavesEntered,
  lineageOf,
  stateInWords,
  placeOf,
} from './family.ts';
import type { ReportFinding } from './rule.ts';

/** Rules about where a dialogue can go. */

/** States that nothing leads to; of nested ones the outermost is reported. */
export function unreachableStates({ dialogue, states }: FamilyMember, report: ReportFinding): void {
  const reached = reachedFrom(dialogue.root);
  for (const state of states) {
    if (reached.has(state) || (state.parent && !reached.has(state.parent))) continue;
    report(state, {
      message: `Nothing leads to the ${stateInWords(state)}.`,
      remedy: `Name it as the target of a transition, or delete it.`,
    });
  }
}

/** What can be entered, guards aside, and without some transitions. */
export function reachedFrom(
  root: StateDescription,
  isBarred: (transition: TransitionDescription) => boolean = () => false,
): ReadonlySet<StateDescription> {
  const reached = new Set<StateDescription>();
  const enter = (state: StateDescription): void => {
    for (const each of lineageOf(state)) {
      if (reached.has(each)) continue;
      reached.add(each);
      // A transition into one region enters the others, too.
      if (each.type === 'parallel') each.children.filter(isState).forEach(enter);
    }
    const first = state.initial;
    (state.type === 'history' && first.length === 0
      ? leavesEntered(state.parent as StateDescription)
      : first
    ).forEach(enter);
  };
  enter(root);
  for (let before = 0; before < reached.size;) {
    before = reached.size;
    for (const state of [...reached]) {
      for (const transition of state.transitions) {
        const { event, targets } = transition;
        if (isBarred(transition)) continue;
        if (event === `xstate.done.state.${state.id}` && !canEnd(state, reached)) continue;
        targets?.forEach(enter);
      }
    }
  }
  return reached;
}

/** Whether a state can be done, as far as is known what can be reached in it. */
export function canEnd(state: StateDescription, reached: ReadonlySet<StateDescription>): boolean {
  if (state.type === 'final') return reached.has(state);
  const inner = state.children.filter(isState);
  if (state.type === 'parallel') return inner.every((each) => canEnd(each, reached));
  return inner.some((each) => each.type === 'final' && reached.has(each));
}

/**
 * States in which a conversation is caught: no end and no way back to the beginning. What a user may say to the dialogue
 * around a sub-dialogue is a way out of it.
 */
export function deadEnds(member: FamilyMember, report: ReportFinding): void {
  const { dialogue, states, hosts } = member;
  if (hosts.length > 0 && hosts.every(({ state }) => hasExit(state))) return;
  const home = new Set(leavesEntered(dialogue.root));
  const leaves = states.filter(
    (state) => state.type === 'atomic' || (state.type === 'final' && !isEnd(state)),
  );
  const reach = new Map(leaves.map((leaf) => [leaf, reachOf(leaf)]));
  const told = new Set<StateDescription>();
  for (const [leaf, goals] of reach) {
    if (told.has(leaf) || [...goals].some(isEnd)) continue;
    const place = placeOf(leaf);
    const takes = lineageOf(leaf).some((each) => each.transitions.length > 0);
    if (!takes && !isRegion(leaf)) {
      report(place, {
        message: `The ${stateInWords(place)} takes nothing and is not final, so a conversation that reaches it stays in it forever.`,
        remedy: `Make it \`type: 'final'\`, or give it a transition.`,
      });
      continue;
    }
    if (home.has(leaf) || [...goals].some((goal) => home.has(goal))) continue;
    // Of what leads into a trap, only the trap is at fault.
    if (![...goals].every((goal) => reach.get(goal)?.has(leaf))) continue;
    for (const goal of goals) told.add(goal);
    report(place, {
      message: `From the ${stateInWords(place)} no end can be reached, nor the beginning.`,
      remedy: `Give it a transition that leads out: on a command, after a while, or to a final state.`,
    });
  }
}

/** Whether the dialogue is over there. */
function isEnd(state: StateDescription): boolean {
  return state.type === 'final' && state.parent?.parent === undefined;
}

function isRegion(state: StateDescription): boolean {
  return lineageOf(state).some(({ parent }) => parent?.type === 'parallel');
}

function reachOf(leaf: StateDescription): Set<StateDescription> {
  const reach = new Set<StateDescription>();
  const open = [leaf];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    const targets = lineageOf(state)
      .flatMap(({ transitions }) => transitions)
      .flatMap((each) => each.targets ?? []);
    for (const next of targets.flatMap(leavesEntered)) {
      if (reach.has(next)) continue;
      reach.add(next);
      open.push(next);
    }
  }
  return reach;
}

/** Whether a user, or time, can lead out of a state. */
function hasExit(state: StateDescription): boolean {
  return lineageOf(state)
    .flatMap(({ transitions }) => transitions)
    .some(
      ({ event, targets }) =>
        targets !== undefined && /^(?:intent|message|event|xstate\.after)\./u.test(event),
    );
}

/** States, beside the first one, that only a command of the whole dialogue ends or starts again. */
export function leftByCommands(
  { dialogue, states, hosts }: FamilyMember,
  report: ReportFinding,
): void {
  if (hosts.length > 0) return;
  const home = new Set(leavesEntered(dialogue.root));
  for (const state of states) {
    if (state.type !== 'atomic' || home.has(state) || isRegion(state)) continue;
    if (state.parent === undefined || placeOf(state) !== state || isPassing(state)) continue;
    if (state.invokes.length > 0) continue;
    const leaving = lineageOf(state)
      .flatMap(({ transitions }) => transitions)
      .filter(({ targets, source }) => targets?.some((to) => to !== source && to !== state));
    const isCommand = ({ event, source, targets = [] }: TransitionDescription): boolean =>
      source !== state &&
      event.startsWith('intent.') &&
      targets.flatMap(leavesEntered).every((leaf) => isEnd(leaf) || home.has(leaf));
    if (leaving.length === 0 || !leaving.every(isCommand)) continue;
    report(state, {
      message: `Only a command for the whole dialogue leads out of the ${stateInWords(state)}: what a user answers there, and time, lead nowhere.`,
      remedy: `Give it a transition on an answer or after a while, or make it final.`,
    });
  }
}

/** Transitions that are never taken, because something always goes before them. */
export function shadowedTransitions(
  { dialogue, states }: FamilyMember,
  report: ReportFinding,
): void {
  for (const state of states) {
    for (const [descriptor, list] of state.on) reportAfterUnguarded(state, list, descriptor);
    reportAfterUnguarded(state, state.always, '');
    reportBehindAlways(state);
    reportBehindChildren(state);
    reportAnswers(state);
  }

  function reportAfterUnguarded(
    state: StateDescription,
    list: readonly TransitionDescription[],
    descriptor: string,
  ): void {
    const first = list.findIndex(({ guard }) => guard === undefined);
    const behind = first < 0 ? [] : list.slice(first + 1);
    if (behind.length === 0) return;
    const on =
      descriptor === '' ? 'without an event' : `on '${eventLabel(descriptor, dialogue.machine)}'`;
    const isAnswer = state.question !== undefined && descriptor === 'message.*';
    report(state, {
      message: isAnswer
        ? `No answer to the question '${state.path}' is ever read: a transition on 'message.*' without a guard goes before.`
        : `The ${stateInWords(state)} has ${behind.length} ${on} behind one that has no guard, which is always taken.`,
      remedy: `Give the one before a guard, or put it last.`,
    });
  }

  function reportBehindAlways(state: StateDescription): void {
    if (!isPassing(state)) return;
    const never = [...state.on.keys()].filter((type) => !type.startsWith('xstate.done'));
    if (never.length === 0 || state.type === 'compound' || state.type === 'parallel') return;
    report(state, {
      message: `The ${stateInWords(state)} is left at once by its \`always\`, so it never takes ${never.map((type) => `'${eventLabel(type, dialogue.machine)}'`).join(', ')}.`,
      remedy: `Give the \`always\` a guard, or delete what stands behind it.`,
    });
  }

  function reportBehindChildren(state: StateDescription): void {
    if (state.type !== 'compound' && state.type !== 'parallel') return;
    for (const descriptor of state.on.keys()) {
      if (!/^(?:message|event|intent)\./u.test(descriptor) || !takenBelow(state, descriptor)) {
        continue;
      }
      report(state, {
        message: `The transition on '${descriptor}' of the ${stateInWords(state)} is never taken: all states in it take that themselves, without a guard.`,
        remedy: `Delete it, or give those below a guard.`,
      });
    }
  }

  function reportAnswers(state: StateDescription): void {
    const target = state.question?.target;
    if (typeof target !== 'object') return;
    const first = target.findIndex(({ guard }) => guard === undefined);
    if (first < 0 || first === target.length - 1) return;
    report(state, {
      message: `The question '${state.path}' has targets behind one that has no guard, which is always taken.`,
      remedy: `Give the one before a guard, or put it last.`,
    });
  }
}

/** Whether the active states below a state take such an event before it does. */
function takenBelow(state: StateDescription, descriptor: string): boolean {
  const inner = state.children.filter(({ type }) => type !== 'history' && type !== 'final');
  const takes = (each: StateDescription): boolean =>
    isPassing(each) || takesAlways(each, descriptor) || takenBelow(each, descriptor);
  if (inner.length === 0) return false;
  return state.type === 'parallel' ? inner.some(takes) : inner.every(takes);
}

/** Whether a state takes every event of a descriptor, without a condition. */
export function takesAlways(state: StateDescription, descriptor: string): boolean {
  return [...state.on].some(
    ([own, list]) => covers(own, descriptor) && list.some(({ guard }) => isUnconditional(guard)),
  );
}

/** Whether a descriptor, as `message.*`, stands for another one. */
export function covers(own: string, descriptor: string): boolean {
  return own === descriptor || (own.endsWith('.*') && descriptor.startsWith(own.slice(0, -1)));
}
