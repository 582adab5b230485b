import type { AnyActorLogic, AnyStateMachine, AnyStateNode } from 'xstate';
import { actorKind, machinesOf } from './machine-walk.ts';

/**
 * A hash of what a dialogue is made of, as far as a stored conversation can depend on it: the tree of its states with
 * their kinds, what they take and where that leads, their delays, and the actors they invoke, by name; the same of its
 * sub-dialogues. Texts, guards, actions, the order of states, and the initial context do not count.
 */
export function structureOf(dialogue: AnyStateMachine): string {
  const machines = [...machinesOf(dialogue)];
  return hashOf(JSON.stringify(machines.map((machine) => describeMachine(machine, machines))));
}

function describeMachine(machine: AnyStateMachine, machines: readonly AnyStateMachine[]): unknown {
  const actors = Object.entries(machine.implementations.actors) as [string, AnyActorLogic][];
  return [
    machine.id,
    describeState(machine.root),
    actors
      .map(([name, logic]) => [
        name,
        actorKind(logic) === 'dialogue' ? machines.indexOf(logic as AnyStateMachine) : 'service',
      ])
      .sort(byKey),
  ];
}

function describeState(node: AnyStateNode): unknown {
  return [
    node.key,
    node.id,
    node.type,
    node.type === 'compound' ? idsOf(node.initial.target) : node.history,
    [...node.transitions]
      .map(([type, transitions]) => [type, transitions.map(({ target }) => idsOf(target))])
      .sort(byKey),
    node.always?.map(({ target }) => idsOf(target)),
    node.invoke.map(({ id, src }) => [id, src]),
    Object.values(node.states)
      .map((child) => describeState(child as AnyStateNode))
      .sort(byKey),
  ];
}

function idsOf(nodes: readonly AnyStateNode[] | undefined): readonly string[] | undefined {
  return nodes?.map(({ id }) => id);
}

function byKey(a: unknown, b: unknown): number {
  const [[first], [second]] = [a, b] as [[string], [string]];
  if (first === second) return 0;
  return first < second ? -1 : 1;
}

/** 53 bits, enough to distinguish versions of one dialogue: no attacker gains anything by a collision. */
function hashOf(text: string): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let place = 0; place < text.length; place += 1) {
    const unit = text.charCodeAt(place);
    high = Math.imul(high ^ unit, 0x9e3779b1);
    low = Math.imul(low ^ unit, 0x5f356495);
  }
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  return (2 ** 32 * (low & 0x1fffff) + (high >>> 0)).toString(36);
}
