import type { AnyStateNode } from 'xstate';
import type { ChoiceOption } from '../../reply.ts';
import { currentStep } from '../text/current-step.ts';
import type { Offer } from './offer.ts';
import { type Question, questionOf } from './question.ts';

/** What the runner knows about an event beside the event itself. */
export interface Scene {
  /** The sub-dialogue that the event is for; undefined: the innermost one that takes it. */
  readonly actor?: string;
  /** What the user may still choose. */
  readonly offers?: readonly Offer[] | undefined;
  /** The one of `offers` that the message chooses from. Only the question that offered it reads the message. */
  readonly chosen?: Offer | undefined;
  /** The option of `chosen` that the message names word for word. */
  readonly option?: ChoiceOption | undefined;
}

/** The scene of the step that is being taken; undefined outside of one. */
export function currentScene(): Scene | undefined {
  return currentStep()?.scene as Scene | undefined;
}

/** The offer of the question that reads a message now, if it is still open. */
export function offerTo(question: Question): Offer | undefined {
  const level = currentStep()?.level;
  const nodes = (level?.snapshot as { _nodes?: readonly AnyStateNode[] } | undefined)?._nodes;
  return currentScene()?.offers?.findLast(
    (offer) =>
      offer.question !== undefined &&
      offer.actor === level?.path &&
      nodes?.some(({ id, config }) => id === offer.question && questionOf(config) === question),
  );
}

/**
 * Whether a message may be the answer to a question. A button answers the question that offered it and no other; one
 * that no question offered answers none. Outside of a step, where the offers are unknown, every message may.
 */
export function mayAnswer(question: Question, message: { readonly type: string }): boolean {
  const scene = currentScene();
  if (scene === undefined) return true;
  const { chosen } = scene;
  if (chosen === undefined) return message.type !== 'message.action';
  return chosen === offerTo(question);
}
