import type { Message } from '../../message.ts';
import { share } from '../../internal/shared-data.ts';
import { type Fields, fieldsOf, idOf, nameOf, stringOf } from '../../internal/fields.ts';
import type { Scope } from '../fresh.ts';
import { type TelegramPlace, conversationAt, isBot, placeAt, telegramPersonOf } from './address.ts';
import { namesSomebody } from './addressing.ts';
import {
  type TelegramInput,
  inputsInEvent,
  inputsInMessage,
  inputsOfMove,
  movedIn,
} from './inputs.ts';
import { pressOf } from './keyboard.ts';

/** One message of an update, and the conversation that it belongs to. */
export interface AddressedMessage {
  readonly address: TelegramPlace;
  readonly message: Message;
  readonly id: string;
}

export interface Update {
  readonly id: string;
  /** Absent where there is nothing for a dialogue in it: it is acknowledged. */
  readonly said?: AddressedMessage;
  /** What else it tells: of each further member who came, of a part of an album. */
  readonly others?: readonly AddressedMessage[];
  /** Of a button that was pressed: it shows that it waits until this query is answered. */
  readonly query?: string;
  /** Whether what is said to it must not be in the answer: an album has one answer, and the parts of it several. */
  readonly isAlbum?: true;
  /** A group that became a supergroup. */
  readonly moved?: { readonly from: string; readonly to: string };
}

export interface UpdateReading {
  readonly scope: Scope;
  /** Of this bot, without the `@`; undefined where it is not known. */
  readonly username?: string | undefined;
}

const PRIVATE: UpdateReading = { scope: 'user' };

/**
 * Makes messages of an update. What is of a kind that is unknown becomes a `message.unknown` or `event.unknown` with
 * everything in `raw`; what comes of a bot, is for another one, or mends what was said before has no message.
 * @returns undefined where it is no update
 */
export function toUpdate(body: unknown, hearing: UpdateReading = PRIVATE): Update | undefined {
  const update = fieldsOf(body);
  const id = idOf(update['update_id']);
  if (id === undefined) return undefined;
  const [kind, fields] = contentOf(update);
  const moved = kind === 'message' ? movedIn(fields) : undefined;
  const heard = moved ? inputsOfMove(fields, moved.to) : inputsIn(kind, fields, hearing.username);
  const raw = heard.length > 1 ? share(update) : body;
  const [said, ...others] = heard.flatMap(({ place, from, message, part, id: own }) => {
    const address = conversationAt(hearing.scope, place);
    if (address === undefined) return [];
    const ownId = own ?? (part === undefined ? id : `${id}:${part}`);
    return [{ address, message: { ...message, ...(from && { from }), raw }, id: ownId }];
  });
  const query = kind === 'callback_query' ? nameOf(fields['id']) : undefined;
  return {
    id,
    ...(said && { said }),
    ...(others.length > 0 && { others }),
    ...(query !== undefined && { query }),
    ...(others.some(({ message }) => message.type === 'event.album') && { isAlbum: true }),
    ...(moved && { moved }),
  };
}

/** Whether the text of an update cannot be read without the name of this bot. */
export function needsName(body: unknown): boolean {
  const [kind, fields] = contentOf(fieldsOf(body));
  return kind === 'message' && namesSomebody(stringOf(fields['text']) ?? '');
}

function contentOf(update: Fields): readonly [kind: string, fields: Fields] {
  const [kind, content] = Object.entries(update).find(([key]) => key !== 'update_id') ?? [''];
  return [kind, fieldsOf(content)];
}

/** Corrections of what has been answered already, and posts without a sender. */
const IGNORED: ReadonlySet<string> = new Set([
  'edited_message',
  'channel_post',
  'edited_channel_post',
  'edited_business_message',
  'deleted_business_messages',
]);

function inputsIn(
  kind: string,
  fields: Fields,
  username: string | undefined,
): readonly TelegramInput[] {
  if (IGNORED.has(kind)) return [];
  switch (kind) {
    case 'message':
      return inputsInMessage(fields, username);
    case 'callback_query':
      return isBot(fields['from']) ? [] : inputsOfButton(fields);
    default:
      return inputsInEvent(kind, fields);
  }
}

function inputsOfButton(query: Fields): readonly TelegramInput[] {
  const from = telegramPersonOf(query['from']);
  const place = from && placeAt(from.id, query['message']);
  return place === undefined ? [] : [{ place, from, message: toAction(query) }];
}

function toAction(query: Fields): Message {
  const data = nameOf(query['data']);
  const pressed = data === undefined ? undefined : pressOf(data, query['message']);
  return pressed === undefined
    ? { type: 'message.unknown' }
    : { type: 'message.action', ...pressed };
}
