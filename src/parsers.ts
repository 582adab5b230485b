export { type AnywhereOptions, anywhere } from './dialogue/parsers/anywhere.ts';
export { type AnswerOption, type ChoiceOptions, choice } from './dialogue/parsers/choice.ts';
export { type YesNoOptions, confirm as yesNo } from './dialogue/parsers/confirm.ts';
export {
  type DateOptions,
  type DateTimeOptions,
  type TimeOptions,
  date,
  dateTime,
  time,
} from './dialogue/parsers/date.ts';
export { email } from './dialogue/parsers/email.ts';
export { type Image, image } from './dialogue/parsers/image.ts';
export { integer } from './dialogue/parsers/integer.ts';
export { type Location, location } from './dialogue/parsers/location.ts';
export { type NumberOptions, number } from './dialogue/parsers/number.ts';
export type { Parsed, Parser } from './dialogue/parsers/parser.ts';
export {
  type ParsedBy,
  type Parsing,
  type ParsingFor,
  type StandardSchema,
  schema,
  toParser,
} from './dialogue/parsers/schema.ts';
export { type TextOptions, text } from './dialogue/parsers/text.ts';
export { within } from './dialogue/parsers/within.ts';
export type { ParseContext, ParseContextIn } from './dialogue/text/parse-context.ts';
