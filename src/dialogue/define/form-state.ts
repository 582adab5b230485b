import { type EventObject, assign } from 'xstate';
import type { Message } from '../../message.ts';
import { type AskTransition, askState, exits } from './ask.ts';
import { offered, offerYesOrNo, yesOrNoIn } from './choose.ts';
import { wishIn } from './form-change.ts';
import { type Fills, FormReader } from './form-reading.ts';
import {
  type Filling,
  type FormContext,
  FormSlots,
  type FormSlot,
  optionsIn,
} from './form-slots.ts';
import { FormSummary } from './form-summary.ts';
import { offer } from './choices.ts';
import { type ChoiceOptions, choice } from '../parsers/choice.ts';
import type { Parsed, Parser } from '../parsers/parser.ts';
import type { ParseContext } from '../text/parse-context.ts';
import type { Question } from '../engine/question.ts';
import { repeat, say, valueOf } from './actions.ts';
import { isUntaken } from '../text/current-step.ts';
import type { Words } from '../text/localize.ts';

/**
 * A state that fills a form: `start` empties the slots and reads the first message, `next` leads to the first open slot,
 * each slot is a question or a sub-dialogue, `confirm` shows the summary and `correct` asks what to change. Every answer is
 * searched for the values of all slots.
 */

const START = 'start';
const NEXT = 'next';
const CONFIRM = 'confirm';
const CORRECT = 'correct';
const FILLED = 'filled';

interface Args {
  readonly context: FormContext;
  readonly event: EventObject;
}

interface Read {
  readonly value: unknown;
}

/** Marks the config of a state that fills a form. */
const FORM: unique symbol = Symbol.for('colloquy.form');

export function isForm(config: object): boolean {
  return FORM in config;
}

/** Whether a form replies to a “back” at its first slot. */
export function hearsBack(config: object): boolean {
  return (config as { readonly [FORM]?: Filling })[FORM]?.hearsBack === true;
}

/** @throws UsageError `bad_form`, `bad_ask` */
export function formState(form: Filling, words: Words): object {
  return new FormBuilder(form, words).build();
}

class FormBuilder {
  readonly #form: Filling;
  readonly #words: Words;
  readonly #slots: FormSlots;
  readonly #reader: FormReader;
  readonly #summary: FormSummary;
  readonly #confirms: boolean;
  readonly #corrects: boolean;

  constructor(form: Filling, words: Words) {
    this.#form = form;
    this.#words = words;
    this.#slots = new FormSlots(form, [START, NEXT, CONFIRM, CORRECT, FILLED]);
    this.#reader = new FormReader(this.#slots, form.correct !== false, words);
    this.#summary = new FormSummary(this.#slots, words);
    this.#confirms = form.confirm !== false;
    this.#corrects = this.#confirms && form.correct !== false;
  }

  build(): object {
    const { target, otherwise, on = {} } = this.#form;
    const { places } = this.#slots;
    const timeout = this.#form.timeout as Question['timeout'];
    // Its questions say the reminders.
    const leaving = [timeout ?? []].flat().filter((silence) => silence.target !== undefined);
    return {
      [FORM]: this.#form,
      initial: START,
      onDone: {
        target,
        reenter: true,
        description: 'filled',
        ...(this.#slots.depends && {
          actions: assign(({ context }: Args) => this.#slots.voided(context)),
        }),
      },
      on: { ...on, ...exits({ otherwise, timeout: leaving }, this.#words) },
      states: {
        [START]: { always: { target: NEXT, actions: this.#begin() } },
        [NEXT]: { always: this.#ways() },
        ...Object.fromEntries(
          places.map((place, index) => [place.key, this.#slotState(place, index)]),
        ),
        ...(this.#confirms && { [CONFIRM]: this.#confirmState() }),
        ...(this.#corrects && { [CORRECT]: this.#correctState() }),
        [FILLED]: { type: 'final' },
      },
    };
  }

  #begin(): unknown[] {
    const emptied = ({ context }: Args): object =>
      Object.fromEntries(
        this.#slots.places
          .filter(({ key }) => context[key] !== undefined)
          .map(({ key }) => [key, undefined]),
      );
    return [
      ...(this.#form.keep === true ? [] : [assign(emptied)]),
      assign(({ context, event }: Args) =>
        this.#slots.settled(context, this.#reader.beginning(event, context)),
      ),
    ];
  }

  #ways(): AskTransition[] {
    const ways = this.#slots.places.map((place) => ({
      guard: ({ context }: Args) => this.#slots.isOpen(place, context),
      target: place.key,
      description: `${place.key} is open`,
    }));
    return [...ways, { target: this.#confirms ? CONFIRM : FILLED }];
  }

  #slotState(place: FormSlot, index: number): object {
    const { read, slot } = place;
    if (read === undefined) return this.#dialogueState(place, index);
    const { question = '', options, retry } = slot;
    const offers = (context: object): ChoiceOptions<string> =>
      optionsIn(slot, context as FormContext) ?? [];
    const said = { question, retry } as Pick<Question, 'question' | 'retry'>;
    return this.#ask({
      ...offered(said, (text, context) =>
        options === undefined ? text : offer(text, offers(context), context, this.#words),
      ),
      read: (context) => {
        const filled = context as FormContext;
        const parse = read(filled);
        return Object.assign(
          (message: Message, parseContext: ParseContext) =>
            this.#reader.answer({ ...place, parse }, message, parseContext, filled),
          { samples: this.#reader.samplesWith(parse) },
        );
      },
      ...(options !== undefined && { offers }),
      target: [{ target: NEXT }],
      on: { ...this.#back(index), ...this.#nothingBefore() },
    });
  }

  /** A “back” at the first slot that no state around the form takes gets a reply, and is no answer. */
  #nothingBefore(): Record<string, AskTransition> {
    if (this.#form.hearsBack !== true) return {};
    return {
      'message.*': {
        guard: ({ event }: Args) => isUntaken(event, 'back'),
        actions: [
          say(({ context, event }: Args) => {
            const { locale } = this.#words.parseContext(context, event as Message);
            return this.#words.say({ key: 'form.first' }, locale);
          }),
          repeat,
        ],
        description: 'nothing before',
      },
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
            return this.#slots.settled(context, { [key]: filled });
          }),
        },
      },
    };
  }

  #confirmState(): object {
    const { confirm = true } = this.#form;
    return this.#ask({
      question: ({ context }) => {
        const filled = context as FormContext;
        const said =
          typeof confirm === 'boolean'
            ? this.#summary.text(filled)
            : valueOf(confirm, { context: this.#slots.counting(filled) });
        return typeof said === 'string' ? offerYesOrNo(said, context, this.#words) : said;
      },
      // “Change it” is answered as “no” is: by the question what.
      read: this.#fillsOr(this.#yesOrNo(), { value: false }),
      target: [
        CHANGED,
        ...(this.#corrects ? this.#toSlots() : []),
        { guard: ({ value }) => value === true, target: FILLED, description: 'yes' },
        { target: this.#corrects ? CORRECT : START, description: 'no' },
      ],
      on: this.#back(this.#slots.places.length),
    });
  }

  /** A “yes” while a slot is open, which a new version of the dialogue added after the summary, fills nothing. */
  #yesOrNo(): (context: FormContext) => Parser<unknown> {
    const yesOrNo = yesOrNoIn(this.#words)();
    return (context) => (message, parseContext) => {
      const said = yesOrNo(message, parseContext);
      const isOpen = this.#slots.places.some((place) => this.#slots.isOpen(place, context));
      return 'value' in said && said.value && isOpen ? { value: {} } : said;
    };
  }

  #correctState(): object {
    const options = (context: object): ReturnType<FormSummary['options']> =>
      this.#summary.options(context as FormContext);
    const question = ({ context }: { readonly context: object }): string =>
      this.#words.say({ key: 'form.change' }, this.#words.parseContext(context).locale);
    return this.#ask({
      ...offered({ question }, (text, context) =>
        offer(text, options(context), context, this.#words),
      ),
      read: this.#fillsOr((context) => choice(options(context))),
      offers: options,
      target: [CHANGED, ...this.#toSlots()],
      on: { 'intent.back': { target: CONFIRM, description: 'back' } },
    });
  }

  /** To the slot that is named. */
  #toSlots(): { guard: (read: Read) => boolean; target: string; description: string }[] {
    return this.#slots.places.map(({ key }) => ({
      guard: ({ value }) => value === key,
      target: key,
      description: key,
    }));
  }

  /** Reads the wish to change a slot, a correction of any slot, or else what was asked for. */
  #fillsOr(parserFor: (context: FormContext) => Parser<unknown>, vague?: Parsed<unknown>) {
    return (context: object): Parser<unknown> => {
      const filled = context as FormContext;
      const parser = parserFor(filled);
      const parse: Parser<unknown> = (message, parseContext) => {
        const wish = this.#corrects ? wishIn(message, this.#summary.options(filled)) : undefined;
        // First, since an extract finds “wrong” in “the name is wrong”, too.
        if (typeof wish === 'object') return { value: wish.slot };
        const fills = this.#reader.fills(message, parseContext, filled);
        if (Object.keys(fills).length > 0) return { value: fills };
        const asked = parser(message, parseContext);
        if ('value' in asked) return asked;
        const corrected = this.#reader.correction(message, parseContext, filled);
        if (typeof corrected === 'object') return { value: corrected };
        return (wish === 'any' || corrected === 'undecided') && vague !== undefined ? vague : asked;
      };
      const labels = this.#corrects ? this.#summary.options(filled).map(({ label }) => label) : [];
      return Object.assign(parse, { samples: [...this.#reader.samplesWith(parser), ...labels] });
    };
  }

  /** A question with the exits of the form. */
  #ask(question: Question): object {
    const { otherwise, attempts } = this.#form;
    const timeout = this.#form.timeout as Question['timeout'];
    const assigning = ({ context, value }: Read & { readonly context: object }): object =>
      isFills({ value }) ? this.#slots.settled(context as FormContext, value as Fills) : {};
    return askState(
      { otherwise, attempts, timeout, ...question, assign: assigning, leaves: true },
      this.#words,
    );
  }

  /** Back to the nearest slot before it that applies. */
  #back(index: number): Record<string, AskTransition[]> {
    const above = this.#slots.places.slice(0, index).toReversed();
    const certain = above.findIndex(({ slot }) => slot.when === undefined);
    const before = certain < 0 ? above : above.slice(0, certain + 1);
    return {
      'intent.back': before.map((place) => ({
        guard: ({ context }: Args) => this.#slots.applies(place, context),
        target: place.key,
        description: 'back',
      })),
    };
  }
}

/** Where a correction of any slot leads. */
const CHANGED = { guard: isFills, target: NEXT, description: 'changed' };

function isFills({ value }: Read): boolean {
  return typeof value === 'object';
}
