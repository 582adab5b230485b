import type { AnyStateNode } from 'xstate';
import { isUnconditional } from '../../dialogue/define/ask.ts';
import { questionOf } from '../../dialogue/engine/question.ts';
import { nodesOf } from '../../dialogue/engine/machine-walk.ts';
import {
  type FamilyMember,
  type TransitionOf,
  childrenOf,
  isPassing,
  leavesEntered,
  lineageOf,
  pathOf,
  placeOf,
  transitionsOf,
} from './family.ts';
import type { ReportFinding } from './rule.ts';

/** Rules about where a dialogue can go. */

/** States that nothing leads to; of nested ones the outermost is reported. */
export function unreachableStates({ machine, nodes }: FamilyMember, report: ReportFinding): void {
  const reached = reachedFrom(machine.root);
  for (const node of nodes) {
    if (reached.has(node) || (node.parent && !reached.has(node.parent))) continue;
    report(node, {
      message: `Nothing leads to the state '${pathOf(node)}'.`,
      remedy: `Name it as the target of a transition, or delete it.`,
    });
  }
}

/** What can be entered, guards aside. */
function reachedFrom(root: AnyStateNode): ReadonlySet<AnyStateNode> {
  const reached = new Set<AnyStateNode>();
  const enter = (node: AnyStateNode): void => {
    for (const each of lineageOf(node)) {
      if (reached.has(each)) continue;
      reached.add(each);
      // A transition into one region enters the others, too.
      if (each.type === 'parallel') childrenOf(each).filter(isState).forEach(enter);
    }
    if (node.type === 'compound') node.initial.target.forEach(enter);
    if (node.type === 'history') defaultOf(node).forEach(enter);
  };
  enter(root);
  for (let before = 0; before < reached.size;) {
    before = reached.size;
    for (const node of [...reached]) {
      for (const { eventType, target } of transitionsOf(node)) {
        if (eventType === `xstate.done.state.${node.id}` && !canEnd(node, reached)) continue;
        target?.forEach(enter);
      }
    }
  }
  return reached;
}

/** Where a history state leads that remembers nothing yet. */
function defaultOf(node: AnyStateNode): AnyStateNode[] {
  const parent = node.parent as AnyStateNode;
  const { target } = node.config as { readonly target?: string };
  if (target === undefined) return leavesEntered(parent);
  const all = [...nodesOf(parent.machine.root)];
  const found = target.startsWith('#')
    ? all.find(({ id }) => `#${id}` === target)
    : all.find((each) => pathOf(each) === [...parent.path, target].join('.'));
  return found === undefined ? [] : [found];
}

function isState({ type }: AnyStateNode): boolean {
  return type !== 'history';
}

/** Whether a state can be done, as far as is known what can be reached in it. */
function canEnd(node: AnyStateNode, reached: ReadonlySet<AnyStateNode>): boolean {
  if (node.type === 'final') return reached.has(node);
  const inner = childrenOf(node).filter(isState);
  if (node.type === 'parallel') return inner.every((each) => canEnd(each, reached));
  return inner.some((each) => each.type === 'final' && reached.has(each));
}

/**
 * States in which a conversation is caught: no end and no way back to the beginning. What a user may say to the dialogue
 * around a sub-dialogue is a way out of it.
 */
export function deadEnds(member: FamilyMember, report: ReportFinding): void {
  const { machine, nodes, hosts } = member;
  if (hosts.length > 0 && hosts.every(({ node }) => hasExit(node))) return;
  const home = new Set(leavesEntered(machine.root));
  const leaves = nodes.filter((node) => isLeaf(node) && !isEnd(node));
  const reach = new Map(leaves.map((leaf) => [leaf, reachOf(leaf)]));
  const told = new Set<AnyStateNode>();
  for (const [leaf, goals] of reach) {
    if (told.has(leaf) || [...goals].some(isEnd)) continue;
    const place = placeOf(leaf);
    const takes = lineageOf(leaf).some((each) => transitionsOf(each).length > 0);
    if (!takes && !isRegion(leaf)) {
      report(place, {
        message: `The state '${pathOf(place)}' takes nothing and is not final, so a conversation that reaches it stays in it forever.`,
        remedy: `Make it \`type: 'final'\`, or give it a transition.`,
      });
      continue;
    }
    if (home.has(leaf) || [...goals].some((goal) => home.has(goal))) continue;
    // Of what leads into a trap, only the trap is at fault.
    if (![...goals].every((goal) => reach.get(goal)?.has(leaf))) continue;
    for (const goal of goals) told.add(goal);
    report(place, {
      message: `From the state '${pathOf(place)}' no end can be reached, nor the beginning.`,
      remedy: `Give it a transition that leads out: on a command, after a while, or to a final state.`,
    });
  }
}

function isLeaf(node: AnyStateNode): boolean {
  return node.type === 'atomic' || node.type === 'final';
}

/** Whether the dialogue is over there. */
function isEnd(node: AnyStateNode): boolean {
  return node.type === 'final' && node.parent?.parent === undefined;
}

function isRegion(node: AnyStateNode): boolean {
  return lineageOf(node).some(({ parent }) => parent?.type === 'parallel');
}

function reachOf(leaf: AnyStateNode): Set<AnyStateNode> {
  const reach = new Set<AnyStateNode>();
  const open = [leaf];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const targets = lineageOf(node).flatMap(transitionsOf).flatMap(targetsOf);
    for (const next of targets.flatMap(leavesEntered)) {
      if (reach.has(next)) continue;
      reach.add(next);
      open.push(next);
    }
  }
  return reach;
}

function targetsOf({ target }: TransitionOf): readonly AnyStateNode[] {
  return target ?? [];
}

/** Whether a user, or time, can lead out of a state. */
function hasExit(node: AnyStateNode): boolean {
  return lineageOf(node)
    .flatMap(transitionsOf)
    .some(
      ({ eventType, target }) =>
        target !== undefined && /^(?:intent|message|event|xstate\.after)\./u.test(eventType),
    );
}

/** Transitions that are never taken, because something always goes before them. */
export function shadowedTransitions({ nodes }: FamilyMember, report: ReportFinding): void {
  for (const node of nodes) {
    for (const [descriptor, list] of node.transitions) reportAfterUnguarded(node, list, descriptor);
    reportAfterUnguarded(node, node.always ?? [], '');
    reportBehindAlways(node);
    reportBehindChildren(node);
    reportAnswers(node);
  }

  function reportAfterUnguarded(
    node: AnyStateNode,
    list: readonly TransitionOf[],
    descriptor: string,
  ): void {
    const first = list.findIndex(({ guard }) => guard === undefined);
    const behind = first < 0 ? [] : list.slice(first + 1);
    if (behind.length === 0) return;
    const on = descriptor === '' ? 'without an event' : `on '${descriptor}'`;
    const isAnswer = questionOf(node.config) !== undefined && descriptor === 'message.*';
    report(node, {
      message: isAnswer
        ? `No answer to the question '${pathOf(node)}' is ever read: a transition on 'message.*' without a guard goes before.`
        : `The state '${pathOf(node)}' has ${behind.length} ${on} behind one that has no guard, which is always taken.`,
      remedy: `Give the one before a guard, or put it last.`,
    });
  }

  function reportBehindAlways(node: AnyStateNode): void {
    if (!isPassing(node)) return;
    const never = [...node.transitions.keys()].filter((type) => !type.startsWith('xstate.done'));
    if (never.length === 0 || node.type === 'compound' || node.type === 'parallel') return;
    report(node, {
      message: `The state '${pathOf(node)}' is left at once by its \`always\`, so it never takes ${never.map((type) => `'${type}'`).join(', ')}.`,
      remedy: `Give the \`always\` a guard, or delete what stands behind it.`,
    });
  }

  function reportBehindChildren(node: AnyStateNode): void {
    if (node.type !== 'compound' && node.type !== 'parallel') return;
    for (const descriptor of node.transitions.keys()) {
      if (!/^(?:message|event|intent)\./u.test(descriptor) || !takenBelow(node, descriptor)) {
        continue;
      }
      report(node, {
        message: `The transition on '${descriptor}' of the state '${pathOf(node)}' is never taken: all states in it take that themselves, without a guard.`,
        remedy: `Delete it, or give those below a guard.`,
      });
    }
  }

  function reportAnswers(node: AnyStateNode): void {
    const target = questionOf(node.config)?.target;
    if (typeof target !== 'object') return;
    const first = target.findIndex(({ guard }) => guard === undefined);
    if (first < 0 || first === target.length - 1) return;
    report(node, {
      message: `The question '${pathOf(node)}' has targets behind one that has no guard, which is always taken.`,
      remedy: `Give the one before a guard, or put it last.`,
    });
  }
}

/** Whether the active states below a state take such an event before it does. */
function takenBelow(node: AnyStateNode, descriptor: string): boolean {
  const inner = childrenOf(node).filter(({ type }) => type !== 'history' && type !== 'final');
  const takes = (each: AnyStateNode): boolean =>
    isPassing(each) || takesAlways(each, descriptor) || takenBelow(each, descriptor);
  if (inner.length === 0) return false;
  return node.type === 'parallel' ? inner.some(takes) : inner.every(takes);
}

/** Whether a state takes every event of a descriptor, without a condition. */
export function takesAlways(node: AnyStateNode, descriptor: string): boolean {
  return [...node.transitions].some(
    ([own, list]) => covers(own, descriptor) && list.some(({ guard }) => isUnconditional(guard)),
  );
}

function covers(own: string, descriptor: string): boolean {
  return own === descriptor || (own.endsWith('.*') && descriptor.startsWith(own.slice(0, -1)));
}
