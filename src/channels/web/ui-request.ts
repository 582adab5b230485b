import { type Fields, fieldsOf, listOf, nameOf, stringOf } from '../../internal/fields.ts';
import { badBody } from '../json-body.ts';
import type { SaidMessage } from './protocol.ts';
import { isWebAddress, toSaid } from './said.ts';

/** What `useChat` of the AI SDK sends: the person's last message. What was said before, the runner knows. */
export interface UiRequest {
  readonly type: 'ui';
  /** The id that the client gave to the message: the same when it sends it again, or asks for another answer to it. */
  readonly id: string;
  readonly said: SaidMessage;
  /** The message as the client sent it. */
  readonly raw: object;
}

const MAX_ID_LENGTH = 256;

/**
 * The last message of the person in a request of the AI SDK (`{ id, messages, trigger, messageId }`, with UI messages of parts).
 * A `data-message` part holds any message of a page, as `{ type: 'message.action', … }` for a button; otherwise it is the text of
 * its text parts or, without one, its first file.
 * @throws MessageError `bad_body`
 */
export function toUiRequest({ messages }: Fields): UiRequest {
  const last = listOf(messages)
    .map((message) => fieldsOf(message))
    .findLast(({ role }) => role === 'user');
  const id = nameOf(last?.['id']);
  if (last === undefined || id === undefined || id.length > MAX_ID_LENGTH) {
    throw badBody('a message of the role `user` with an `id` in `messages`');
  }
  const parts = listOf(last['parts']).map((part) => fieldsOf(part));
  return { type: 'ui', id, said: saidIn(parts), raw: last };
}

function saidIn(parts: readonly Fields[]): SaidMessage {
  const data = parts.find(({ type }) => type === 'data-message');
  const said = data === undefined ? undefined : toSaid(data['data']);
  if (said !== undefined) return said;
  const texts = parts.flatMap(({ type, text }) =>
    type === 'text' && typeof text === 'string' && text !== '' ? text : [],
  );
  if (texts.length > 0) return { type: 'message.text', text: texts.join('\n') };
  const file = parts.find(({ type }) => type === 'file');
  const url = stringOf(file?.['url']);
  if (file === undefined || url === undefined || !isWebAddress(url)) {
    throw badBody('a text, a file with an http(s) address, or a `data-message` in the `parts`');
  }
  if (stringOf(file['mediaType'])?.startsWith('image/')) return { type: 'message.image', url };
  const name = stringOf(file['filename']);
  return { type: 'message.file', url, ...(name !== undefined && { name }) };
}
