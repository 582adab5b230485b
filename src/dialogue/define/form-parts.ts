import type { EventObject } from 'xstate';
import { UsageError } from '../../errors.ts';
import { askState } from './ask.ts';
import { type Fills, FormReader } from './form-reading.ts';
import { type Filling, type FormContext, FormSlots } from './form-slots.ts';
import { FormSummary } from './form-summary.ts';
import type { Question } from '../engine/question.ts';
import type { Words } from '../text/localize.ts';

/** The parts of a form, which its states share. */

export const START = 'start';
export const NEXT = 'next';
export const CONFIRM = 'confirm';
export const CORRECT = 'correct';
export const FILLED = 'filled';

export interface Args {
  readonly context: FormContext;
  readonly event: EventObject;
}

export interface Read {
  readonly value: unknown;
}

export interface FormParts {
  readonly form: Filling;
  readonly words: Words;
  readonly slots: FormSlots;
  readonly reader: FormReader;
  readonly summary: FormSummary;
  /** Whether it shows a summary. */
  readonly confirms: boolean;
  /** Whether the user may change something in the summary. */
  readonly corrects: boolean;
}

/** @throws UsageError `bad_form`, `bad_option`, `bad_ask` */
export function formPartsOf(form: Filling, words: Words): FormParts {
  const understand: unknown = form.understand;
  if (understand !== undefined && typeof understand !== 'function') {
    throw new UsageError('bad_form', 'A form takes a recognizer as its `understand`: a function.');
  }
  const slots = new FormSlots(form, [START, NEXT, CONFIRM, CORRECT, FILLED]);
  const summary = new FormSummary(slots, words);
  const confirms = form.confirm !== false;
  const mayChange = form.correct !== false;
  return {
    form,
    words,
    slots,
    reader: new FormReader(slots, summary, mayChange, words),
    summary,
    confirms,
    corrects: confirms && mayChange,
  };
}

/** A question with the exits of the form. An answer that is an object fills slots. */
export function askIn({ form, slots, words }: FormParts, question: Question): object {
  const { otherwise, attempts } = form;
  const timeout = form.timeout as Question['timeout'];
  const of = form.of as Question['of'];
  const assigning = ({ context, value }: Read & { readonly context: object }): object =>
    isFills({ value }) ? slots.filledIn(context as FormContext, value as Fills) : {};
  return askState(
    { otherwise, attempts, of, timeout, ...question, assign: assigning, leaves: true },
    words,
  );
}

export function isFills({ value }: Read): boolean {
  return typeof value === 'object';
}
