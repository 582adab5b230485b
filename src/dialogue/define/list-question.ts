import { valueOf } from './actions.ts';
import { offered } from './choose.ts';
import { offer } from './choices.ts';
import type { FormParts } from './form-parts.ts';
import { type FormContext, type FormSlot, itemsIn, optionsIn } from './form-slots.ts';
import { ALL } from './list-answers.ts';
import type { ChoiceOptions } from '../parsers/choice.ts';
import type { Question } from '../engine/question.ts';

/** How a form asks for a slot of several values: with what there is so far, and a button for “that is all”. */
export function listQuestion(
  place: FormSlot,
  { summary, words }: FormParts,
): Required<Pick<Question, 'question' | 'retry'>> & Pick<Question, 'offers'> {
  const { key, slot, list } = place;
  const { question = '', options, retry } = slot;
  const offers = (context: FormContext): ChoiceOptions<string> => {
    const isEnough = itemsIn(context[key]).length >= (list?.min ?? 1);
    const all = { value: ALL, label: words.say({ key: 'list.all' }, localeOf(context)) };
    return [...(optionsIn(slot, context) ?? []), ...(isEnough ? [all] : [])];
  };
  const localeOf = (context: object): string => words.parseContext(context).locale;
  const said = {
    question: ({ context }: { readonly context: object }) => {
      const filled = context as FormContext;
      if (itemsIn(filled[key]).length === 0) return valueOf(question, { context: filled });
      const more =
        typeof question === 'function'
          ? question({ context: filled })
          : words.say({ key: 'list.more' }, localeOf(context));
      return typeof more === 'string' ? `${summary.list(place, filled)}\n${more}` : more;
    },
    retry,
  } as Pick<Question, 'question' | 'retry'>;
  return {
    ...offered(said, (text, context) => {
      const choices = offers(context as FormContext);
      return choices.length === 0 ? text : offer(text, choices, context, words);
    }),
    ...(options !== undefined && { offers: (context: object) => offers(context as FormContext) }),
  };
}
