import { UsageError } from '../../errors.ts';
import { type ActionMessage, type IntentMessage, textOf } from '../../message.ts';
import { normalize } from './normalize.ts';

/** The most UTF-16 code units of a text that phrases and patterns are compared with. */
const LONGEST = 10_000;

/**
 * The wordings of a message, cut to 10 000 code units each: its words, and of a button also what the user saw on it.
 * None where it has no words.
 */
export function wordingsOf(event: { readonly type: string }): readonly string[] {
  const { message } = event as Partial<IntentMessage>;
  const source = event.type.startsWith('intent.') && message !== undefined ? message : event;
  // Only the text of a text message was checked at the door.
  const words: unknown = textOf(source);
  const label: unknown =
    source.type === 'message.action' ? (source as ActionMessage).label : undefined;
  return [words, label]
    .filter((wording) => typeof wording === 'string')
    .map((wording) => wording.slice(0, LONGEST));
}

// Several guards and recognizers compare the same message, one after another.
let lastText = '';
let lastKey = '';

/** What a text is compared by: equal for texts that differ in case, width, white space and punctuation around them. */
export function phraseKey(text: string): string {
  if (text !== lastText) {
    lastKey = normalize(text);
    lastText = text;
  }
  return lastKey;
}

/** @throws UsageError `bad_phrase` for what can never be heard */
export function checkPhrases(
  word: string,
  phrases: readonly unknown[],
  expected: 'a string' | 'a RegExp' | 'a string or a RegExp',
): void {
  const fail = (found: string): never => {
    throw new UsageError('bad_phrase', `${word}() takes ${expected}, once or more: ${found}.`);
  };
  if (phrases.length === 0) fail('nothing was given');
  for (const [index, phrase] of phrases.entries()) {
    const kind = phrase instanceof RegExp ? 'RegExp' : typeof phrase;
    if (!expected.includes(kind)) fail(`number ${index + 1} is something else`);
    if (typeof phrase === 'string' && phraseKey(phrase) === '')
      fail(`number ${index + 1} is empty`);
  }
}

/** The same pattern without the flags that make a RegExp remember where it was: `g` and `y`. */
export function withoutState(pattern: RegExp): RegExp {
  return new RegExp(pattern.source, pattern.flags.replaceAll(/[gy]/g, ''));
}

/** What the named groups caught; a group that took no part is left out. */
export function groupsOf(match: RegExpExecArray): Record<string, string> {
  const groups = Object.entries((match.groups ?? {}) as Record<string, string | undefined>);
  return Object.fromEntries(
    groups.filter((group): group is [string, string] => group[1] !== undefined),
  );
}
