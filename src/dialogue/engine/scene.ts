import type { Offer } from './offer.ts';
import type { ChoiceOption } from '../../reply.ts';
import { type Question, questionOf } from './question.ts';
import type { Snapshot } from './macrostep.ts';

/** What a step is told beside its event. */
export interface Scene {
  /** Where the event goes; undefined offers it to the deepest sub-dialogue that can take it, and upwards. */
  readonly actor?: string;
  /** What the user may still choose. */
  readonly offers?: readonly Offer[];
  /** The one of `offers` that the message chooses from. No question but the one that offered it reads the message. */
  readonly chosen?: Offer | undefined;
  /** Which of its options the message is, word for word. */
  readonly option?: ChoiceOption | undefined;
}

/** Of a step that is told nothing. */
export const BARE_SCENE: Scene = Object.freeze({});

// A step is synchronous, so what is set here holds within one call.
let scene: Scene | undefined;
let standing: Standing | undefined;

/** A (sub-)dialogue that takes an event. */
interface Standing {
  readonly path: string;
  readonly snapshot: Snapshot | undefined;
}

/** Sets the scene until it is called again. @returns what to call it with then */
export function setScene(next: Scene | undefined): Scene | undefined {
  const before = scene;
  scene = next;
  return before;
}

/** Sets which (sub-)dialogue takes an event, until it is called again. @returns what to call it with then */
export function setStanding(next: Standing | undefined): Standing | undefined {
  const before = standing;
  standing = next;
  return before;
}

/** The scene of the step that is being taken; undefined outside of one. */
export function currentScene(): Scene | undefined {
  return scene;
}

/** What the question that is reading has offered and is still open; undefined where there is nothing of the kind. */
export function offerTo(question: Question): Offer | undefined {
  const offers = scene?.offers;
  if (offers === undefined || standing?.snapshot === undefined) return undefined;
  const { path, snapshot } = standing;
  return offers.findLast(
    (offer) =>
      offer.question !== undefined &&
      offer.actor === path &&
      snapshot._nodes.some(
        ({ id, config }) => id === offer.question && questionOf(config) === question,
      ),
  );
}

/**
 * Whether a message may be the answer to a question. A button answers the question that offered it and no other; one
 * that no question offered answers none. Outside of a step, where nobody knows what was offered, everything may.
 */
export function mayAnswer(question: Question, message: { readonly type: string }): boolean {
  if (scene === undefined) return true;
  const { chosen } = scene;
  if (chosen === undefined) return message.type !== 'message.action';
  return chosen === offerTo(question);
}
