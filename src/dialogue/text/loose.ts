import { tokensOf } from './explained.ts';
import { fold } from './normalize.ts';

/** Letters that Unicode does not take apart, though people type them plain. */
const PLAIN_LETTERS: ReadonlyMap<string, string> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ 'ßss ςσ ıi øo łl đd ðd þth æae œoe'
    .split(' ')
    .map((pair) => [pair.charAt(0), pair.slice(1)]),
);

/**
 * `fold`, and what people leave out when they type a name: accents of Latin and Greek letters (`malaga`, `istanbul`), the ß of
 * STRASSE, the right kind of apostrophe, a hyphen in a word; “&” is “and”. Other scripts keep their marks, which make other letters there.
 * Two names may become one by it.
 */
export function loosen(text: string): string {
  return fold(text)
    .normalize('NFD')
    .replace(/([\p{Script=Latin}\p{Script=Greek}])\p{M}+/gu, '$1')
    .replaceAll('е\u0308', 'е')
    .normalize('NFC')
    .replace(/[ßςıøłđðþæœ]/gu, (letter) => PLAIN_LETTERS.get(letter) ?? letter)
    .replace(/['‘`´ʼʹ′]/gu, '’')
    .replace(/(?<=\p{L})[-‐‒–](?=\p{L})/gu, ' ')
    .replace(/(?<=[\p{L}\p{N}]) ?& ?(?=[\p{L}\p{N}])/gu, ' and ');
}

/** `loosen`, with neither spaces nor apostrophes between letters, and without silent signs: `wi fi` as `wifi`. */
export function squash(text: string): string {
  return tokensOf(loosen(text))
    .join(' ')
    .replaceAll('’', '')
    .replace(/(?<=\p{L}) (?=\p{L})/gu, '');
}
