import { fold } from '../dialogue/text/normalize.ts';
import { cutText } from '../internal/cut-text.ts';

/** What operators read comes from customers: it is made so that it cannot be taken for something else. */

/** The maximum of bytes of a name as JSON. */
const MAX_NAME_BYTES = 256;
/** The maximum of characters of the address of a picture. */
const MAX_ADDRESS = 2048;

/** Line breaks, and signs that turn the direction of what follows. */
const SPACE = /[\s\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/** A name in one line; undefined for what is none, or cannot be seen. */
export function readableName(name: unknown): string | undefined {
  if (typeof name !== 'string') return undefined;
  const line = cutText(name, MAX_NAME_BYTES, '…').replace(SPACE, ' ').trim();
  return fold(line) === '' ? undefined : line;
}

/** The address of a picture, if a browser and a platform can fetch it. */
export function readableAddress(url: unknown): string | undefined {
  if (typeof url !== 'string' || url.length > MAX_ADDRESS) return undefined;
  return /^https?:\/\/[^\s]+$/iu.test(url) ? url : undefined;
}

/** A text below another one: only its first line begins where a line of somebody begins. */
export function indented(text: string): string {
  return text.replaceAll(/\r\n?|[\n\u2028\u2029]/gu, '\n  ');
}
