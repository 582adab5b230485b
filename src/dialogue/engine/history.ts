import type { AnyStateNode } from 'xstate';
import type { Snapshot } from './child-ref.ts';
import type { CollectedAction } from './collected-action.ts';
import type { Microstep } from './inspection.ts';
import { nodesOf } from './machine-walk.ts';
import type { NodeTransition } from './plain-transition.ts';

/**
 * Finds out which sub-dialogues are left and entered by history. XState stops and starts an invoked actor by its id alone,
 * and does not say why: the transitions of the microstep say it.
 */

/** A transition that enters states again as a history of the whole machine would. */
export interface Resuming {
  readonly resumes?: boolean;
}

/** The states of a machine that history and sub-dialogues have to do with. */
export class HistoryOf {
  readonly #histories: readonly AnyStateNode[];
  /** The states that invoke sub-dialogues, by the id of the invocation. */
  readonly #hosts = new Map<string, AnyStateNode[]>();

  constructor(root: AnyStateNode, isDialogue: (src: unknown) => boolean) {
    const nodes = [...nodesOf(root)];
    this.#histories = nodes.filter(({ type }) => type === 'history');
    for (const node of nodes) {
      for (const { id, src } of node.invoke) {
        if (isDialogue(src)) this.#hosts.set(id, [...(this.#hosts.get(id) ?? []), node]);
      }
    }
  }

  /** Whether a step may leave or enter a sub-dialogue by history. */
  concerns(isResuming: boolean): boolean {
    return this.#hosts.size > 0 && (isResuming || this.#histories.length > 0);
  }

  /** Notes on the actions that start or stop sub-dialogues how their states were entered or left. */
  note(actions: readonly CollectedAction[], before: Snapshot, microstep: Microstep): void {
    const { snapshot: after, _transitions: transitions = [] } = microstep;
    const { historyValue } = after;
    let used: ReadonlySet<AnyStateNode> | undefined;
    const note = (action: CollectedAction, active: Snapshot, isBy: IsBy): void => {
      const { id } = (action.params ?? {}) as { readonly id?: string };
      const host = this.#hosts.get(id ?? '')?.find((node) => active._nodes.includes(node));
      if (host === undefined) return;
      const isCoveredBy = (history: AnyStateNode): boolean =>
        isBy(history) && isCovered(host, history, historyValue[history.id]);
      const byHistory =
        (transitions as readonly Resuming[]).some(({ resumes }) => resumes) ||
        this.#histories.some(isCoveredBy);
      action.host = { state: host.id, byHistory };
    };
    for (const action of actions) {
      if (action.type === 'xstate.stopChild') {
        note(action, before, ({ id }) => historyValue[id] !== before.historyValue[id]);
      } else if (action.type === 'xstate.spawnChild') {
        const targets = (): readonly AnyStateNode[] =>
          transitions.flatMap((each) => (each as unknown as NodeTransition).target ?? []);
        used ??= usedIn(targets(), historyValue);
        note(action, after, (history) => used?.has(history) === true);
      }
    }
  }
}

type IsBy = (history: AnyStateNode) => boolean;

/** Whether what a history remembers, the states in its parent, goes through a state; its parent counts. */
export function isCovered(
  state: AnyStateNode,
  { parent }: AnyStateNode,
  remembered: readonly AnyStateNode[] | undefined,
): boolean {
  if (remembered === undefined || parent === undefined || !isIn(state, parent)) return false;
  return state === parent || remembered.some((each) => isIn(each, state));
}

function isIn(state: AnyStateNode | undefined, outer: AnyStateNode): boolean {
  return state !== undefined && (state === outer || isIn(state.parent, outer));
}

/** The history states that have something to resume and that these targets lead to, also in the regions beside them. */
function usedIn(
  targets: readonly AnyStateNode[],
  historyValue: Snapshot['historyValue'],
): ReadonlySet<AnyStateNode> {
  const used = new Set<AnyStateNode>();
  const enter = (node: AnyStateNode): void => {
    if (node.type === 'parallel') regionsOf(node).forEach(enter);
    else if (node.type === 'compound') (node.initial.target as AnyStateNode[]).forEach(enter);
    else if (historyValue[node.id] !== undefined) used.add(node);
  };
  for (const target of targets) {
    enter(target);
    for (let above = target.parent; above !== undefined; above = above.parent) {
      if (above.type !== 'parallel') continue;
      regionsOf(above)
        .filter((region) => !targets.some((each) => isIn(each, region)))
        .forEach(enter);
    }
  }
  return used;
}

function regionsOf({ states }: AnyStateNode): readonly AnyStateNode[] {
  return (Object.values(states) as AnyStateNode[]).filter(({ type }) => type !== 'history');
}
