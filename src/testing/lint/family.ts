import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { actorKind, machinesOf, nodesOf } from '../../dialogue/engine/machine-walk.ts';
import { isQuestion } from '../../dialogue/engine/question.ts';

/** A transition as XState formats it. */
export type TransitionOf = AnyStateNode['always'] extends (infer Each)[] | undefined ? Each : never;

/** One machine of a dialogue, and the states that invoke it. */
export interface FamilyMember {
  readonly machine: AnyStateMachine;
  readonly nodes: readonly AnyStateNode[];
  /** Empty for the dialogue itself, and for what is spawned. */
  readonly hosts: readonly { readonly member: FamilyMember; readonly node: AnyStateNode }[];
  readonly isRoot: boolean;
}

/** The dialogue and its sub-dialogues, the dialogue first. */
export function familyOf(dialogue: AnyStateMachine): readonly FamilyMember[] {
  const members = [...machinesOf(dialogue)].map((machine) => ({
    machine,
    nodes: [...nodesOf(machine.root)],
    hosts: [] as { member: FamilyMember; node: AnyStateNode }[],
    isRoot: machine === dialogue,
  }));
  for (const member of members) {
    for (const node of member.nodes) {
      for (const invoked of invokedBy(member.machine, node)) {
        const child = members.find(({ machine }) => machine === invoked.logic);
        child?.hosts.push({ member, node });
      }
    }
  }
  return members;
}

export interface Invoked {
  readonly id: string;
  readonly src: string;
  readonly logic: unknown;
  readonly kind: 'service' | 'dialogue';
}

export function invokedBy(machine: AnyStateMachine, node: AnyStateNode): Invoked[] {
  return node.invoke.flatMap(({ id, src }) => {
    if (typeof src !== 'string') return [];
    const logic = machine.implementations.actors[src] as Parameters<typeof actorKind>[0];
    const kind = actorKind(logic);
    return kind === undefined ? [] : [{ id, src, logic, kind }];
  });
}

/** All transitions of one state, those without an event last. */
export function transitionsOf(node: AnyStateNode): TransitionOf[] {
  return [...[...node.transitions.values()].flat(), ...(node.always ?? [])] as TransitionOf[];
}

/** The state itself, then what it is inside of. */
export function lineageOf(node: AnyStateNode): AnyStateNode[] {
  const lineage = [node];
  for (let above = node.parent; above !== undefined; above = above.parent) lineage.push(above);
  return lineage;
}

export function childrenOf(node: AnyStateNode): AnyStateNode[] {
  return Object.values(node.states) as AnyStateNode[];
}

/** Where a state is, as in a transcript; the inner states of a question are the question. */
export function placeOf(node: AnyStateNode): AnyStateNode {
  return lineageOf(node).findLast((each) => isQuestion(each.config)) ?? node;
}

export function pathOf(node: AnyStateNode): string {
  return node.path.join('.');
}

/** Whether the state is left as soon as it is entered. */
export function isPassing(node: AnyStateNode): boolean {
  return (node.always ?? []).some(({ guard, target }) => guard === undefined && target);
}

/** The leaf states that are entered with a state. */
export function leavesEntered(node: AnyStateNode): AnyStateNode[] {
  switch (node.type) {
    case 'compound':
      return node.initial.target.flatMap((target: AnyStateNode) => leavesEntered(target));
    case 'parallel':
      return childrenOf(node)
        .filter(({ type }) => type !== 'history')
        .flatMap(leavesEntered);
    case 'history':
      return remembered(node).flatMap(leavesEntered);
    default:
      return [node];
  }
}

/** What a history state may lead to: its default, or any state beside it that was active. */
export function remembered(node: AnyStateNode): AnyStateNode[] {
  return childrenOf(node.parent as AnyStateNode).filter(({ type }) => type !== 'history');
}
