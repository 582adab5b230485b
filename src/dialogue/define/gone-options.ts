import { type ChoiceOptions, choice, optionsOf } from '../parsers/choice.ts';
import { type Parsed, issue } from '../parsers/parser.ts';
import type { Message } from '../../message.ts';
import type { ChoiceOption } from '../../reply.ts';
import { sayList } from '../text/formats.ts';
import type { ParseContext } from '../text/parse-context.ts';

/** Finds the answers that choose what was shown and is sold out, cancelled or removed since. */

/** The results for such answers. */
const results = new WeakSet<Parsed<unknown>>();

/** Whether an answer chose an option that is gone. The user made no mistake, so it is no attempt. */
export function isGone(parsed: Parsed<unknown>): boolean {
  return results.has(parsed);
}

/**
 * Reads an answer as the user meant it, by the options as they were shown.
 * @param now the current options
 * @returns the issue where the option is gone; undefined for any other answer
 */
export function readGone(
  message: Message,
  parseContext: ParseContext,
  now: ChoiceOptions<string>,
): Parsed<never> | undefined {
  const { shown = [], locale } = parseContext;
  const current = optionsOf(now);
  const isOffered = ({ value }: ChoiceOption): boolean =>
    current.some((option) => option.value === value);
  if (shown.every(isOffered)) return undefined;
  const meant = choice(shown)(message, parseContext);
  const chosen = 'value' in meant && shown.find(({ value }) => value === meant.value);
  if (!chosen || isOffered(chosen)) return undefined;
  // What has the same name now is what a user means who types it; a button means its value.
  const name = nameOf(chosen);
  const isSame = current.some((option) => nameOf(option) === name);
  if (isSame && message.type !== 'message.action') return undefined;
  const refused: Parsed<never> =
    current.length === 0
      ? issue('issue.invalid')
      : issue('issue.choice', { options: sayList(current.map(nameOf), locale, 'disjunction') });
  results.add(refused);
  return refused;
}

function nameOf({ value, label = value }: ChoiceOption): string {
  return label;
}
