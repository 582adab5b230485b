import type { ChoicesReply, Reply } from '../../reply.ts';
import { MAX_OPTIONS, constantOptions } from '../../reply-check.ts';
import { StepError, UsageError } from '../../errors.ts';
import { kindOf } from '../../internal/closed.ts';
import type { ChoiceOptions } from '../parsers/choice.ts';
import { choice, optionsOf } from '../parsers/choice.ts';
import { type Parser, issue } from '../parsers/parser.ts';
import type { Words } from '../text/localize.ts';

/** Offers options: as choices if those have room for all of them, or else as a numbered text. */

/** The maximum of options that a dialogue lists itself: users do not read more, and a longer list comes from a service. */
const MAX_LISTED = 100;

/** @throws UsageError `bad_option` for no list, or more options than a question can offer */
export function checkListed(options: ChoiceOptions<string>): void {
  if (!Array.isArray(options)) {
    throw new UsageError(
      'bad_option',
      `The \`options\` of a question are a list, or a function of the context that returns one; it got ${kindOf(options)}.`,
    );
  }
  if (options.length <= MAX_LISTED) return;
  throw new UsageError(
    'bad_option',
    `A question offers a maximum of ${MAX_LISTED} options; this one has ${options.length}. Ask for a part of them first, or read the answer with a parser.`,
  );
}

const NOTHING_OFFERED: Parser<string> = () => issue('issue.invalid');

/** Reads one of the options that there are now. Where all of them are gone, no answer is understood. */
export function choiceOf(options: ChoiceOptions<string>): Parser<string> {
  return Array.isArray(options) && options.length === 0 ? NOTHING_OFFERED : choice(options);
}

/** Whether a question offers nothing, since its options follow from the context. */
export function isWithoutOptions(said: string | Reply): said is ChoicesReply {
  return typeof said === 'object' && said.type === 'choices' && said.options.length === 0;
}

/** The same for options that are the same every time. */
export function offeringOf(
  options: ChoiceOptions<string>,
  words: Words,
): (text: string, context: object) => Reply {
  if (options.length > MAX_OPTIONS) return (text, context) => offer(text, options, context, words);
  const constant = constantOptions(optionsOf(options));
  return (text) => ({ type: 'choices', text, options: constant });
}

/**
 * A text with its options. An answer by number or label is read the same way in both cases.
 * @throws StepError `bad_reply` for two options of one value, which follow from the context
 */
export function offer(
  text: string,
  options: ChoiceOptions<string>,
  context: object,
  words: Words,
): Reply {
  const offered: ChoicesReply['options'] = optionsOf(options);
  if (new Set(offered.map(({ value }) => value)).size < offered.length) {
    throw new StepError(
      'bad_reply',
      'A question has two options of one value. Give each its own `value`, such as its place in the list, and a `label` for the user.',
    );
  }
  if (offered.length <= MAX_OPTIONS) return { type: 'choices', text, options: offered };
  const { locale } = words.parseContext(context);
  const lines = offered.map(({ value, label = value }, index) =>
    words.say({ key: 'choice.number', values: { number: index + 1, label } }, locale),
  );
  return { type: 'text', text: [text, ...lines].filter((line) => line !== '').join('\n') };
}
