import type { AnyStateNode } from 'xstate';
import { isQuestion } from '../../dialogue/engine/question.ts';

/** Which states of a dialogue are drawn. */

/** The states that are drawn within a state; those of a question are not. */
export function childrenOf(node: AnyStateNode): AnyStateNode[] {
  return isQuestion(node.config) ? [] : (Object.values(node.states) as AnyStateNode[]);
}

/** The state that is drawn for one: the question around it, or itself. */
export function visible(node: AnyStateNode): AnyStateNode {
  for (const each of ancestorsOf(node)) if (isQuestion(each.config)) return each;
  return node;
}

export function* ancestorsOf(node: AnyStateNode): Generator<AnyStateNode> {
  for (let above = node.parent; above !== undefined; above = above.parent) yield above;
}
