import type { Message } from '../../../src/message.ts';
import type { Occasion, Parser } from '../../../src/dialogue/parsers/parser.ts';

/** Wednesday, 18 November 2026, ten in the morning in Shanghai. */
export const occasion: Occasion = {
  locale: 'en',
  timeZone: 'Asia/Shanghai',
  now: Date.UTC(2026, 10, 18, 2),
};

export function textMessage(text: string): Message {
  return { type: 'message.text', text };
}

/** What a parser makes of a text: its value, or the key of its issue. */
export function read<T>(
  parser: Parser<T>,
  said: string | Message,
  at: Partial<Occasion> = {},
): T | string {
  const message = typeof said === 'string' ? textMessage(said) : said;
  const parsed = parser(message, { ...occasion, ...at });
  if ('value' in parsed) return parsed.value;
  return typeof parsed.issue === 'string' ? parsed.issue : parsed.issue.key;
}
