import type { AnyStateNode } from 'xstate';
import { questionOf } from '../../dialogue/engine/question.ts';
import { nodesOf } from '../../dialogue/engine/machine-walk.ts';
import {
  type FamilyMember,
  childrenOf,
  invokedBy,
  lineageOf,
  pathOf,
  placeOf,
  transitionsOf,
} from './family.ts';
import type { ReportFinding } from './rule.ts';

/** Rules about questions that wait at the same time, and about states that start again unexpectedly. */

/** Parallel states in which several regions ask: one message answers all questions that stand open. */
export function parallelQuestions({ machine, nodes }: FamilyMember, report: ReportFinding): void {
  for (const node of nodes) {
    if (node.type !== 'parallel') continue;
    const asking = regionsOf(node).filter((region) => asksIn(machine, region));
    const [first, second] = asking;
    if (first === undefined || second === undefined) continue;
    report(node, {
      message: `The regions '${first.key}' and '${second.key}' of '${pathOf(node) || machine.id}' both ask: where their questions stand open at the same time, both take the same message for an answer.`,
      remedy: `Ask in one region, and let the others wait for what it raises; or put the questions one after the other.`,
    });
  }
}

/** Whether a state asks, or has a sub-dialogue that may. */
function asksIn(machine: FamilyMember['machine'], region: AnyStateNode): boolean {
  return [...nodesOf(region)].some(
    (node) =>
      questionOf(node.config) !== undefined ||
      invokedBy(machine, node).some(({ kind }) => kind === 'dialogue'),
  );
}

/** Transitions from around a parallel state into one of its regions: the others start again, with their timers. */
export function restartedRegions({ nodes }: FamilyMember, report: ReportFinding): void {
  const told = new Set<string>();
  for (const source of nodes) {
    for (const { eventType, target = [] } of transitionsOf(source)) {
      const [only, ...more] = target as readonly AnyStateNode[];
      // One that names a state in each region says what becomes of them all.
      if (only === undefined || more.length > 0) continue;
      const region = regionAround(only, source);
      const restarted = region && regionsOf(region.parent as AnyStateNode).filter(hasMoved(region));
      const [other] = restarted ?? [];
      if (region === undefined || other === undefined) continue;
      const key = `${source.id} ${eventType} ${region.id}`;
      if (told.has(key)) continue;
      told.add(key);
      report(source, {
        message: `The transition on '${eventType}' leads into the region '${pathOf(region)}' from outside of it, so XState enters '${pathOf(other)}' again, too: what is under way there starts again, its timers included.`,
        remedy: `Put the transition into the region, or raise an event that the region takes.`,
      });
    }
  }
}

/** The outermost region that a target is in and the source of its transition is around. */
function regionAround(target: AnyStateNode, source: AnyStateNode): AnyStateNode | undefined {
  return lineageOf(target).findLast(
    ({ parent }) => parent?.type === 'parallel' && lineageOf(parent).includes(source),
  );
}

/** Whether another region may be elsewhere than where it begins, or has something under way. */
function hasMoved(region: AnyStateNode) {
  return (other: AnyStateNode): boolean =>
    other !== region &&
    [...nodesOf(other)].some(
      (node) =>
        node.invoke.length > 0 ||
        childrenOf(node).length > 1 ||
        transitionsOf(node).some(({ eventType }) => eventType.startsWith('xstate.after.')),
    );
}

/** Deep histories of states in which a sub-dialogue runs: it is stopped when they are left, and starts again. */
export function restartedDialogues({ machine, nodes }: FamilyMember, report: ReportFinding): void {
  for (const history of nodes) {
    const parent = history.parent;
    if (history.type !== 'history' || parent === undefined || !isTarget(history, nodes)) continue;
    const hosts = [...nodesOf(parent)].filter(
      (node) => node !== parent && invokedBy(machine, node).some(({ kind }) => kind === 'dialogue'),
    );
    const [host] = hosts;
    if (host === undefined) continue;
    report(history, {
      message: `What resumes at '${pathOf(history)}' does not resume the sub-dialogue of '${pathOf(placeOf(host))}': it ended when the state was left, and begins again.`,
      remedy: `Let the interruption be a command without a target, which stays in the state; or write the sub-dialogue as states of '${pathOf(parent) || machine.id}'.`,
    });
  }
}

function isTarget(node: AnyStateNode, nodes: readonly AnyStateNode[]): boolean {
  return nodes.some((each) =>
    transitionsOf(each).some(({ target }) => target?.includes(node) === true),
  );
}

function regionsOf(node: AnyStateNode): AnyStateNode[] {
  return childrenOf(node).filter(({ type }) => type !== 'history');
}
