import type { AskTransition } from './ask.ts';
import { offered, offerYesOrNo, yesOrNoIn } from './choose.ts';
import { offer } from './choices.ts';
import { valueOf } from './actions.ts';
import { wishIn } from './form-change.ts';
import {
  CONFIRM,
  CORRECT,
  FILLED,
  type FormParts,
  NEXT,
  type Read,
  START,
  askIn,
  isFills,
} from './form-parts.ts';
import type { FormContext } from './form-slots.ts';
import type { FormSummary } from './form-summary.ts';
import { choice } from '../parsers/choice.ts';
import type { Parsed, Parser } from '../parsers/parser.ts';

/** The states at the end of a form: the summary, and the question what to change in it. */
export class FormConfirmation {
  readonly #parts: FormParts;
  readonly #back: Readonly<Record<string, AskTransition[]>>;

  /** @param back the transitions of the summary on “back” */
  constructor(parts: FormParts, back: Readonly<Record<string, AskTransition[]>>) {
    this.#parts = parts;
    this.#back = back;
  }

  confirmState(): object {
    const { confirm = true } = this.#parts.form;
    return askIn(this.#parts, {
      question: ({ context }) => {
        const filled = context as FormContext;
        const said =
          typeof confirm === 'boolean'
            ? this.#parts.summary.text(filled)
            : valueOf(confirm, { context: this.#parts.slots.counting(filled) });
        return typeof said === 'string' ? offerYesOrNo(said, context, this.#parts.words) : said;
      },
      // “Change it” is answered as “no” is: by the question what.
      read: this.#fillsOr(this.#yesOrNo(), { value: false }),
      target: [
        CHANGED,
        ...(this.#parts.corrects ? this.#toSlots() : []),
        { guard: ({ value }) => value === true, target: FILLED, description: 'yes' },
        { target: this.#parts.corrects ? CORRECT : START, description: 'no' },
      ],
      on: this.#back,
    });
  }

  /** A “yes” while a slot is open, which a new version of the dialogue added after the summary, fills nothing. */
  #yesOrNo(): (context: FormContext) => Parser<unknown> {
    const yesOrNo = yesOrNoIn(this.#parts.words)();
    return (context) => (message, parseContext) => {
      const said = yesOrNo(message, parseContext);
      const isOpen = this.#parts.slots.places.some((place) =>
        this.#parts.slots.isOpen(place, context),
      );
      return 'value' in said && said.value && isOpen ? { value: {} } : said;
    };
  }

  correctState(): object {
    const options = (context: object): ReturnType<FormSummary['options']> =>
      this.#parts.summary.options(context as FormContext);
    const question = ({ context }: { readonly context: object }): string =>
      this.#parts.words.say({ key: 'form.change' }, this.#parts.words.parseContext(context).locale);
    return askIn(this.#parts, {
      ...offered({ question }, (text, context) =>
        offer(text, options(context), context, this.#parts.words),
      ),
      read: this.#fillsOr((context) => choice(options(context))),
      offers: options,
      target: [CHANGED, ...this.#toSlots()],
      on: { 'intent.back': { target: CONFIRM, description: 'back' } },
    });
  }

  /** To the slot that is named. */
  #toSlots(): { guard: (read: Read) => boolean; target: string; description: string }[] {
    return this.#parts.slots.places.map(({ key }) => ({
      guard: ({ value }) => value === key,
      target: key,
      description: key,
    }));
  }

  /** Reads the wish to change a slot, what was asked for, or else a correction of any slot. */
  #fillsOr(parserFor: (context: FormContext) => Parser<unknown>, vague?: Parsed<unknown>) {
    return (context: object): Parser<unknown> => {
      const filled = context as FormContext;
      const parser = parserFor(filled);
      const parse: Parser<unknown> = (message, parseContext) => {
        const wish = this.#parts.corrects
          ? wishIn(message, this.#parts.summary.options(filled))
          : undefined;
        // First, since an extract finds “wrong” in “the name is wrong”, too.
        if (typeof wish === 'object') return { value: wish.slot };
        const edited = this.#parts.reader.listEdit(message, parseContext, filled);
        if (Object.keys(edited).length > 0) return { value: edited };
        // What answers the question whole corrects no slot: “1” is the first of the options, and not one person.
        const asked = parser(message, parseContext);
        if ('value' in asked) return asked;
        const fills = this.#parts.reader.fills(message, parseContext, filled);
        if (Object.keys(fills).length > 0) return { value: fills };
        const corrected = this.#parts.reader.correction(message, parseContext, filled, parser);
        if (typeof corrected === 'object') return { value: corrected };
        return (wish === 'any' || corrected === 'undecided') && vague !== undefined ? vague : asked;
      };
      // Only who explores the dialogue asks for them.
      return Object.defineProperty(parse, 'samples', {
        get: () => [...this.#parts.reader.samplesWith(parser), ...this.#corrections(filled)],
      });
    };
  }

  /** What a user may say to change something: the name of a slot, and another value behind a “no”. */
  #corrections(filled: FormContext): string[] {
    if (!this.#parts.corrects) return [];
    const values = this.#parts.slots.places.flatMap(({ read }) => read?.(filled).samples ?? []);
    return [
      ...this.#parts.summary.options(filled).map(({ label }) => label),
      ...values.filter((each) => typeof each === 'string').map((each) => `no, ${each}`),
    ];
  }
}

/** Where a correction of any slot leads. */
const CHANGED = { guard: isFills, target: NEXT, description: 'changed' };
