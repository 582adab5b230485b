import type { Parser } from '../dialogue/parsers/parser.ts';
import type { Words } from '../dialogue/text/localize.ts';
import type { OperatorEvent } from './notes.ts';

/** Reads the result with which an operator gives a conversation back. */

/** Whose words are read. */
export interface ReturnArgs {
  readonly context: unknown;
  readonly event: OperatorEvent;
}

/** The value of the words, or what is wrong with them. Without a parser there is no value, and nothing is wrong. */
export function readResult(
  { result, words }: { readonly result: Parser<unknown> | undefined; readonly words: Words },
  { context, event }: ReturnArgs,
): { readonly value?: unknown; readonly issue?: string } {
  if (result === undefined) return {};
  const message = { type: 'message.text', text: event.text ?? '' } as const;
  const about = words.parseContext(context, message);
  const read = result(message, { ...about, context });
  return 'value' in read ? read : { issue: words.say(read.issue, about.locale) };
}
