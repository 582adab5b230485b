import { createHash } from 'node:crypto';
import { ColloquyError } from '../../errors.ts';
import {
  type Shape,
  ShapeError,
  constant,
  fields,
  name,
  optional,
  string,
  where,
} from '../../internal/shape.ts';
import { type Message, type Person, MESSAGE_TYPES } from '../../message.ts';
import { checkOpenid } from '../../openid.ts';
import type { Inbound } from '../reception.ts';
import { type Fields, fieldsOf, given } from '../../internal/fields.ts';
import { badBody } from '../json-body.ts';

const MAX_ID_LENGTH = 512;

/**
 * The message of a body, `{ user, id?, from?, text }` or `{ user, id?, from?, message }`. A message of a type that is
 * unknown becomes a `message.unknown` or `event.unknown`, with everything in `raw`. An event of the dialogue itself keeps
 * its fields. `from` is who said it; where it is left out, the message says nothing of that.
 * @param events the types of the events that the dialogue declares
 * @param proof what is different in every request but a repetition: it stands for an id where there is none
 * @throws MessageError `bad_body`, which names the field
 */
export function toInbound(
  prefix: string,
  body: unknown,
  events: ReadonlySet<string>,
  proof: string,
): Inbound {
  const { user, id, text, message, from } = fieldsOf(body);
  if (typeof user !== 'string' || user === '') throw badBody('a non-empty string under `user`');
  if (id !== undefined && (typeof id !== 'string' || id === '' || id.length > MAX_ID_LENGTH)) {
    throw badBody(`a string of 1 to ${MAX_ID_LENGTH} characters under \`id\`, or none`);
  }
  const openid = prefix + user;
  try {
    checkOpenid(openid);
  } catch (error) {
    if (ColloquyError.is(error, 'bad_openid')) {
      throw badBody('a well-formed user, of at most 512 bytes with the prefix');
    }
    throw error;
  }
  if ((text === undefined) === (message === undefined)) throw badBody('either `text` or `message`');
  const said =
    message === undefined
      ? checked(TEXT, { type: 'message.text', text }, '')
      : toMessage(message, events);
  const person = checked(optional(PERSON), from, 'from');
  return {
    openid,
    message: { ...said, ...given({ from: person }), raw: body },
    // An id of the sender never equals one that is made of the proof.
    id: id === undefined ? `proof:${proof}` : `id:${digest(id)}`,
  };
}

function digest(text: string): string {
  // Halves of surrogate pairs would all be the same in UTF-8.
  return createHash('sha256').update(text, 'utf16le').digest('base64url');
}

function toMessage(value: unknown, events: ReadonlySet<string>): Message {
  const { type } = fieldsOf(value);
  if (typeof type !== 'string') throw badBody('a string under `message.type`');
  if (type.startsWith('event.')) {
    const { key, spoken } = checked(EVENT, value, 'message');
    const isKnown = MESSAGE_TYPES.has(type) || events.has(type);
    const payload = events.has(type) ? payloadOf(value as object) : {};
    const event = (isKnown ? type : 'event.unknown') as 'event.unknown';
    return { ...payload, type: event, ...given({ key, spoken }) };
  }
  const shape = Object.hasOwn(SHAPES, type) ? SHAPES[type] : undefined;
  return shape === undefined ? { type: 'message.unknown' } : checked(shape, value, 'message');
}

/** The fields of an event that are not those of every message. */
function payloadOf(event: object): object {
  const { type: _type, from: _from, receivedAt: _at, raw: _raw, ...payload } = event as Fields;
  return payload;
}

function primitive<T>(type: 'number' | 'boolean'): Shape<T> {
  return (value, place = '') => {
    if (typeof value === type) return value as T;
    throw new ShapeError(`a ${type}`, place);
  };
}

const number = primitive<number>('number');
const boolean = primitive<boolean>('boolean');
const TEXT = fields<Pick<Extract<Message, { type: 'message.text' }>, 'type' | 'text'>>({
  type: constant('message.text'),
  text: string,
});
const EVENT = fields<{ readonly key?: string; readonly spoken?: boolean }>({
  key: optional(string) as Shape<string>,
  spoken: optional(boolean) as Shape<boolean>,
});

const MAX_PERSON_LENGTH = 512;
const short = where(
  name,
  (text) => text.length <= MAX_PERSON_LENGTH,
  `a non-empty string of at most ${MAX_PERSON_LENGTH} characters`,
);
const PERSON = fields<Person>({ id: short, name: optional(short) as Shape<string> });

/** The fields of each kind; further ones are in `raw` only. */
const SHAPES: Readonly<Record<string, Shape<Message>>> = {
  'message.text': TEXT,
  'message.image': kind('message.image', { url: optional(name), mediaId: optional(name) }),
  'message.voice': kind('message.voice', {
    mediaId: optional(name),
    format: optional(string),
    transcript: optional(string),
  }),
  'message.video': kind('message.video', { mediaId: optional(name), thumbnailId: optional(name) }),
  'message.file': kind('message.file', {
    name: optional(string),
    mediaId: optional(name),
    size: optional(number),
  }),
  'message.location': kind('message.location', {
    latitude: number,
    longitude: number,
    label: optional(string),
  }),
  'message.link': kind('message.link', {
    url: name,
    title: optional(string),
    description: optional(string),
  }),
  'message.action': kind('message.action', {
    value: name,
    label: optional(string),
    asking: optional(string),
    messageId: optional(name),
  }),
};

function kind(
  type: Message['type'],
  shapes: Readonly<Record<string, Shape<unknown>>>,
): Shape<Message> {
  return fields<Record<string, unknown>>({
    ...shapes,
    type: constant(type),
  }) as unknown as Shape<Message>;
}

function checked<T>(shape: Shape<T>, value: unknown, place: string): T {
  try {
    return shape(value, place);
  } catch (error) {
    if (error instanceof ShapeError) throw badBody(error.message);
    throw error;
  }
}
