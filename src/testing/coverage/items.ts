import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { isUnconditional } from '../../dialogue/define/ask.ts';
import { isQuestion } from '../../dialogue/engine/question.ts';
import { labelOf } from '../../dialogue/diagram.ts';
import { machinesOf, nodesOf } from '../../dialogue/engine/machine-walk.ts';
import type { TransitionDefinition } from '../../dialogue/engine/inspection.ts';

/** What there is to be walked through in a dialogue. */

/** What an item counts for. */
export type CoverageKind =
  | 'states'
  | 'transitions'
  /** A guard that held, and one that did not, are two. */
  | 'guards'
  /** Of the transitions: a question asked again. */
  | 'retries'
  /** Of the transitions: a question given up. */
  | 'giveUps'
  /** Of the transitions: a service, or a sub-dialogue, that failed. */
  | 'failures';

export interface CoverageItem {
  /** The same in every process, as long as the dialogue is. */
  readonly key: string;
  readonly kinds: readonly CoverageKind[];
  /** The id of the dialogue, or of the sub-dialogue. */
  readonly dialogue: string;
  /** Of the state, or of the state that has the transition. */
  readonly path: string;
  /** Of a transition and its guard: what sets it off, and where it leads. */
  readonly label?: string;
}

/** How much of one kind was walked through. */
export interface CoverageShare {
  readonly walked: number;
  readonly total: number;
  /** 0 to 100; 100 where there is nothing of the kind. */
  readonly percent: number;
  readonly missing: readonly CoverageItem[];
}

export type CoverageSummary = Readonly<Record<CoverageKind, CoverageShare>>;

/** In the order in which the dialogue has them, its sub-dialogues after it. */
export function itemsOf(dialogue: AnyStateMachine): readonly CoverageItem[] {
  const machines = [...machinesOf(dialogue)];
  const repeats = machines.some(saysRepeat);
  return machines.flatMap((machine) =>
    [...nodesOf(machine.root)].flatMap((node) => itemsOfState(machine, node, repeats)),
  );
}

function itemsOfState(
  machine: AnyStateMachine,
  node: AnyStateNode,
  repeats: boolean,
): CoverageItem[] {
  const at = { dialogue: machine.id, path: pathOf(node) };
  const items: CoverageItem[] = [];
  // A history state is never active itself.
  if (node.type !== 'history') {
    items.push({ key: stateKey(machine, node), kinds: ['states'], ...at });
  }
  const transitions = transitionsOf(node);
  for (const transition of transitions) {
    // A user may ask for any question again; a test that does not is not incomplete.
    if (transition.eventType === 'ask.repeat' && !repeats) continue;
    const label = `${titleOf(transition, node)}${targetOf(transition)}`;
    const key = transitionKey(machine, transition);
    items.push({ key, kinds: ['transitions', ...kindsOf(transition)], ...at, label });
    if (isUnconditional(transition.guard)) continue;
    for (const held of [true, false]) {
      items.push({
        key: guardKey(machine, transition, held),
        kinds: ['guards'],
        ...at,
        label: `${label}, the guard ${held ? 'holds' : 'does not hold'}`,
      });
    }
  }
  return items;
}

export function transitionsOf(node: AnyStateNode): TransitionDefinition[] {
  return [...[...node.transitions.values()].flat(), ...(node.always ?? [])];
}

export function pathOf(node: AnyStateNode): string {
  return node.path.join('.');
}

export function stateKey({ id }: AnyStateMachine, node: AnyStateNode): string {
  return `state ${id} ${pathOf(node)}`;
}

/** The same for the transition of every copy of the machine. */
export function transitionKey({ id }: AnyStateMachine, transition: TransitionDefinition): string {
  const { source, eventType } = transition;
  const beside = eventType === '' ? (source.always ?? []) : source.transitions.get(eventType);
  const place = (beside as readonly TransitionDefinition[] | undefined)?.indexOf(transition) ?? 0;
  return `transition ${id} ${pathOf(source)}|${eventType}|${place}`;
}

export function guardKey(
  machine: AnyStateMachine,
  transition: TransitionDefinition,
  held: boolean,
): string {
  return `${held ? 'held' : 'refused'} ${transitionKey(machine, transition)}`;
}

function kindsOf({ eventType, source }: TransitionDefinition): CoverageKind[] {
  if (eventType.startsWith('xstate.error.actor.')) return ['failures'];
  if (eventType !== 'ask.retry') return [];
  const isInner = source.parent !== undefined && isQuestion(source.parent.config);
  return [isInner ? 'retries' : 'giveUps'];
}

function titleOf(
  { eventType, guard, description }: TransitionDefinition,
  node: AnyStateNode,
): string {
  const label = labelOf(eventType, guard, node);
  if (description === undefined) return label === '' ? 'at once' : label;
  return eventType === '' ? description : `${labelOf(eventType, undefined, node)} (${description})`;
}

function targetOf({ target }: TransitionDefinition): string {
  return target === undefined ? '' : ` → ${target.map((node) => pathOf(node)).join(', ')}`;
}

/** Whether a machine has the open question repeated anywhere. */
function saysRepeat(machine: AnyStateMachine): boolean {
  return [...nodesOf(machine.root)].some((node) => {
    const transitions = transitionsOf(node) as { actions?: readonly unknown[] }[];
    const actions = [node.entry, node.exit, ...transitions.map((each) => each.actions ?? [])];
    return actions.flat().some((action) => {
      const { event } = (action ?? {}) as { event?: { type?: unknown } };
      return event?.type === 'repeat';
    });
  });
}
