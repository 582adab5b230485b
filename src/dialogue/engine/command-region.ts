import type { AnyStateNode } from 'xstate';
import type { NodeTransition } from './plain-transition.ts';

/**
 * A command that leads into one region of an active parallel state leaves the other regions as they are. For a transition
 * from around the regions XState leaves all of them, and enters those that are no target where they begin.
 */

/** Marks a transition that `commands` made. XState keeps what it does not know. */
export const COMMAND: unique symbol = Symbol.for('colloquy.command');

/** A transition that starts in the region that it leads into. */
interface Narrowed extends NodeTransition {
  /** The transition as it was defined. */
  readonly original?: NodeTransition;
}

export function isCommand(transition: object): boolean {
  return COMMAND in transition;
}

/** The transition as the engine takes it. @param active the active states */
export function narrowed(
  transition: NodeTransition,
  active: readonly AnyStateNode[],
): NodeTransition {
  const { source, target: [target] = [] } = transition;
  if (target === undefined || !isCommand(transition)) return transition;
  for (let node = target; node !== source && node.parent !== undefined; node = node.parent) {
    if (node.parent.type !== 'parallel' || !active.includes(node)) continue;
    return { ...transition, source: node, original: transition } as Narrowed;
  }
  return transition;
}

export function definitionOf<Transition extends object>(transition: Transition): Transition {
  return ((transition as Partial<Narrowed>).original as Transition | undefined) ?? transition;
}
