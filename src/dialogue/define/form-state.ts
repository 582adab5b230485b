import { type EventObject, assign } from 'xstate';
import type { Message } from '../../message.ts';
import { type AskTransition, exits } from './ask.ts';
import { offered } from './choose.ts';
import { FORM_MARK, FORM_VIEW } from '../engine/form-mark.ts';
import { FormConfirmation } from './form-confirmation.ts';
import { formViewFor } from './form-view.ts';
import {
  type Args,
  CONFIRM,
  CORRECT,
  FILLED,
  type FormParts,
  NEXT,
  START,
  askIn,
  formPartsOf,
} from './form-parts.ts';
import { type Filling, type FormContext, type FormSlot, optionsIn } from './form-slots.ts';
import { offer } from './choices.ts';
import { listQuestion } from './list-question.ts';
import type { ChoiceOptions } from '../parsers/choice.ts';
import type { ParseContext } from '../text/parse-context.ts';
import type { Question } from '../engine/question.ts';
import { nothingBefore } from './nothing-before.ts';
import type { Words } from '../text/localize.ts';

/**
 * A state that fills a form: `start` empties the slots and reads the first message, `next` leads to the first open slot,
 * each slot is a question or a sub-dialogue, `confirm` shows the summary and `correct` asks what to change. Every answer is
 * searched for the values of all slots.
 */

/** Whether a form replies to a “back” at its first slot. */
export function hearsBack(config: object): boolean {
  return (config as { readonly [FORM_MARK]?: Filling })[FORM_MARK]?.hearsBack === true;
}

/** Whether a form has a slot of several values. */
export function hasList(config: object): boolean {
  const form = (config as { readonly [FORM_MARK]?: Filling })[FORM_MARK];
  return Object.values(form?.slots ?? {}).some(({ list }) => list === true);
}

/** @throws UsageError `bad_form`, `bad_ask` */
export function formState(form: Filling, words: Words): object {
  return new FormBuilder(formPartsOf(form, words)).build();
}

class FormBuilder {
  readonly #parts: FormParts;

  constructor(parts: FormParts) {
    this.#parts = parts;
  }

  build(): object {
    const { target, otherwise, on = {} } = this.#parts.form;
    const { places } = this.#parts.slots;
    const timeout = this.#parts.form.timeout as Question['timeout'];
    // Its questions say the reminders.
    const leaving = [timeout ?? []].flat().filter((silence) => silence.target !== undefined);
    const confirmation = new FormConfirmation(this.#parts, this.#back(places.length));
    return {
      [FORM_MARK]: this.#parts.form,
      [FORM_VIEW]: formViewFor(this.#parts),
      initial: START,
      onDone: {
        target,
        reenter: true,
        description: 'filled',
        ...(this.#parts.slots.depends && {
          actions: assign(({ context }: Args) => this.#parts.slots.voided(context)),
        }),
      },
      on: { ...on, ...exits({ otherwise, timeout: leaving }, this.#parts.words) },
      states: {
        [START]: { always: { target: NEXT, actions: this.#begin() } },
        [NEXT]: { always: this.#ways() },
        ...Object.fromEntries(
          places.map((place, index) => [place.key, this.#slotState(place, index)]),
        ),
        ...(this.#parts.confirms && { [CONFIRM]: confirmation.confirmState() }),
        ...(this.#parts.corrects && { [CORRECT]: confirmation.correctState() }),
        [FILLED]: { type: 'final' },
      },
    };
  }

  #begin(): unknown[] {
    const emptied = ({ context }: Args): object =>
      Object.fromEntries(
        this.#parts.slots.places
          .filter(({ key }) => context[key] !== undefined)
          .map(({ key }) => [key, undefined]),
      );
    return [
      ...(this.#parts.form.keep === true ? [] : [assign(emptied)]),
      assign(({ context, event }: Args) =>
        this.#parts.slots.filledIn(context, this.#parts.reader.beginning(event, context)),
      ),
    ];
  }

  #ways(): AskTransition[] {
    const ways = this.#parts.slots.places.map((place) => ({
      guard: ({ context }: Args) => this.#parts.slots.isOpen(place, context),
      target: place.key,
      description: `${place.key} is open`,
    }));
    return [...ways, { target: this.#parts.confirms ? CONFIRM : FILLED }];
  }

  #slotState(place: FormSlot, index: number): object {
    const { read, slot } = place;
    if (read === undefined) return this.#dialogueState(place, index);
    if (place.list !== undefined) return this.#listState(place, read, index);
    const { question = '', options, retry } = slot;
    const offers = (context: object): ChoiceOptions<string> =>
      optionsIn(slot, context as FormContext) ?? [];
    const said = { question, retry } as Pick<Question, 'question' | 'retry'>;
    return askIn(this.#parts, {
      ...offered(said, (text, context) =>
        options === undefined ? text : offer(text, offers(context), context, this.#parts.words),
      ),
      read: (context) => {
        const filled = context as FormContext;
        const parse = read(filled);
        return Object.assign(
          (message: Message, parseContext: ParseContext) =>
            this.#parts.reader.answer({ ...place, parse }, message, parseContext, filled),
          { samples: this.#parts.reader.samplesWith(parse) },
        );
      },
      ...(options !== undefined && { offers }),
      target: [{ target: NEXT }],
      on: this.#backward(index),
    });
  }

  /** A question for one more value, until that is all. */
  #listState(place: FormSlot, read: NonNullable<FormSlot['read']>, index: number): object {
    const { reader, words } = this.#parts;
    return askIn(this.#parts, {
      ...listQuestion(place, this.#parts),
      read: (context) => {
        const filled = context as FormContext;
        const parse = read(filled);
        return Object.assign(
          (message: Message, parseContext: ParseContext) =>
            reader.listAnswer({ ...place, parse }, message, parseContext, filled),
          { samples: [...reader.samplesWith(parse), words.say({ key: 'list.all' }, 'en')] },
        );
      },
      target: [
        {
          guard: ({ value }) => reader.isComplete(value),
          target: NEXT,
          description: 'that is all',
        },
        { target: place.key, description: 'one more' },
      ],
      on: this.#backward(index),
    });
  }

  #backward(index: number): Record<string, AskTransition | AskTransition[]> {
    const { form, slots, words } = this.#parts;
    const hasCertain = slots.places.slice(0, index).some(({ slot }) => slot.when === undefined);
    return {
      ...this.#back(index),
      ...(form.hearsBack === true && !hasCertain && nothingBefore(words)),
    };
  }

  #dialogueState({ key, slot }: FormSlot, index: number): object {
    const { dialogue, input, value } = slot;
    return {
      on: this.#back(index),
      invoke: {
        src: dialogue,
        ...(input !== undefined && { input }),
        onDone: {
          target: NEXT,
          description: 'filled',
          actions: assign(({ context, event }: Args) => {
            const { output } = event as EventObject & { output: unknown };
            const filled = value === undefined ? output : value({ context, output });
            return this.#parts.slots.filledIn(context, { [key]: filled });
          }),
        },
      },
    };
  }

  /** Back to the nearest slot before it that applies. */
  #back(index: number): Record<string, AskTransition[]> {
    const above = this.#parts.slots.places.slice(0, index).toReversed();
    const certain = above.findIndex(({ slot }) => slot.when === undefined);
    const before = certain < 0 ? above : above.slice(0, certain + 1);
    return {
      'intent.back': before.map((place) => ({
        guard: ({ context }: Args) => this.#parts.slots.applies(place, context),
        target: place.key,
        description: 'back',
      })),
    };
  }
}
