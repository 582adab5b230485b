import type { Message } from '../../message.ts';

/** The key of a recognizer by words: tells of a message, at once and anywhere, whether the message means its intent. */
const BY_WORDS: unique symbol = Symbol.for('colloquy.by-words');

type ByWords = (message: Message) => unknown;

/** The same recognizer, which a copy of it or a wrapper around it can be asked for. */
export function byWords<Recognize extends ByWords>(
  recognize: Recognize,
  samples?: readonly string[],
): Recognize {
  return Object.assign(recognize, { [BY_WORDS]: recognize }, samples && { samples });
}

/** What recognises an intent by words alone; undefined for a function of the author's, which may take time or money. */
export function wordsOf(recognizer: object | undefined): ByWords | undefined {
  return (recognizer as { readonly [BY_WORDS]?: ByWords } | undefined)?.[BY_WORDS];
}
