import { utf8Size } from './utf8-size.ts';

/** The text, cut so that its JSON takes a maximum of `maxBytes`; `note` takes the place of what is left out. */
export function cutText(text: string, maxBytes: number, note: string = CUT): string {
  const whole = text.toWellFormed();
  if (storedBytes(whole) <= maxBytes) return whole;
  const room = maxBytes - storedBytes(note);
  let bytes = 2;
  let end = 0;
  for (const character of whole.slice(0, maxBytes)) {
    bytes += storedBytes(character) - 2;
    if (bytes > room) break;
    end += character.length;
  }
  return whole.slice(0, end) + note;
}

const CUT = '… (cut)';

/** The bytes that a value takes as JSON. */
export function storedBytes(value: unknown): number {
  return utf8Size(JSON.stringify(value) ?? '');
}
