import { findAmounts, foldNumerals } from '../dialogue/parsers/numerals.ts';

/** What must be in a text, however else it is said: its numbers, links and addresses, and the names in it. */

/** The maximum of names that are looked for. */
const MAX_NAMES = 200;
/** A name of one letter is in every text. */
const SHORTEST_NAME = 2;
/** A longer text of a dictionary is no name. */
const LONGEST_NAME = 200;

/** A capital, a digit, or a letter of a script that has no capitals. */
const NAMED = /[\p{Lu}\p{Lo}\p{Nd}]/u;

const ADDRESS = /(?:https?:\/\/|www\.)[^\s<>"'）】」，。；！？]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+/giu;

/** Whether a text that says another one in other words has the same facts. */
export function keepsFacts(plain: string, other: string, names: readonly string[]): boolean {
  const before = plain.normalize('NFKC');
  const after = other.normalize('NFKC');
  return (
    isSame(addressesIn(before), addressesIn(after)) &&
    isSame(numbersIn(before), numbersIn(after)) &&
    names.every((name) => !isIn(before, name) || isIn(after, name))
  );
}

/** What a name begins or ends with, where letters before or behind it would make it another word. */
const LATIN = /[\p{Script=Latin}\p{Nd}]/u;

/** Whether a name is in a text, and not as a part of a word. */
function isIn(text: string, name: string): boolean {
  const wanted = name.normalize('NFKC');
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const isPart = (inner: string, outer = ''): boolean => LATIN.test(inner) && LATIN.test(outer);
    const end = at + wanted.length;
    const isWord =
      !isPart(wanted.charAt(0), text[at - 1]) &&
      !isPart(wanted.charAt(wanted.length - 1), text[end]);
    if (isWord) return true;
  }
  return false;
}

/**
 * The texts of a dictionary that may be names: of a person, a place, an order. Those in small letters are words, as `tea`, and have
 * other ones in another language.
 */
export function namesIn(context: unknown): readonly string[] {
  const names: string[] = [];
  const walk = (value: unknown): void => {
    if (names.length === MAX_NAMES) return;
    if (typeof value === 'string') {
      const name = value.trim();
      const isShort = name.length >= SHORTEST_NAME && name.length <= LONGEST_NAME;
      if (isShort && NAMED.test(name)) names.push(name);
    } else if (typeof value === 'object' && value !== null) {
      for (const inner of Object.values(value)) walk(inner);
    }
  };
  walk(context);
  return names;
}

/** Ends a sentence. Numbers in words are looked for in one sentence after the other, since a long text has too many words. */
const SENTENCE = /(?<=[.!?])\s+|[\n。！？；]/u;

/**
 * Its numbers. Of those in digits, each run of digits: `1,000.50` and `1.000,50` have the same, and so have 01.12. and 12/1.
 * Of those with words in English or Chinese, as `two`, `两百` or `2万`, the value; but not of a one, which is an article as well.
 */
function numbersIn(text: string): ReadonlySet<string> {
  return new Set(text.replace(ADDRESS, ' ').split(SENTENCE).flatMap(numbersOf));
}

function numbersOf(sentence: string): readonly string[] {
  const folded = foldNumerals(sentence);
  let digits = '';
  let from = 0;
  const worded: string[] = [];
  for (const { value, start, end } of findAmounts(folded)) {
    const said = folded.slice(start, end);
    // In digits alone; or too long a sentence, which counts as it is.
    if (end > start && !/\p{L}/u.test(said)) continue;
    if (value !== 1) worded.push(Number.isNaN(value) ? said || folded : `${value}`);
    digits += `${folded.slice(from, start)} `;
    from = end;
  }
  const runs = (digits + folded.slice(from)).match(/\d+/gu) ?? [];
  return [...worded, ...runs.map((run) => run.replace(/^0+(?=.)/u, ''))];
}

function addressesIn(text: string): ReadonlySet<string> {
  return new Set((text.match(ADDRESS) ?? []).map((address) => address.replace(/[.,;:!?)]+$/u, '')));
}

function isSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((each) => b.has(each));
}
