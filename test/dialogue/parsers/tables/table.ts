import type { Parser } from '../../../../src/dialogue/parsers/parser.ts';
import type { Message } from '../../../../src/message.ts';

/**
 * What a parser takes and what it refuses, as data: the tests run every row, and `docs/parsers.md` is written from them.
 * A table of a parser is a module of this folder, named in `tables.ts`.
 */
export interface ParserTable {
  /** As it is called, as `number()`. */
  readonly call: string;
  /** A sentence or two for the page. */
  readonly about: string;
  readonly parser: Parser<unknown>;
  readonly kinds: readonly Kind[];
  /** How many examples of a kind the page shows; the tests run all of them. Without it the page shows all, too. */
  readonly shown?: number;
}

/** Answers of one kind in one language. */
export interface Kind {
  /** What they have in common; for refused ones it is why they are refused. */
  readonly kind: string;
  readonly language: Language;
  readonly rows: readonly Row[];
  /** When and in what state of a form it is asked, where the value depends on that. */
  readonly asked?: Asked;
  /** For answers of one country in a table of several: the parser of that country. Without it: the parser of the table. */
  readonly parser?: Parser<unknown>;
}

/** What a question is asked in. The user is in Shanghai; a moment is what the clock there shows, as `2026-11-18T10:00`. */
export interface Asked {
  readonly at: string;
  /** `en` where it is left out. */
  readonly locale?: string;
  /** The moment that the slot of a form holds already. */
  readonly previous?: string;
}

export type Language = 'any' | 'en' | 'zh';

/** What was said, and the value that it gives or why it gives none. A message is shown on the page by its type. */
export type Row =
  | { readonly said: string | Message; readonly takes: unknown }
  | { readonly said: string | Message; readonly refuses: string };

/** A kind of answers that are taken. Each value stands before the wordings that give it, which a bar separates. */
export function taken(
  kind: string,
  language: Language,
  rows: readonly (readonly [value: unknown, said: string | Message])[],
): Kind {
  return {
    kind,
    language,
    rows: rows.flatMap(([takes, said]) => wordings(said).map((each) => ({ said: each, takes }))),
  };
}

/** A kind of answers that are asked again. */
export function refused(kind: string, language: Language, ...said: (string | Message)[]): Kind {
  return {
    kind,
    language,
    rows: said.flatMap(wordings).map((each) => ({ said: each, refuses: kind })),
  };
}

function wordings(said: string | Message): (string | Message)[] {
  return typeof said === 'string' ? said.split('|') : [said];
}
