import { formatReply } from '../../format.ts';
import { type Fields, fieldsOf } from '../../internal/fields.ts';
import type { Reply } from '../../reply.ts';
import type { ChannelLimits } from '../channel.ts';
import { visiblePartsOf } from '../text-parts.ts';

/** What programs keep to; iLink publishes no limit. */
export const TEXT_LIMIT: NonNullable<ChannelLimits['text']> = { max: 2000, unit: 'characters' };
export const KINDS: readonly Reply['type'][] = ['text', 'raw'];

/**
 * The items of the messages that say a reply, one for each message. In place of them, why there are none, in one word: `empty`,
 * `not_supported`, `needs_url`, `other_channel`, `bad_payload`.
 */
export function toItems(reply: Reply): readonly Fields[] | string {
  switch (reply.type) {
    case 'raw': {
      const item = fieldsOf(reply.payload);
      if (reply.channel !== 'ilink') return 'other_channel';
      return typeof item['type'] === 'number' ? [item] : 'bad_payload';
    }
    case 'handoff':
      return 'not_supported';
    case 'image':
    case 'voice':
    case 'video':
    case 'music':
      // A link: iLink takes a file only after it was encrypted and uploaded.
      return reply.url === undefined ? 'needs_url' : textItems(formatReply(reply));
    case 'text':
    case 'choices':
    case 'news':
      return textItems(formatReply(reply));
  }
}

function textItems(text: string): readonly Fields[] | string {
  const parts = visiblePartsOf(text, TEXT_LIMIT);
  return parts.length === 0
    ? 'empty'
    : parts.map((part) => ({ type: 1, text_item: { text: part } }));
}
