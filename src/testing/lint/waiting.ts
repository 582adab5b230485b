import type { AnyStateNode } from 'xstate';
import { questionOf } from '../../dialogue/engine/question.ts';
import {
  type FamilyMember,
  childrenOf,
  invokedBy,
  isPassing,
  leavesEntered,
  lineageOf,
  pathOf,
  placeOf,
  transitionsOf,
} from './family.ts';
import type { LintRules, ReportFinding } from './rule.ts';
import { takesAlways } from './ways.ts';

/** Rules about states in which a conversation waits: for the user, or for a service. */

/** States in which a message may arrive that no state takes. */
export function fallbacks(member: FamilyMember, report: ReportFinding): void {
  if (
    member.hosts.length > 0 &&
    member.hosts.every(({ member: host, node }) => isHeard(host, node))
  )
    return;
  for (const node of waitingIn(member)) {
    if (invokedBy(member.machine, node).some(({ kind }) => kind === 'dialogue')) continue;
    if (isHeard(member, node) || !isSpokenTo(node)) continue;
    report(node, {
      message: `The state '${pathOf(node)}' waits, and a message that it has no transition for gets no answer.`,
      remedy: `Give it, or a state around it, a transition on 'message.*' without a guard.`,
    });
  }
}

/** The states in which a conversation rests; a question counts as one. */
function waitingIn({ nodes }: FamilyMember): ReadonlySet<AnyStateNode> {
  return new Set(
    nodes.filter((node) => node.type === 'atomic' && !isPassing(node)).map((node) => placeOf(node)),
  );
}

function isHeard(member: FamilyMember, node: AnyStateNode): boolean {
  const heard = lineageOf(node).some(
    (each) =>
      takesAlways(each, 'message.*') ||
      (each.parent?.type === 'parallel' &&
        childrenOf(each.parent).some((region) => region !== each && hearsAll(region))),
  );
  if (heard || member.hosts.length === 0) return heard;
  return member.hosts.every((host) => isHeard(host.member, host.node));
}

/** Whether the active states in a state take every message. */
function hearsAll(node: AnyStateNode): boolean {
  if (takesAlways(node, 'message.*') || isPassing(node)) return true;
  if (node.type === 'final' || node.type === 'history') return true;
  const inner = childrenOf(node);
  if (inner.length === 0) return false;
  return node.type === 'parallel' ? inner.some(hearsAll) : inner.every(hearsAll);
}

/** Of several regions, those that take no message at all leave that to the others. */
function isSpokenTo(node: AnyStateNode): boolean {
  const region = lineageOf(node).find(({ parent }) => parent?.type === 'parallel');
  if (region === undefined || takesMessages(region)) return true;
  return !childrenOf(region.parent as AnyStateNode).some(takesMessages);
}

function takesMessages(node: AnyStateNode): boolean {
  return (
    [...node.transitions.keys()].some((type) => /^(?:message|intent)\./u.test(type)) ||
    childrenOf(node).some(takesMessages)
  );
}

/** States in which a user may be silent forever. The first state and states with a running service are not among them. */
export function timeouts(member: FamilyMember, report: ReportFinding): void {
  const home = new Set(member.isRoot ? leavesEntered(member.machine.root) : []);
  const hosted = member.hosts.length > 0 && member.hosts.every(({ node }) => hasTimer(node));
  if (hosted) return;
  for (const node of waitingIn(member)) {
    if (home.has(node) || !isSpokenTo(node) || hasTimer(node)) continue;
    if (invokedBy(member.machine, node).length > 0) continue;
    report(node, {
      message: `The state '${pathOf(node)}' waits for the user without an end.`,
      remedy: `Give the question a \`timeout\`, or the state, or one around it, an \`after\`.`,
    });
  }
}

function hasTimer(node: AnyStateNode): boolean {
  const inner = questionOf(node.config) === undefined ? [] : childrenOf(node);
  return [...lineageOf(node), ...inner]
    .flatMap(transitionsOf)
    .some(({ eventType }) => eventType.startsWith('xstate.after.'));
}

/** Services that may fail without anyone taking the failure. */
export function serviceErrors({ machine, nodes }: FamilyMember, report: ReportFinding): void {
  for (const node of nodes) {
    for (const { id, src, kind } of invokedBy(machine, node)) {
      if (kind !== 'service') continue;
      const type = `xstate.error.actor.${id}`;
      const branches = lineageOf(node).flatMap((each) => each.transitions.get(type) ?? []);
      if (branches.some(({ guard }) => guard === undefined)) continue;
      report(node, {
        message:
          branches.length === 0
            ? `The state '${pathOf(node)}' invokes the service '${src}' and has no \`onError\`: where it fails, so does the turn.`
            : `The state '${pathOf(node)}' takes the failure of the service '${src}' under conditions only: where none holds, the turn fails.`,
        remedy: `Give \`invoke\` an \`onError\` without a guard, which says so and continues.`,
      });
    }
  }
}

/** Questions that are asked again and again, where nothing that can be said leads away from them. */
export function unlimitedQuestions(
  { machine, nodes, hosts }: FamilyMember,
  report: ReportFinding,
  { commands = true }: LintRules['unlimited-question'],
): void {
  const byHosts = hosts.length > 0 && hosts.every(({ node }) => isLeftByCommand(node));
  for (const node of nodes) {
    if (questionOf(node.config) === undefined || !isUnlimited(node)) continue;
    if (commands && (byHosts || isLeftByCommand(node))) continue;
    report(node, {
      message: `The question '${pathOf(node)}' of '${machine.id}' is asked forever: it has no limit${commands ? ', and no command leads away from it' : ''}.`,
      remedy: `Give it an \`otherwise\` (and \`attempts\`)${commands ? ', or the dialogue a command to leave it by' : ''}.`,
    });
  }
}

/** The last of a question's inner states asks again, rather than leaving to who gives up. */
function isUnlimited(node: AnyStateNode): boolean {
  return childrenOf(node).some((inner) =>
    (inner.transitions.get('ask.retry') ?? []).some(({ target }) => target?.[0] === inner),
  );
}

function isLeftByCommand(node: AnyStateNode): boolean {
  return lineageOf(node).some((each) =>
    [...each.transitions].some(
      ([type, list]) =>
        type.startsWith('intent.') && list.some(({ target }) => target !== undefined),
    ),
  );
}
