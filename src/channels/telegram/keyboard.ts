import { createHash } from 'node:crypto';
import type { ActionMessage } from '../../message.ts';
import type { ChoicesReply } from '../../reply.ts';
import {
  type Fields,
  fieldsOf,
  given,
  idOf,
  listOf,
  nameOf,
  stringOf,
} from '../../internal/fields.ts';
import { wellFormed } from '../text-parts.ts';

/** What a button sends back is 1 to 64 bytes (https://core.telegram.org/bots/api#inlinekeyboardbutton). */
const MAX_DATA_BYTES = 64;
/** Begins what stands for a value that does not fit. */
const MARK = '~';
/** `~~<asking>~<value>`: the asking is empty where no question offers the button. */
const DATA = /^~~([0-9a-z]{0,8})~(.*)$/su;

/** A button for each option, one below the other: labels may be long, and a telephone is narrow. */
export function toKeyboard({ options, asking = '' }: ChoicesReply): Fields {
  return {
    inline_keyboard: options.map(({ value, label = value }) => [
      // A button without a text is refused.
      {
        text: wellFormed(label.trim() === '' ? value : label),
        callback_data: dataOf(asking, value),
      },
    ]),
  };
}

/**
 * The asking and the value itself where they fit. A longer value is stood for by its digest, which no other value has:
 * the press is then known by the label of that very button.
 */
function dataOf(asking: string, value: string): string {
  const plain = `~~${asking}~${value}`;
  const fits = Buffer.byteLength(plain) <= MAX_DATA_BYTES && value.isWellFormed();
  if (fits && !value.startsWith(MARK)) return plain;
  const digest = createHash('sha256').update(value, 'utf16le').digest('base64url');
  return `~~${asking}~${MARK}${digest}`;
}

/**
 * What a pressed button means: its value, or its label where the value did not fit, and which question it belongs to.
 * What buttons sent before they named their question is still understood.
 * @param message the one that the button stands under; Telegram leaves out what is in it when it is old
 */
export function pressOf(data: string, message: unknown): Omit<ActionMessage, 'type'> | undefined {
  const rows = listOf(fieldsOf(fieldsOf(message)['reply_markup'])['inline_keyboard']);
  const pressed = rows
    .flatMap((row) => listOf(row))
    .find((button) => stringOf(fieldsOf(button)['callback_data']) === data);
  const label = nameOf(fieldsOf(pressed)['text']);
  const [, asking, named = ''] = DATA.exec(data) ?? [];
  const about = {
    ...(asking !== '' && { asking: asking ?? '' }),
    ...given({ messageId: messageIdOf(fieldsOf(message)) }),
  };
  const value = asking === undefined ? data : named;
  if (!value.startsWith(MARK)) return { value, ...given({ label }), ...about };
  if (label !== undefined) return { value: label, label, ...about };
  // Of an asking that is known it is certain that the press is none of anything else.
  return asking === undefined || asking === '' ? undefined : { value, ...about };
}

/** `<chat>:<number>` of a message; undefined where Telegram does not tell them. */
function messageIdOf({ chat, message_id: number }: Fields): string | undefined {
  const [chatId, id] = [idOf(fieldsOf(chat)['id']), idOf(number)];
  return chatId === undefined || id === undefined ? undefined : `${chatId}:${id}`;
}

/**
 * The buttons of a keyboard that a program made, marked as not ours: they belong to no question, and come back unchanged.
 */
export function asOwnButtons(markup: unknown): unknown {
  const { inline_keyboard: rows, ...rest } = fieldsOf(markup);
  if (!Array.isArray(rows)) return markup;
  const own = rows.map((row) =>
    Array.isArray(row) ? row.map((button: unknown) => asOwnButton(button)) : (row as unknown),
  );
  return { ...rest, inline_keyboard: own };
}

function asOwnButton(button: unknown): unknown {
  const { callback_data: data } = fieldsOf(button);
  if (typeof data !== 'string' || data.startsWith(MARK) || !data.isWellFormed()) return button;
  const own = `~~~${data}`;
  return Buffer.byteLength(own) <= MAX_DATA_BYTES
    ? { ...fieldsOf(button), callback_data: own }
    : button;
}
