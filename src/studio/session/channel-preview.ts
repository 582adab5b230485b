import { ColloquyError } from '../../errors.ts';
import { formatReply } from '../../format.ts';
import { toPosts } from '../../channels/slack/posts.ts';
import { toCalls } from '../../channels/telegram/calls.ts';
import { toMessages } from '../../channels/wechat/push.ts';
import { renderReplies } from '../../channels/wechat/render.ts';
import type { Reply } from '../../reply.ts';
import { toReply } from '../../reply-check.ts';
import type { StudioAnswers } from '../wire-requests.ts';
import { badRequest } from './acts.ts';

type Preview = StudioAnswers['preview'];

/** What each channel makes of a reply, without its envelope and its user. */
const CHANNELS: Readonly<Record<string, (reply: Reply) => Preview>> = {
  wechat: (reply) => inAnswer(reply, 'wechat'),
  wecom: (reply) => inAnswer(reply, 'wecom'),
  telegram: (reply) => partsOr(toCalls(reply)),
  slack: (reply) => partsOr(toPosts(reply)),
  terminal: (reply) => ({ parts: [formatReply(reply)] }),
};

/**
 * What a channel would make of a reply.
 * @throws UsageError `bad_request` for a channel that Studio does not know; StepError `bad_reply`
 */
export function previewOf(channel: string, reply: Reply): Preview {
  const preview = Object.hasOwn(CHANNELS, channel) ? CHANNELS[channel] : undefined;
  // What a page posts is of no shape yet.
  if (preview !== undefined) return preview(toReply(reply));
  const known = Object.keys(CHANNELS).join(', ');
  throw badRequest(
    `Studio shows replies as on ${known}; '${channel.slice(0, 40)}' is none of them.`,
  );
}

function partsOr(found: readonly unknown[] | string): Preview {
  return typeof found === 'string' ? { parts: [], unsent: found } : { parts: found };
}

/** The one message of an answer; where none can carry the reply, the messages that push it. */
function inAnswer(reply: Reply, channel: 'wechat' | 'wecom'): Preview {
  const envelope = { to: '', from: '', sentAt: 0, maxArticles: 1 };
  const { content, unsent } = renderReplies([reply], envelope, channel);
  const [left] = unsent;
  const reason = left === undefined ? {} : { unsent: left.reason };
  if (content !== undefined) {
    const { ToUserName: _to, FromUserName: _from, CreateTime: _at, ...own } = content;
    return { parts: [own], ...reason };
  }
  try {
    return { parts: toMessages(reply, channel), ...reason };
  } catch (error) {
    if (ColloquyError.is(error)) return { parts: [], ...reason };
    throw error;
  }
}
