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
import type { Message } from '../../message.ts';
import { fieldsOf } from '../../internal/fields.ts';
import { badBody } from '../json-body.ts';
import type { SaidMessage } from './protocol.ts';

/** An address that a page may give: everything else would run in the page that shows it, or name what is not on the web. */
export function isWebAddress(text: string): boolean {
  if (text.length > MAX_ADDRESS_LENGTH || !URL.canParse(text)) return false;
  const { protocol } = new URL(text);
  return protocol === 'https:' || protocol === 'http:';
}

const MAX_ADDRESS_LENGTH = 8192;

const address = where(name, isWebAddress, 'an http(s) address of at most 8192 characters');

function within(least: number, most: number): Shape<number> {
  return (value, place = '') => {
    if (typeof value === 'number' && value >= least && value <= most) return value;
    throw new ShapeError(`a number from ${least} to ${most}`, place);
  };
}

type SaidOf<Type extends SaidMessage['type']> = Extract<SaidMessage, { type: Type }>;

const SHAPES: { readonly [Type in SaidMessage['type']]: Shape<SaidOf<Type>> } = {
  'message.text': fields<SaidOf<'message.text'>>({ type: constant('message.text'), text: string }),
  'message.image': fields<SaidOf<'message.image'>>({
    type: constant('message.image'),
    url: address,
  }),
  'message.file': fields<SaidOf<'message.file'>>({
    type: constant('message.file'),
    url: address,
    name: optional(string),
    size: optional(within(0, Number.MAX_SAFE_INTEGER)),
  }),
  'message.location': fields<SaidOf<'message.location'>>({
    type: constant('message.location'),
    latitude: within(-90, 90),
    longitude: within(-180, 180),
    label: optional(string),
  }),
  'message.action': fields<SaidOf<'message.action'>>({
    type: constant('message.action'),
    value: name,
    label: optional(string),
    asking: optional(string),
  }),
};

/**
 * What a page says that a person said; undefined for a kind that no page of ours sends. A page cannot send events: a person who
 * writes a page could report a payment.
 * @throws MessageError `bad_body`, which names the field
 */
export function toSaid(value: unknown): SaidMessage | undefined {
  const { type } = fieldsOf(value);
  if (typeof type !== 'string') throw badBody('a string under `message.type`');
  if (!Object.hasOwn(SHAPES, type)) return undefined;
  try {
    return SHAPES[type as SaidMessage['type']](value, 'message');
  } catch (error) {
    if (error instanceof ShapeError) throw badBody(error.message);
    throw error;
  }
}

/** The message of the dialogue. @param raw what the page sent */
export function toHeard(said: SaidMessage | undefined, raw: unknown): Message {
  if (said === undefined) return { type: 'message.unknown', raw };
  if (said.type !== 'message.file') return { ...said, raw };
  const { url: mediaId, ...file } = said;
  return { ...file, mediaId, raw };
}
