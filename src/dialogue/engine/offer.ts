import type { AnyStateNode } from 'xstate';
import type { ChoiceOption, Reply } from '../../reply.ts';
import { actorPath } from './effect.ts';
import { type Question, questionOf } from './question.ts';
import { type Snapshot, childrenOf, snapshotAt } from './child-ref.ts';

/**
 * Options that a user may still choose. A button carries the `asking` of its offer, so that the runner can distinguish an
 * answer to the open question from a press on a button of an earlier one.
 */
export interface Offer {
  /** Unique within a conversation: 1 to 8 characters of [0-9a-z]. */
  readonly asking: string;
  /** The (sub-)dialogue that offers it, as in `Effect`; '' for an offer that `runner.say` made. */
  readonly actor: string;
  /** The id of the state that asks; the offer is over when that state is left, or entered again. */
  readonly question?: string;
  /**
   * For an offer by an action rather than by a question: the states of the actor after that step. The offer is over when
   * the actor is in other states. Without a question and a state, an offer is over once the user chose from it.
   */
  readonly state?: string;
  /** In the order in which they were shown; none for an asking that is kept for its `part`. */
  readonly options: readonly ChoiceOption[];
  /** The part of a value that the last answer had, which was refused because it needs more. */
  readonly part?: string;
}

/** The snapshot of a sub-dialogue that runs. */
function actorAt(root: Snapshot | undefined, actor: string): Snapshot | undefined {
  const snapshot = snapshotAt(root, actor);
  return snapshot?.status === 'active' ? snapshot : undefined;
}

function nodesOf(snapshot: Snapshot): readonly AnyStateNode[] {
  return snapshot._nodes as readonly AnyStateNode[];
}

/** The id of the active state of an actor that asks this question; undefined where none does. */
export function askingState(
  snapshot: Snapshot,
  actor: string,
  question: Question,
): string | undefined {
  const at = actorAt(snapshot, actor);
  return at && nodesOf(at).find(({ config }) => questionOf(config) === question)?.id;
}

/** The innermost states of an actor, as one text; undefined if it does not run. */
export function restOf(snapshot: Snapshot, actor: string): string | undefined {
  const at = actorAt(snapshot, actor);
  if (at === undefined) return undefined;
  const leaves = nodesOf(at).filter(({ type }) => type === 'atomic' || type === 'final');
  return leaves
    .map(({ id }) => id)
    .toSorted()
    .join(' ');
}

/** Whether an offer is still open in the state of this snapshot. */
export function isOpen({ actor, question, state }: Offer, snapshot: Snapshot | undefined): boolean {
  if (question === undefined && state === undefined) return true;
  const at = actorAt(snapshot, actor);
  if (at === undefined || snapshot === undefined) return false;
  if (question === undefined) return restOf(snapshot, actor) === state;
  return nodesOf(at).some(({ id, config }) => id === question && questionOf(config) !== undefined);
}

/**
 * What the open questions offer now, without an asking: for a conversation that was stored before offers were.
 * @param context of the dialogue itself
 */
export function offersOf(snapshot: Snapshot | undefined, context: object, actor = ''): Offer[] {
  if (snapshot?.status !== 'active') return [];
  const own = nodesOf(snapshot).flatMap(({ id, config }): Offer[] => {
    const options = optionsOf(questionOf(config), context);
    return options === undefined ? [] : [{ asking: '', actor, question: id, options }];
  });
  const inner = childrenOf(snapshot).flatMap(({ id, snapshot: child }) =>
    offersOf(child, (child?.context ?? {}) as object, actorPath(actor, id)),
  );
  return [...own, ...inner];
}

function optionsOf(
  question: Question | undefined,
  context: object,
): readonly ChoiceOption[] | undefined {
  const said = question?.question;
  try {
    const reply = (typeof said === 'function' ? said({ context }) : said) as Partial<Reply> & {
      readonly options?: readonly ChoiceOption[];
    };
    return reply?.type === 'choices' ? reply.options : undefined;
  } catch {
    // A question that throws offers nothing; the turn that says it again reports the error.
    return undefined;
  }
}
