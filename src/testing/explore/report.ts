import type { AnyStateMachine } from 'xstate';
import {
  type StateDescription,
  type TransitionDescription,
  describeDialogues,
} from '../../dialogue/engine/description.ts';
import { type CoverageItem, stateKey, transitionKey } from '../coverage/items.ts';
import { familyOf, lineageOf, statesWithin } from '../lint/family.ts';
import { reachedFrom } from '../lint/ways.ts';

/** What an exploration did not reach, and why. */

export interface Unreached {
  /** The state or transition, as its coverage has it. */
  readonly item: CoverageItem;
  /** The id of the dialogue, or of the sub-dialogue. */
  readonly dialogue: string;
  /** Of the state, or of the state that has the transition. */
  readonly path: string;
  /** The likely reason, in a sentence. */
  readonly why: string;
  /** Whether what leads to it was not reached either, so that something before it is the reason. */
  readonly isBehind: boolean;
}

interface Search {
  readonly needs: ReadonlySet<string>;
  readonly reached: ReadonlyMap<string, unknown>;
  /** The steps that it was given, where it needed more. */
  readonly spent: number | undefined;
}

export function explainUnreached(
  dialogue: AnyStateMachine,
  missing: readonly CoverageItem[],
  { needs, reached, spent }: Search,
): Unreached[] {
  const keys = new Set(missing.map(({ key }) => key));
  const states = describeDialogues(dialogue).flatMap((each) => each.states);
  const transitions = states.flatMap((state) => state.transitions);
  const stateOf = new Map(states.map((state) => [stateKey(state), state]));
  const transitionOf = new Map(transitions.map((each) => [transitionKey(each), each]));
  const isMissing = (state: StateDescription): boolean => keys.has(stateKey(state));
  const explained = statesBehind(
    transitions.filter((each) => keys.has(transitionKey(each)) && !isMissing(each.source)),
  );
  const isBehind = (key: string): boolean => {
    const transition = transitionOf.get(key);
    if (transition !== undefined) return isMissing(transition.source);
    const state = stateOf.get(key);
    if (state === undefined) return false;
    return state.parent === undefined || isMissing(state.parent) || explained.has(state);
  };
  return missing.map((item) => {
    const { dialogue: id, path, key } = item;
    const behind = isBehind(key);
    const needed = neededBy(transitionOf.get(key), needs);
    const why = reached.has(key)
      ? 'It was found, but the real runner went another way.'
      : behind
        ? 'What leads to it was not reached either.'
        : needed !== undefined
          ? needText(needed)
          : spent !== undefined
            ? `Nothing led to it within ${spent} steps; raise \`budget\`, or give \`samples\` or outputs of \`services\` that do.`
            : 'Nothing that was tried led to it; give `samples` or outputs of `services` that do.';
    return { item, dialogue: id, path, why, isBehind: behind };
  });
}

/** The states to which some transitions may lead, one after the other. */
function statesBehind(first: readonly TransitionDescription[]): ReadonlySet<StateDescription> {
  const behind = new Set<StateDescription>();
  const open = [...first];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const target of next.targets ?? []) {
      for (const state of [...lineageOf(target), ...statesWithin(target)]) {
        if (behind.has(state)) continue;
        behind.add(state);
        open.push(...state.transitions);
      }
    }
  }
  return behind;
}

/** The places that only missing outputs lead to, by the keys of coverage. */
export function placesBehind(
  dialogue: AnyStateMachine,
  needs: ReadonlySet<string>,
): ReadonlySet<string> {
  const isBarred = (transition: TransitionDescription): boolean =>
    neededBy(transition, needs) !== undefined;
  const behind = new Set<string>();
  for (const { dialogue: described } of familyOf(dialogue, {})) {
    const reached = reachedFrom(described.root, isBarred);
    for (const state of described.states) {
      if (!reached.has(state)) behind.add(stateKey(state));
      for (const each of state.transitions) {
        if (!reached.has(state) || isBarred(each)) behind.add(transitionKey(each));
      }
    }
  }
  return behind;
}

/** The service whose end sets a transition off, if its outputs are not known. */
function neededBy(
  transition: TransitionDescription | undefined,
  needs: ReadonlySet<string>,
): string | undefined {
  const { source, event = '' } = transition ?? {};
  const invoke = source?.invokes.find(({ id }) => event === `xstate.done.actor.${id}`);
  return invoke?.src !== undefined && needs.has(invoke.src) ? invoke.src : undefined;
}

/** What is asked for. */
export function needText(service: string): string {
  return `The service '${service}' needs outputs under \`services\`.`;
}
