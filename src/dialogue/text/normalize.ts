/** Invisible characters that users do not send on purpose: zero-width spaces, byte order marks, direction marks. */
const INVISIBLE = /[\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;

/** They join letters of some scripts and parts of one emoji, so they are left inside of a text that is kept. */
const JOINERS = /[\u200c\u200d]/gu;

/**
 * Marks beyond the thirtieth on one letter. Putting marks in order takes the square of their number, minutes for a
 * text that fits into one message; thirty is the limit of Unicode's stream-safe text
 * (https://www.unicode.org/reports/tr15/#Stream_Safe_Text_Format). U+FF9E and U+FF9F become marks.
 */
const SURPLUS_MARKS = /([\p{M}\uff9e\uff9f]{30})[\p{M}\uff9e\uff9f]+/gu;

/** Stripped around a text: white space, punctuation, symbols, and what is left of an emoji once its symbol is gone. */
const EDGE = /[\s\p{P}\p{S}\p{C}\u20e3\ufe00-\ufe0f]/u;

/**
 * Whether it is printable ASCII, as almost every answer is: nothing in it but white space around it changes its form. A
 * pattern takes ten times as long for a short text.
 */
export function isAscii(text: string): boolean {
  for (let place = 0; place < text.length; place += 1) {
    const code = text.charCodeAt(place);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}

/**
 * The text as a pattern should see it: in compatibility form (full-width letters and digits become plain ones), without
 * white space around it or zero-width characters in it. The case is kept. Takes linear time.
 */
export function tidy(text: string): string {
  if (isAscii(text)) return text.trim();
  return text.replace(INVISIBLE, '').replace(SURPLUS_MARKS, '$1').normalize('NFKC').trim();
}

/** `tidy`, in lower case, without joiners, and with one space for all white space in a row: for comparing. */
export function fold(text: string): string {
  if (isAscii(text)) {
    const folded = text.trim().toLowerCase();
    return folded.includes('  ') ? folded.replace(/ {2,}/g, ' ') : folded;
  }
  return tidy(text.replace(JOINERS, '')).toLowerCase().replace(/\s+/gu, ' ');
}

/**
 * The text as two people would call it the same: `fold`, without punctuation and symbols around it. So “Yes!” is `yes`,
 * “好的。” is `好的` and “２” is `2`. A text of nothing else keeps them: “👍” stays. Takes linear time.
 */
export function normalize(text: string): string {
  const folded = fold(text);
  // Cut by hand: a pattern anchored at the end is tried at every character, which takes the square of the length.
  const characters = Array.from(folded);
  let start = 0;
  let end = characters.length;
  while (start < end && EDGE.test(characters[start] ?? '')) start += 1;
  while (end > start && EDGE.test(characters[end - 1] ?? '')) end -= 1;
  return start === end ? folded : characters.slice(start, end).join('');
}
