import type { Message } from '../../../src/message.ts';
import type { Parser } from '../../../src/dialogue/parsers/parser.ts';
import type { ParseContext } from '../../../src/dialogue/text/parse-context.ts';
import type { Kind } from './tables/table.ts';

/** Wednesday, 18 November 2026, ten in the morning in Shanghai. */
export const parseContext: ParseContext = {
  locale: 'en',
  timeZone: 'Asia/Shanghai',
  now: Date.UTC(2026, 10, 18, 2),
};

/** The moment at which the clock in Shanghai shows it, as `2026-11-18T10:00`. */
export function atClock(shown: string): number {
  return Date.parse(`${shown}:00+08:00`);
}

/** What the clock in Shanghai shows then, which is eight hours before UTC. */
export function clockOf(moment: Date): string {
  return new Date(moment.getTime() + 8 * 3_600_000).toISOString().slice(0, 16);
}

/** The occasion at which answers of a kind are said. */
export function parseContextOf({ asked }: Pick<Kind, 'asked'>): ParseContext {
  if (asked === undefined) return parseContext;
  const { at, locale = 'en', previous } = asked;
  const said = { ...parseContext, locale, now: atClock(at) };
  return previous === undefined ? said : { ...said, previous: new Date(atClock(previous)) };
}

export function textMessage(text: string): Message {
  return { type: 'message.text', text };
}

/** What a parser makes of a text: its value, or the key of its issue. */
export function read<T>(
  parser: Parser<T>,
  said: string | Message,
  at: Partial<ParseContext> = {},
): T | string {
  const message = typeof said === 'string' ? textMessage(said) : said;
  const parsed = parser(message, { ...parseContext, ...at });
  if ('value' in parsed) return parsed.value;
  return typeof parsed.issue === 'string' ? parsed.issue : parsed.issue.key;
}
