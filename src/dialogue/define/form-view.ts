import { formatReply } from '../../format.ts';
import { yesOrNoIn } from './choose.ts';
import { CONFIRM, CORRECT, type FormParts } from './form-parts.ts';
import { type FormContext, type FormSlot, isWanted, optionsIn } from './form-slots.ts';
import { valueOf } from './actions.ts';
import { choice, optionsOf } from '../parsers/choice.ts';
import type { Parser } from '../parsers/parser.ts';
import { catchesAll } from '../parsers/text.ts';
import type { FormView } from '../engine/form-mark.ts';
import type { OpenSlot } from '../text/recognizers.ts';

/** A form, as recognizers see it. */
export function formViewFor(parts: FormParts): FormView {
  const { form, slots, summary, words } = parts;
  const yesOrNo = yesOrNoIn(words)();
  const parserIn = (state: string, context: FormContext): Parser<unknown> | undefined => {
    if (state === CONFIRM) return yesOrNo;
    if (state === CORRECT) return choice(summary.options(context));
    return slots.places.find(({ key }) => key === state)?.read?.(context);
  };
  return {
    understand: form.understand,
    slots(context) {
      const now = slots.counting(context as FormContext);
      return slots.places.filter((place) => isWanted(place, now)).map((place) => seen(place, now));
    },
    isRead(state, message, context) {
      const parse = parserIn(state, context as FormContext);
      if (parse === undefined || catchesAll(parse)) return false;
      return 'value' in parse(message, words.parseContext(context, message));
    },
  };

  function seen(place: FormSlot, context: FormContext): OpenSlot {
    const { key, slot, list } = place;
    return {
      key,
      label: summary.label(place, context),
      question: questionOf(place, context),
      options: optionsOf(optionsIn(slot, context) ?? []),
      value: summary.value(place, context),
      isList: list !== undefined,
    };
  }
}

function questionOf({ slot: { question = '' } }: FormSlot, context: FormContext): string {
  try {
    const said = valueOf(question, { context });
    return typeof said === 'string' ? said : formatReply(said);
  } catch {
    // The turn in which the form asks it reports the error.
    return '';
  }
}
