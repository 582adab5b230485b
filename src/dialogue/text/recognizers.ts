import type { Message } from '../../message.ts';
import type { ChoiceOption } from '../../reply.ts';
import { byWords } from './by-words.ts';
import type { HistoryEntry } from './history-turns.ts';
import { tidy } from './normalize.ts';
import { checkPhrases, groupsOf, phraseKey, withoutState, wordingsOf } from './phrase.ts';
import type { Standing } from './standing.ts';

/**
 * Whether a message means an intent: a score over 0 and up to 1 (`true` is 1, more than 1 counts as 1), with what was
 * found in the message on the way. `false`, nothing, and a score of 0 or less mean no.
 */
export type Verdict =
  | boolean
  | number
  | {
      /** Default 1. */
      readonly score?: number;
      /** Plain data. */
      readonly values?: Readonly<Record<string, unknown>>;
    }
  | undefined
  | null
  | void;

/** A question that the user is to answer. */
export interface OpenQuestion {
  /** As it would be asked now; '' if the question throws. */
  readonly text: string;
  /** What there is to choose from; empty for a question without options. */
  readonly options: readonly ChoiceOption[];
}

/** A slot of the form that asks. */
export interface OpenSlot {
  /** Its key in the context: the name under which the form takes a value. */
  readonly key: string;
  /** What the user calls it. */
  readonly label: string;
  /** The question for it, as it would be asked now; '' if the question throws, and for a slot that a sub-dialogue fills. */
  readonly question: string;
  /** What there is to choose from; empty for a slot without options. */
  readonly options: readonly ChoiceOption[];
  /** The value that it has, as the user sees it; undefined for none. */
  readonly value: string | undefined;
  /** Whether it takes several values. */
  readonly isList: boolean;
}

/** What a recognizer knows besides the message. All of it is only to be read. */
export interface RecognizeAbout {
  /** The user. */
  readonly openid: string;
  /** Aborted when time is up; a later answer is ignored. */
  readonly signal: AbortSignal;
  /** The names of all intents there are, in the order of their declaration. */
  readonly intents: readonly string[];
  /**
   * Those of `intents` that the dialogue may take now: an active state, a state around it or a running sub-dialogue has a
   * transition for them. What is recognised besides changes nothing. Never empty.
   */
  readonly takes: readonly string[];
  /** Where the dialogue stands, as `runner.inspect()` shows it. */
  readonly dialogue: Standing;
  /** The question that the user is to answer; undefined if none is open. Of several, that of the innermost sub-dialogue. */
  readonly question: OpenQuestion | undefined;
  /** The slots that apply of the form that asks, in its order, filled or not; empty where no form asks. */
  readonly slots: readonly OpenSlot[];
  /** What was said before, the oldest first, where the dialogue keeps it; otherwise empty. */
  readonly history: readonly HistoryEntry[];
  /** The user's dictionary. The context of a sub-dialogue is among the `children` of `dialogue`. */
  readonly context: Readonly<Record<string, unknown>>;
}

/**
 * Recognises one intent. All recognizers are called at the same time, once for a message; but none where no state takes
 * its intent. One that answers synchronously does not delay the turn.
 */
export interface IntentRecognizer {
  (message: Message, about: RecognizeAbout): Verdict | Promise<Verdict>;
  /** What means the intent: what a conversation is explored with. */
  readonly samples?: readonly string[];
}

/** An intent that a message may mean. */
export interface Candidate {
  /** The name of the intent. */
  readonly intent: string;
  /** Over 0 and up to 1; default 1. */
  readonly score?: number;
  /** Plain data. */
  readonly values?: Readonly<Record<string, unknown>>;
}

/** What a message says without meaning an intent: the form that asks takes it. */
export interface FoundValues {
  /** Of several, the surest goes first. Over 0 and up to 1; default 1. */
  readonly score?: number;
  /** By the keys of slots: texts and numbers, or lists of them. The parser of its slot reads each. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Only a candidate has it. */
  readonly intent?: never;
}

/**
 * Recognises several intents at once: a model, a service. It is not called where no state takes an intent; that of a form
 * (`understand`) is called where the form asks. What it names beyond `about.intents` is reported and dropped.
 */
export type Recognizer = (
  message: Message,
  about: RecognizeAbout,
) => readonly (Candidate | FoundValues)[] | Promise<readonly (Candidate | FoundValues)[]>;

/**
 * Recognises a message whose whole text is one of these words or phrases, but for case, width, white space and the
 * punctuation around it. Of a text, the first 10 000 UTF-16 code units are looked at.
 * @example
 * setupDialogue({ types: {} as { context: object }, intents: { menu: keywords('menu', 'what do you have') } });
 * @throws UsageError `bad_phrase` for no word, an empty one, or what is not a string
 */
export function keywords(...words: readonly string[]): IntentRecognizer {
  checkPhrases('keywords', words, 'a string');
  const keys = new Set(words.map(phraseKey));
  return byWords(
    (message) => wordingsOf(message).some((wording) => keys.has(phraseKey(wording))),
    words,
  );
}

/**
 * Recognises a message that names one of these words or phrases anywhere: as a whole word, or within a run of a script
 * that puts no spaces between words (Chinese, Japanese, Thai, Lao, Khmer, Burmese). The score is the share of the text
 * that the longest of them takes, so the more else there is, the less sure it is.
 *
 * An answer that merely mentions the word is recognised too: where the state takes the intent, it goes before the
 * answer. Let the state's guard ask for a higher `event.score`, or use `keywords`.
 * @example
 * setupDialogue({ types: {} as { context: object }, intents: { refund: mentions('refund', 'money back', '退款') } });
 * @throws UsageError `bad_phrase` for no word, an empty one, or what is not a string
 */
export function mentions(...words: readonly string[]): IntentRecognizer {
  checkPhrases('mentions', words, 'a string');
  const longestFirst = [...new Set(words.map(phraseKey))].sort((a, b) => b.length - a.length);
  const places = longestFirst.map((word) => ({ word, pattern: wholeWord(word) }));
  return byWords((message) => {
    let score = 0;
    for (const wording of wordingsOf(message)) {
      const text = phraseKey(wording);
      const place = places.find(({ pattern }) => pattern.test(text));
      if (place !== undefined) score = Math.max(score, place.word.length / text.length);
    }
    return score;
  }, words);
}

/**
 * Recognises a message that one of these patterns matches, and gives what its named groups caught as the intent's
 * values. A pattern is tested as by `hear()`: on the trimmed text in NFKC, without its flags `g` and `y`.
 *
 * @example
 * const order = pattern(/^order (?<dish>.+)/iu); // `event.values.dish` of an `intent.order`
 * setupDialogue({ types: {} as { context: object }, intents: { order } });
 *
 * @throws UsageError `bad_phrase` for no pattern, or what is not a RegExp
 */
export function pattern(...patterns: readonly RegExp[]): IntentRecognizer {
  checkPhrases('pattern', patterns, 'a RegExp');
  const tests = patterns.map(withoutState);
  return byWords((message) => {
    const texts = wordingsOf(message).map(tidy);
    for (const test of tests) {
      for (const text of texts) {
        const match = test.exec(text);
        if (match !== null) return { score: 1, values: groupsOf(match) };
      }
    }
    return undefined;
  });
}

/** A letter, mark or digit of a script that puts spaces between words. */
const SPACED = String.raw`(?![\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}])[\p{L}\p{M}\p{N}_]`;
const STARTS_SPACED = new RegExp(`^${SPACED}`, 'u');
const ENDS_SPACED = new RegExp(`${SPACED}$`, 'u');

/** Finds a word where it is one, and anywhere in a run of a script that puts no spaces between words. */
export function wholeWord(word: string): RegExp {
  const escaped = word.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  const before = STARTS_SPACED.test(word) ? `(?<!${SPACED})` : '';
  const after = ENDS_SPACED.test(word) ? `(?!${SPACED})` : '';
  return new RegExp(`${before}${escaped}${after}`, 'u');
}
