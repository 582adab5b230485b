import { createHash } from 'node:crypto';
import type { ChoicesReply } from '../../reply.ts';
import { type Fields, fieldsOf, given, listOf, nameOf, stringOf } from '../fields.ts';
import { wellFormed } from '../text-parts.ts';

/** What a button sends back is 1 to 64 bytes (https://core.telegram.org/bots/api#inlinekeyboardbutton). */
const MAX_DATA_BYTES = 64;
/** Begins the data of a button whose value does not fit. */
const MARK = '~';

/** A button for each option, one below the other: labels may be long, and a telephone is narrow. */
export function toKeyboard({ options }: ChoicesReply): Fields {
  return {
    inline_keyboard: options.map(({ value, label = value }) => [
      // A button without a text is refused.
      { text: wellFormed(label.trim() === '' ? value : label), callback_data: dataOf(value) },
    ]),
  };
}

/**
 * The value itself where it fits. A longer one is stood for by its digest, which no other value has: the press is
 * then known by the label of that very button, so that one on an old question never answers another.
 */
function dataOf(value: string): string {
  const fits = Buffer.byteLength(value) <= MAX_DATA_BYTES && value.isWellFormed();
  if (fits && !value.startsWith(MARK)) return value;
  return MARK + createHash('sha256').update(value, 'utf16le').digest('base64url');
}

/**
 * What a pressed button means: its value, or its label where the value did not fit.
 * @param message the one that the button stands under; Telegram leaves out what is in it when it is old
 */
export function valueOf(
  data: string,
  message: unknown,
): { readonly value: string; readonly label?: string } | undefined {
  const rows = listOf(fieldsOf(fieldsOf(message)['reply_markup'])['inline_keyboard']);
  const pressed = rows
    .flatMap((row) => listOf(row))
    .find((button) => stringOf(fieldsOf(button)['callback_data']) === data);
  const label = nameOf(fieldsOf(pressed)['text']);
  if (data.startsWith(MARK)) return label === undefined ? undefined : { value: label, label };
  return { value: data, ...given({ label }) };
}
