import type { AnyStateMachine } from 'xstate';
import { isUnconditional } from '../../dialogue/define/answer-reading.ts';
import { labelOf } from '../../dialogue/diagram.ts';
import {
  type DialogueDescription,
  type StateDescription,
  type TransitionDescription,
  describeDialogues,
  isWhole,
} from '../../dialogue/engine/description.ts';
import type { WatchedStep } from '../../dialogue/engine/inspection.ts';
import { takeoverOf } from '../../takeover/mark.ts';

/**
 * What an item counts for.
 * - `states`: a state that was entered.
 * - `transitions`: a transition that was taken.
 * - `guards`: a guard that held, and one that did not, are two.
 * - `retries`: of the transitions: a question asked again.
 * - `giveUps`: of the transitions: a question given up.
 * - `failures`: of the transitions: a service, or a sub-dialogue, that failed.
 */
export type CoverageKind = 'states' | 'transitions' | 'guards' | 'retries' | 'giveUps' | 'failures';

/** A state, a transition, or a result of a guard. */
export interface CoverageItem {
  /** The same in every process, as long as the dialogue is. */
  readonly key: string;
  /** What it counts for. */
  readonly kinds: readonly CoverageKind[];
  /** The id of the dialogue, or of the sub-dialogue. */
  readonly dialogue: string;
  /** Of the state, or of the state that has the transition. */
  readonly path: string;
  /** Whether it is within a question, a service or a takeover, where all is of the library itself. */
  readonly isInternal: boolean;
  /** Of a transition and its guard: what sets it off, and where it leads. */
  readonly label?: string;
}

/** How much of one kind was walked through. */
export interface CoverageShare {
  /** Number of items that were walked through. */
  readonly walked: number;
  /** Number of items. */
  readonly total: number;
  /** 0 to 100; 100 where there is nothing of the kind. */
  readonly percent: number;
  /** The items that were not. */
  readonly missing: readonly CoverageItem[];
}

/** How much was walked through, by kind. */
export type CoverageSummary = Readonly<Record<CoverageKind, CoverageShare>>;

/** In the order in which the dialogue has them, its sub-dialogues after it. */
export function itemsOf(dialogue: AnyStateMachine): readonly CoverageItem[] {
  const dialogues = describeDialogues(dialogue);
  const repeats = dialogues.some(saysRepeat);
  return dialogues.flatMap(({ machine: { config }, states }) => {
    const isTakeover = takeoverOf(config) !== undefined;
    return states.flatMap((state) => itemsOfState(state, { repeats, isTakeover }));
  });
}

interface Around {
  /** Whether the dialogue has questions repeated. */
  readonly repeats: boolean;
  /** Whether the states are those of a takeover, which are the library's own. */
  readonly isTakeover: boolean;
}

function itemsOfState(state: StateDescription, { repeats, isTakeover }: Around): CoverageItem[] {
  const isInternal = isTakeover || isWithinWhole(state);
  const at = { dialogue: state.dialogue, path: state.path, isInternal };
  const items: CoverageItem[] = [];
  // A history state is never active itself.
  if (state.type !== 'history') items.push({ key: stateKey(state), kinds: ['states'], ...at });
  for (const transition of state.transitions) {
    // Every question can be repeated; only where the dialogue does so should a test see it.
    if (transition.event === 'ask.repeat' && !repeats) continue;
    if (forbids(transition)) continue;
    const label = `${titleOf(transition)}${targetOf(transition)}`;
    const key = transitionKey(transition);
    items.push({ key, kinds: ['transitions', ...kindsOf(transition)], ...at, label });
    if (isUnconditional(transition.guard)) continue;
    for (const held of [true, false]) {
      items.push({
        key: guardKey(transition, held),
        kinds: ['guards'],
        ...at,
        label: `${label}, the guard ${held ? 'holds' : 'does not hold'}`,
      });
    }
  }
  return items;
}

/** Whether it keeps an intent from the states around: then no recognizer finds the intent there. */
function forbids({ event, guard, targets, actions }: TransitionDescription): boolean {
  const doesNothing = guard === undefined && targets === undefined && actions.length === 0;
  return doesNothing && event.startsWith('intent.');
}

function isWithinWhole({ parent }: StateDescription): boolean {
  return parent !== undefined && (isWhole(parent) || isWithinWhole(parent));
}

export function stateKey({ dialogue, path }: StateDescription): string {
  return `state ${dialogue} ${path}`;
}

/** The same for the transition of every copy of the dialogue. */
export function transitionKey({ source, event, index }: TransitionDescription): string {
  return `transition ${source.dialogue} ${source.path}|${event}|${index}`;
}

function guardKey(transition: TransitionDescription, held: boolean): string {
  return `${held ? 'held' : 'refused'} ${transitionKey(transition)}`;
}

/** The keys of all that one step walked through. */
export function keysOf({ taken, states, guards }: WatchedStep): readonly string[] {
  return [
    ...guards.map(({ transition, held }) => guardKey(transition, held)),
    ...taken.map(transitionKey),
    ...[...states].map(stateKey),
  ];
}

function kindsOf({ event, source }: TransitionDescription): CoverageKind[] {
  if (event.startsWith('xstate.error.actor.') || event === 'service.failed') return ['failures'];
  if (event !== 'ask.retry') return [];
  return [source.parent?.question === undefined ? 'giveUps' : 'retries'];
}

function titleOf({ source, event, guard, description }: TransitionDescription): string {
  const label = labelOf(event, guard, source);
  if (description === undefined) return label === '' ? 'at once' : label;
  return event === '' ? description : `${labelOf(event, undefined, source)} (${description})`;
}

function targetOf({ targets }: TransitionDescription): string {
  return targets === undefined ? '' : ` → ${targets.map(({ path }) => path).join(', ')}`;
}

/** Whether a dialogue repeats the open question anywhere. */
function saysRepeat({ states }: DialogueDescription): boolean {
  const actions = states.flatMap((state) => state.actions);
  return actions.some((action) => {
    const { event } = (action ?? {}) as { event?: { type?: unknown } };
    return event?.type === 'repeat';
  });
}
