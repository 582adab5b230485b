import { checkPhrases, groupsOf, phraseKey, withoutState, wordingsOf } from '../text/phrase.ts';
import { tidy } from '../text/normalize.ts';

/** How a message matched. */
export interface Heard {
  /** The words that matched, as the user put them but for white space around and Unicode's compatibility forms (NFKC). */
  readonly text: string;
  /** The phrase they are equal to, as it was given to `hear()`; undefined where a pattern matched. */
  readonly phrase?: string;
  /** What the pattern's named groups caught; without those that took no part. */
  readonly groups: Readonly<Record<string, string>>;
  /** What the pattern's groups caught, the first under 0; '' for one that took no part. */
  readonly captures: readonly string[];
}

/** A guard for what the user says: the words of the `event`. */
export interface HearGuard {
  (args: { readonly event: { readonly type: string } }): boolean;
  /** The match, for an action that uses it; undefined if nothing matches. */
  match(event: { readonly type: string }): Heard | undefined;
  /** The phrases that are strings: what it is explored with. */
  readonly samples: readonly string[];
}

/**
 * A guard that holds where the user says one of these phrases, tried in this order.
 *
 * A string is equal to the whole text but for case, width, white space and the punctuation around it. A RegExp is
 * tested on the trimmed text in NFKC, by its own flags; `g` and `y` are dropped, since they would make the second test
 * begin where the first ended. Both hold on everything that has words: a text, what was heard in a voice, a button by
 * its value or its label, an intent by its message. Of each only the first 10 000 UTF-16 code units are looked at.
 *
 * @example
 * const on = { 'message.*': { guard: hear('yes', 'sure', /^(ok|okay)\b/iu), target: 'booked' } };
 *
 * @throws UsageError `bad_phrase` for no phrase, an empty one, or what is neither a string nor a RegExp
 */
export function hear(...phrases: readonly (string | RegExp)[]): HearGuard {
  checkPhrases('hear', phrases, 'a string or a RegExp');
  const tests = phrases.map((phrase) =>
    typeof phrase === 'string' ? phraseTest(phrase) : patternTest(phrase),
  );
  const match = (event: { readonly type: string }): Heard | undefined => {
    const wordings = wordingsOf(event);
    for (const test of tests) {
      for (const wording of wordings) {
        const heard = test(wording);
        if (heard !== undefined) return heard;
      }
    }
    return undefined;
  };
  const guard = ({ event }: { readonly event: { readonly type: string } }): boolean =>
    match(event) !== undefined;
  // What a diagram shows at the transition.
  const name = `hear(${phrases.map((phrase) => (typeof phrase === 'string' ? `'${phrase}'` : String(phrase))).join(', ')})`;
  const samples = phrases.filter((phrase) => typeof phrase === 'string');
  return Object.assign(Object.defineProperty(guard, 'name', { value: name }), { match, samples });
}

type Test = (wording: string) => Heard | undefined;

function phraseTest(phrase: string): Test {
  const key = phraseKey(phrase);
  return (wording) =>
    phraseKey(wording) === key
      ? { text: tidy(wording), phrase, groups: {}, captures: [] }
      : undefined;
}

function patternTest(given: RegExp): Test {
  const pattern = withoutState(given);
  return (wording) => {
    const text = tidy(wording);
    const match = pattern.exec(text);
    if (match === null) return undefined;
    const captures = match.slice(1).map((capture: string | undefined) => capture ?? '');
    return { text, groups: groupsOf(match), captures };
  };
}
