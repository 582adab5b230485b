import type { Reply } from '../../reply.ts';
import { jsonCodec } from './json-codec.ts';

const CHARACTER_BYTES = 2;

/** The bytes that a text takes in memory at most. */
export function bytesOfText(text: string): number {
  return CHARACTER_BYTES * text.length;
}

/** The bytes that replies take in memory at most, with two for each character. */
export function bytesOfReplies(replies: readonly Reply[]): number {
  let bytes = 0;
  for (const reply of replies) bytes += bytesOfReply(reply);
  return bytes;
}

function bytesOfReply(reply: Reply): number {
  switch (reply.type) {
    case 'text':
      return bytesOfText(reply.text);
    case 'choices': {
      let length = reply.text.length;
      for (const { value, label = '' } of reply.options) length += value.length + label.length;
      return CHARACTER_BYTES * length;
    }
    case 'raw':
      // Plain data of any kind.
      return bytesOfText(jsonCodec.encode(reply.payload));
    default:
      return bytesOfValue(reply);
  }
}

function bytesOfValue(value: unknown): number {
  if (typeof value === 'string') return bytesOfText(value);
  let bytes = 8;
  if (typeof value !== 'object') return bytes;
  for (const key in value) bytes += bytesOfValue((value as Record<string, unknown>)[key]);
  return bytes;
}
