import { formatReply } from '../../format.ts';
import type { Article, ChoicesReply, ImageReply, Reply } from '../../reply.ts';
import type { ChannelLimits } from '../channel.ts';
import { type Fields, fieldsOf, listOf, nameOf } from '../../internal/fields.ts';
import { partsOf, visiblePartsOf, wellFormed } from '../text-parts.ts';
import { toLink, toMrkdwn } from './mrkdwn.ts';

/** The longest that Slack advises (https://docs.slack.dev/reference/methods/chat.postMessage). It cuts at 40,000. */
export const TEXT_LIMIT = { max: 4000, unit: 'utf16' } as const satisfies ChannelLimits['text'];
/** What a section takes (https://docs.slack.dev/reference/block-kit/blocks/section-block). */
const SECTION_LIMIT = { max: 3000, unit: 'utf16' } as const;
/** Begins the id of a block of choices; behind it stands which question they belong to. */
export const ASKING = 'asking:';
const MAX_LABEL = 75;
const MAX_VALUE = 2000;
const MAX_ALT = 2000;
const MAX_URL = 3000;
/** What an article shows of itself; all of it is behind its link. */
const MAX_TITLE = 500;
const MAX_DESCRIPTION = 1500;

export const KINDS: readonly Reply['type'][] = ['text', 'choices', 'image', 'news', 'raw'];

/**
 * The messages, for chat.postMessage, that say a reply, in their order: several where a text is long. In place of them, why there
 * are none, in one word: `empty`, `not_supported`, `needs_url`, `other_channel`, `bad_payload`.
 */
export function toPosts(reply: Reply): readonly Fields[] | string {
  switch (reply.type) {
    case 'text':
      return textPosts(reply.text);
    case 'choices':
      return choicesPosts(reply);
    case 'image':
      return imagePosts(reply);
    case 'news':
      return reply.articles.map((article) => ({ text: toText(article) }));
    case 'voice':
    case 'video':
    case 'music':
      // A link, of which Slack shows what is behind it.
      return reply.url === undefined ? 'needs_url' : textPosts(formatReply(reply));
    case 'raw':
      return reply.channel === 'slack' ? rawPosts(reply.payload) : 'other_channel';
    case 'handoff':
      return 'not_supported';
  }
}

function textPosts(text: string): readonly Fields[] | string {
  const parts = visiblePartsOf(text, TEXT_LIMIT);
  return parts.length === 0 ? 'empty' : parts.map((part) => ({ text: toMrkdwn(part) }));
}

/** Buttons under the last part of the text; a numbered list where a value is longer than a button can hold. */
function choicesPosts(reply: ChoicesReply): readonly Fields[] | string {
  const { options } = reply;
  if (options.some(({ value }) => value.length > MAX_VALUE)) return textPosts(formatReply(reply));
  const parts = visiblePartsOf(reply.text, SECTION_LIMIT);
  const buttons = {
    type: 'actions',
    block_id: `${ASKING}${reply.asking ?? ''}`,
    elements: options.map(({ value, label = value }, index) => ({
      type: 'button',
      action_id: `choice:${index}`,
      text: {
        type: 'plain_text',
        emoji: true,
        text: startOf(label.trim() === '' ? value : label, MAX_LABEL),
      },
      value: wellFormed(value),
    })),
  };
  const last = parts.at(-1);
  const section =
    last === undefined
      ? []
      : // Plain text is shown as it is, so that nothing in it has to be longer than it is.
        [{ type: 'section', text: { type: 'plain_text', emoji: false, text: last } }];
  return [
    ...parts.slice(0, -1).map((part) => ({ text: toMrkdwn(part) })),
    // The text is for notifications, where no button is.
    {
      text: toMrkdwn(last ?? formatReply(reply).slice(0, TEXT_LIMIT.max)),
      blocks: [...section, buttons],
    },
  ];
}

/** A text that may be cut, as headlines are. */
function startOf(text: string, max: number): string {
  const [part = '', ...others] = partsOf(wellFormed(text), { max: max - 1, unit: 'utf16' });
  return others.length === 0 ? part : `${part.trimEnd()}…`;
}

function imagePosts({ alt = '', url, mediaId }: ImageReply): readonly Fields[] | string {
  const about = startOf(alt, MAX_ALT) || 'image';
  if (mediaId === undefined && url !== undefined && url.length > MAX_URL) return textPosts(url);
  const source = mediaId === undefined ? { image_url: url } : { slack_file: { id: mediaId } };
  return [{ text: toMrkdwn(about), blocks: [{ type: 'image', alt_text: about, ...source }] }];
}

function toText({ title, description, url }: Article): string {
  const link = toLink(url, startOf(title.trim() === '' ? url : title, MAX_TITLE));
  if (description === undefined || description === '') return link;
  return `${link}\n${toMrkdwn(startOf(description, MAX_DESCRIPTION))}`;
}

/** Arguments of chat.postMessage without its place, which is ours. */
function rawPosts(payload: unknown): readonly Fields[] | string {
  const fields = fieldsOf(payload);
  const { channel, thread_ts: thread } = fields;
  const says = fields['text'] !== undefined || fields['blocks'] !== undefined;
  return says && channel === undefined && thread === undefined ? [fields] : 'bad_payload';
}

/** The block under a question to one person begins with their name. Ids of blocks hold 255 characters. */
const OWNER = 'for:';
const END = '|';

/** The post with the user whose buttons these are; unchanged where they are for all. */
export function postFor(user: string | undefined, post: Fields): Fields {
  if (user === undefined || post['blocks'] === undefined) return post;
  const blocks = listOf(post['blocks']).map((each) => {
    const block = fieldsOf(each);
    if (block['type'] !== 'actions') return each;
    return { ...block, block_id: OWNER + user + END + (nameOf(block['block_id']) ?? '') };
  });
  return { ...post, blocks };
}

/** Whether a button is for this person: in a thread everybody sees the buttons of everybody. */
export function isFor(user: string, action: Fields): boolean {
  const id = nameOf(action['block_id']);
  return id === undefined || !id.startsWith(OWNER) || id.startsWith(OWNER + user + END);
}

/** The id of a block as it was before `postFor`. */
export function withoutOwner(id: string): string {
  return id.startsWith(OWNER) ? id.slice(id.indexOf(END) + 1) : id;
}
