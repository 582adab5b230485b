import { OWN_PROMPTS } from '../dialogue/text/catalog.ts';
import type { Parsed, Parser } from '../dialogue/parsers/parser.ts';
import type { ParseContext } from '../dialogue/text/parse-context.ts';
import type { Message } from '../message.ts';

/** Words that people answer common questions with, and some that answer none; `1042` is the number of an order. */
const TEXTS = [
  ...['hello', 'yes', 'no'],
  ...['1', '2', '3', '7', '42', '150', '1042', '12345', '0', '-1', '2.5', '1 or 2'],
  ...['Ann', 'ann@example.com', 'ann@example.com bob@example.com'],
  ...['13800138000', '+8613800138000', '13800138000 13900139000', '12345678'],
  'https://example.com',
  ...['tomorrow', '18:30', 'tomorrow at 18:30', 'yesterday at 18:30', 'tomorrow from 3 to 5'],
  ...['February 31', '2000-01-01', '2099-12-31'],
  ...['skip', '?', 'x'.repeat(200)],
];

const OTHERS: readonly Message[] = [
  { type: 'message.image', url: 'https://example.com/picture.png' },
  { type: 'message.location', latitude: 31.2, longitude: 121.5, label: 'Shanghai' },
  { type: 'message.voice', transcript: 'hello' },
  { type: 'message.unknown' },
];

/** What may be said anywhere: words, and some messages of other kinds. */
export const PROBES: readonly Message[] = [
  ...TEXTS.map((text): Message => ({ type: 'message.text', text })),
  ...OTHERS,
];

/** The prompts by which a parser says that it did not understand, as far as probes bring them out. */
export function issuesOf(parser: Parser<unknown>, parseContext: ParseContext): string[] {
  const keys = PROBES.flatMap((message) => {
    let parsed: Parsed<unknown>;
    try {
      parsed = parser(message, parseContext);
    } catch {
      return [];
    }
    return 'issue' in parsed && typeof parsed.issue === 'object' ? [parsed.issue.key] : [];
  });
  return [...new Set(keys)];
}

/** Whether a text is a prompt of the library, in one of its languages. */
export function isOwnPrompt(text: string, key?: 'command.help'): boolean {
  return [...OWN_PROMPTS.values()].some((prompts) =>
    key === undefined ? Object.values(prompts).includes(text) : prompts[key] === text,
  );
}
