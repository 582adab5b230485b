import type { Message } from '../../message.ts';
import type { OpenSlot, Recognizer } from '../text/recognizers.ts';

/** Marks the config of a state that fills a form. XState keeps what it does not know. */
export const FORM_MARK: unique symbol = Symbol.for('colloquy.form');

export function isForm(config: object): boolean {
  return FORM_MARK in config;
}

/** A form, as recognizers see it. Its functions are called within a step. */
export interface FormView {
  /** Finds values for its slots; undefined without one. */
  readonly understand: Recognizer | undefined;
  /** Its slots that apply. */
  slots(context: object): readonly OpenSlot[];
  /** Whether the question of one of its states takes a message as a whole, so that there is nothing left to be found in it. */
  isRead(state: string, message: Message, context: object): boolean;
}

/** Carries the view of a form in the config of its state. */
export const FORM_VIEW: unique symbol = Symbol.for('colloquy.form-view');

/** The view of the form that a state config is; undefined for any other state. */
export function formViewOf(config: object): FormView | undefined {
  return (config as { readonly [FORM_VIEW]?: FormView })[FORM_VIEW];
}
